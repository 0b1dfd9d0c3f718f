"""Scripts report missing programs in one sentence with the remedy, and change nothing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ("sh", "sed", "dirname", "basename", "id", "rm", "mktemp", "tail")  # programs that the scripts run


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a folder that serves as PATH and contains only basic tools."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in TOOLS:
        (found,) = [p for p in (Path("/bin", tool), Path("/usr/bin", tool)) if p.exists()][:1]
        (folder / tool).symlink_to(found)
    return folder


def program(folder: Path, name: str, script: str) -> None:
    """Write the shell script `name` into the folder, replacing an existing program."""
    target = folder / name
    target.unlink(missing_ok=True)
    target.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    target.chmod(0o755)


def run(path: Path, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(ROOT / script), *arguments]
    return subprocess.run(command, env={"PATH": str(path)}, capture_output=True, text=True, check=False)


def refusal(path: Path, script: str, *arguments: str) -> str:
    """Return the single line of the error message. Fails unless the script exits with 1."""
    result = run(path, script, *arguments)
    assert (1, "") == (result.returncode, result.stdout)
    (line,) = result.stderr.splitlines()
    return line


def test_without_node_the_remedy_is_to_install_it(path: Path) -> None:
    """The message is one sentence."""
    assert "PATH has no node: install Node 20." in refusal(path, "scripts/require-node")


def test_without_npm_the_remedy_is_to_install_it(path: Path) -> None:
    """Some distributions package node without npm."""
    program(path, "node", "echo v22.1.0")

    assert "PATH has no npm: install Node 20." in refusal(path, "scripts/require-node")


@pytest.mark.parametrize("version", ["v18.20.8", "v20.18.3", "v9.99.0"])
def test_an_old_node_is_refused_by_its_version(path: Path, version: str) -> None:
    """The message names the version in PATH."""
    program(path, "npm", "")
    program(path, "node", f"echo {version}")

    assert f"the node in PATH is {version}: install Node 20." in refusal(path, "scripts/require-node")


@pytest.mark.parametrize("version", ["v20.19.0", "v20.20.2", "v22.0.0", "v100.0.0-nightly"])
def test_a_recent_node_is_accepted(path: Path, version: str) -> None:
    """The oldest supported version and newer ones pass without output."""
    program(path, "npm", "")
    program(path, "node", f"echo {version}")

    result = run(path, "scripts/require-node")

    assert (0, "", "") == (result.returncode, result.stdout, result.stderr)


def test_without_a_recent_python_the_remedy_is_to_install_one(path: Path, tmp_path: Path) -> None:
    """PATH has only an old Python."""
    program(path, "python3", "exit 1")  # an old Python fails the version check

    line = refusal(path, "scripts/virtualenv", str(tmp_path / "venv"))

    assert "needs Python 3.11 or newer, but PATH has none" in line


def test_a_named_python_that_is_old_is_refused_and_the_environment_left_alone(path: Path, tmp_path: Path) -> None:
    """PYTHON=python2 does not delete the environment."""
    program(path, "python2", "exit 1")
    (tmp_path / "venv").mkdir()

    line = refusal(path, "scripts/virtualenv", str(tmp_path / "venv"), "python2")

    assert "but python2 is not" in line
    assert (tmp_path / "venv").exists()


def test_a_python_without_venv_is_refused(path: Path, tmp_path: Path) -> None:
    """On Debian without root, the message names the package python3-venv."""
    program(path, "id", "echo 1000")
    program(
        path,
        "python3",
        'case $2 in *ensurepip*) exit 1 ;; *) exec "$REAL" "$@" ;; esac'.replace("$REAL", sys.executable),
    )

    line = refusal(path, "scripts/virtualenv", str(tmp_path / "venv"))

    assert "Missing programs: python3-venv." in line


def test_a_matching_environment_is_not_changed(path: Path) -> None:
    """The environment of this test matches, with and without PYTHON."""
    environment = Path(sys.prefix)
    before = (environment / "pyvenv.cfg").stat().st_mtime_ns

    for arguments in ([], [sys.executable]):
        result = run(path, "scripts/virtualenv", str(environment), *arguments)
        assert (0, "", "") == (result.returncode, result.stdout, result.stderr)

    assert before == (environment / "pyvenv.cfg").stat().st_mtime_ns


def test_a_missing_program_is_reported_without_root(path: Path) -> None:
    """The message contains the command for the installation."""
    program(path, "id", "echo 1000")
    program(path, "present", "")

    line = refusal(path, ".ci/system-packages", "present", "chromium", "nginx-of-tests")

    assert "Missing programs: chromium nginx-of-tests." in line
    assert "sudo apt-get install chromium nginx-of-tests" in line
    assert os.linesep not in line


def test_missing_programs_are_installed_as_root(path: Path) -> None:
    """On Debian, apt-get installs them."""
    program(path, "id", "echo 0")
    program(path, "apt-get", f'case "$*" in *" install "*" chromium") /bin/ln -s sh {path}/chromium ;; esac')

    result = run(path, ".ci/system-packages", "chromium")

    assert (0, "Installing chromium.\n", "") == (result.returncode, result.stdout, result.stderr)
    assert (path / "chromium").exists()


def test_a_failed_installation_shows_the_reason(path: Path) -> None:
    """The output of apt-get comes first, then one sentence with the remedy."""
    program(path, "id", "echo 0")
    program(path, "apt-get", "echo E: no network >&2; exit 100")

    result = run(path, ".ci/system-packages", "chromium")

    assert 1 == result.returncode
    assert "E: no network" == result.stderr.splitlines()[0]
    assert "could not install chromium" in result.stderr.splitlines()[-1]


def test_nothing_is_installed_if_nothing_is_missing(path: Path) -> None:
    """apt-get is not called."""
    program(path, "apt-get", "echo called >&2; exit 1")
    program(path, "chromium", "")

    result = run(path, ".ci/system-packages", "chromium")

    assert (0, "", "") == (result.returncode, result.stdout, result.stderr)


@pytest.mark.parametrize("script", ["scripts/check-chart", "scripts/render-manifests"])
def test_without_helm_the_remedy_is_to_install_it(path: Path, script: str) -> None:
    """The message is one sentence."""
    assert refusal(path, script).startswith("helm is missing: install ")


def test_the_chart_is_not_checked_without_all_programs(path: Path) -> None:
    """Each missing program is reported, so that a partial check never passes."""
    for name in ("helm", "helm-docs", "helm-values-schema-json", "kubeconform", "kube-score", "kubectl"):
        program(path, name, "exit 1")
    assert refusal(path, "scripts/check-chart").startswith("go is missing: install ")
    program(path, "go", "exit 1")
    assert refusal(path, "scripts/check-chart").startswith("helm-unittest is missing: install ")


@pytest.mark.parametrize(
    "command",
    [
        ["scripts/build-image"],
        ["scripts/build-image", "--help"],
        ["scripts/build-image", "-", "sbom"],
        ["scripts/check-chart", "--help"],
        ["scripts/check-chart", "--write", "more"],
        ["scripts/render-manifests", "--help"],
    ],
)
def test_a_script_prints_its_usage_for_unknown_arguments(path: Path, command: list[str]) -> None:
    """It prints one line and exits with 2."""
    result = run(path, *command)

    assert (2, "") == (result.returncode, result.stdout)
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"Usage: {Path(command[0]).name} ")
