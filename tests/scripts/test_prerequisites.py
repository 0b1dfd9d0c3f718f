"""What a machine lacks is said in one sentence with the remedy, and nothing is changed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ("sh", "sed", "dirname", "basename", "id", "rm", "mktemp", "tail")  # what the scripts themselves run


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A folder to be the whole PATH, with the bare tools of a shell in it."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in TOOLS:
        (found,) = [p for p in (Path("/bin", tool), Path("/usr/bin", tool)) if p.exists()][:1]
        (folder / tool).symlink_to(found)
    return folder


def program(folder: Path, name: str, script: str) -> None:
    """Put a shell script called `name` on the PATH, instead of what was there."""
    target = folder / name
    target.unlink(missing_ok=True)
    target.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    target.chmod(0o755)


def run(path: Path, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(ROOT / script), *arguments]
    return subprocess.run(command, env={"PATH": str(path)}, capture_output=True, text=True, check=False)


def refusal(path: Path, script: str, *arguments: str) -> str:
    """The one line that the script fails with."""
    result = run(path, script, *arguments)
    assert (1, "") == (result.returncode, result.stdout)
    (line,) = result.stderr.splitlines()
    return line


def test_without_node_the_remedy_is_to_install_it(path: Path) -> None:
    """No node: one sentence."""
    assert "there is no node on the PATH: install Node 20." in refusal(path, "scripts/require-node")


def test_without_npm_the_remedy_is_to_install_it(path: Path) -> None:
    """Node alone, as some distributions package it: one sentence."""
    program(path, "node", "echo v22.1.0")

    assert "there is no npm on the PATH: install Node 20." in refusal(path, "scripts/require-node")


@pytest.mark.parametrize("version", ["v18.20.8", "v20.18.3", "v9.99.0"])
def test_an_old_node_is_refused_by_its_version(path: Path, version: str) -> None:
    """A node below what package.json asks for: one sentence that names it."""
    program(path, "npm", "")
    program(path, "node", f"echo {version}")

    assert f"the node on the PATH is {version}: install Node 20." in refusal(path, "scripts/require-node")


@pytest.mark.parametrize("version", ["v20.19.0", "v20.20.2", "v22.0.0", "v100.0.0-nightly"])
def test_a_recent_node_will_do(path: Path, version: str) -> None:
    """The oldest supported node and all newer ones pass without a word."""
    program(path, "npm", "")
    program(path, "node", f"echo {version}")

    result = run(path, "scripts/require-node")

    assert (0, "", "") == (result.returncode, result.stdout, result.stderr)


def test_without_a_recent_python_the_remedy_is_to_name_one(path: Path, tmp_path: Path) -> None:
    """No python, or only old ones: one sentence."""
    program(path, "python3", "exit 1")  # what an old one answers to the question for its version

    line = refusal(path, "scripts/virtualenv", str(tmp_path / "venv"))

    assert "needs Python 3.11 or newer, and found none" in line


def test_a_named_python_that_is_old_is_refused_and_the_environment_left_alone(path: Path, tmp_path: Path) -> None:
    """PYTHON=python2 costs one sentence, not the environment."""
    program(path, "python2", "exit 1")
    (tmp_path / "venv").mkdir()

    line = refusal(path, "scripts/virtualenv", str(tmp_path / "venv"), "python2")

    assert "and python2 is not one" in line
    assert (tmp_path / "venv").exists()


def test_a_python_without_venv_is_refused(path: Path, tmp_path: Path) -> None:
    """Debian's python without its venv package: one sentence that names the package, where we may not install it."""
    program(path, "id", "echo 1000")
    program(
        path,
        "python3",
        'case $2 in *ensurepip*) exit 1 ;; *) exec "$REAL" "$@" ;; esac'.replace("$REAL", sys.executable),
    )

    line = refusal(path, "scripts/virtualenv", str(tmp_path / "venv"))

    assert "Missing: python3-venv." in line


def test_an_environment_that_fits_is_left_alone(path: Path) -> None:
    """The interpreter that runs this test needs no new environment, named or not."""
    environment = Path(sys.prefix)
    before = (environment / "pyvenv.cfg").stat().st_mtime_ns

    for arguments in ([], [sys.executable]):
        result = run(path, "scripts/virtualenv", str(environment), *arguments)
        assert (0, "", "") == (result.returncode, result.stdout, result.stderr)

    assert before == (environment / "pyvenv.cfg").stat().st_mtime_ns


def test_a_missing_program_is_named_to_one_who_is_not_root(path: Path) -> None:
    """Without the right to install: one sentence with the command."""
    program(path, "id", "echo 1000")
    program(path, "present", "")

    line = refusal(path, ".ci/system-packages", "present", "chromium", "nginx-of-tests")

    assert "Missing: chromium nginx-of-tests." in line
    assert "sudo apt-get install chromium nginx-of-tests" in line
    assert os.linesep not in line


def test_root_gets_what_is_missing_installed(path: Path) -> None:
    """As root on Debian the program is there afterwards."""
    program(path, "id", "echo 0")
    program(path, "apt-get", f'case "$*" in *" install "*" chromium") /bin/ln -s sh {path}/chromium ;; esac')

    result = run(path, ".ci/system-packages", "chromium")

    assert (0, "Installing chromium.\n", "") == (result.returncode, result.stdout, result.stderr)
    assert (path / "chromium").exists()


def test_a_failed_installation_shows_why(path: Path) -> None:
    """What apt-get said comes first, then one sentence with the remedy."""
    program(path, "id", "echo 0")
    program(path, "apt-get", "echo E: no network >&2; exit 100")

    result = run(path, ".ci/system-packages", "chromium")

    assert 1 == result.returncode
    assert "E: no network" == result.stderr.splitlines()[0]
    assert "could not install chromium" in result.stderr.splitlines()[-1]


def test_nothing_is_installed_where_nothing_is_missing(path: Path) -> None:
    """A machine that has everything is not touched."""
    program(path, "apt-get", "echo called >&2; exit 1")
    program(path, "chromium", "")

    result = run(path, ".ci/system-packages", "chromium")

    assert (0, "", "") == (result.returncode, result.stdout, result.stderr)


@pytest.mark.parametrize("script", ["scripts/check-chart", "scripts/render-manifests"])
def test_without_helm_the_chart_is_not_touched(path: Path, script: str) -> None:
    """No helm: one sentence, and nothing is written."""
    assert refusal(path, script).startswith("There is no helm: ")


def test_without_the_rest_the_chart_is_not_checked(path: Path) -> None:
    """A program that is missing is named; part of a check would pass for the whole."""
    for name in ("helm", "helm-docs", "helm-values-schema-json", "kubeconform", "kube-score", "kubectl"):
        program(path, name, "exit 1")
    assert refusal(path, "scripts/check-chart").startswith("There is no go: ")
    program(path, "go", "exit 1")
    assert refusal(path, "scripts/check-chart").startswith("There is no helm-unittest: ")


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
def test_what_a_script_does_not_know_is_answered_with_its_usage(path: Path, command: list[str]) -> None:
    """One line, and nothing is built or written."""
    result = run(path, *command)

    assert (2, "") == (result.returncode, result.stdout)
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"Usage: {Path(command[0]).name} ")
