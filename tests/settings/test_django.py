"""app/settings/django.py in the command line and in WSGI servers; each test starts a process."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CHART = ROOT / "helm" / "flotilla"
GENERATED = [
    ROOT / "docs" / "configuration.md",
    CHART / "config.schema.json",
    CHART / "templates" / "_settings.tpl",
]
PRODUCTION = {
    "FLOTILLA_ENV": "production",
    "FLOTILLA_SECRET_KEY": "k9" * 10 + "Vq3-x_7Zt" * 6,
    "FLOTILLA_ALLOWED_HOSTS": "flotilla.example.org",
}


def python(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the project's interpreter with only these settings."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("FLOTILLA_", "DJANGO_"))}
    environ = inherited | {"PYTHONPATH": str(ROOT)} | variables
    command = [sys.executable, *arguments]
    return subprocess.run(command, env=environ, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        (PRODUCTION | {"FLOTILLA_SECRET_KEY": ""}, "FLOTILLA_SECRET_KEY"),
        (PRODUCTION | {"FLOTILLA_ALLOWED_HOSTS": ""}, "FLOTILLA_ALLOWED_HOSTS"),
        (PRODUCTION | {"FLOTILLA_ALLOWED_HOSTS": "*"}, "FLOTILLA_ALLOWED_HOSTS"),
        (PRODUCTION | {"FLOTILLA_DEBUG": "true"}, "FLOTILLA_DEBUG"),
        ({"FLOTILLA_ENV": "staging"}, "FLOTILLA_ENV"),
        ({"FLOTILLA_MAX_SHIPS": "-1"}, "FLOTILLA_MAX_SHIPS"),
    ],
)
def test_the_command_line_prints_a_fault_in_one_line(variables: dict[str, str], named: str) -> None:
    """A wrong setting ends the command with exit code 2, without a traceback."""
    result = python("-m", "app", "check", **variables)
    assert result.returncode == 2
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith(named)
    assert line.endswith(".")


def test_a_role_prints_all_faults_at_once() -> None:
    """An operator corrects three wrong variables after one start, not after three."""
    wrong = {"FLOTILLA_BIND": "nowhere", "FLOTILLA_MAX_SHIPS": "-1", "FLOTILLA_LOG_FORMAT": "xml"}
    result = python("-m", "app", "run", **wrong)
    assert (2, "") == (result.returncode, result.stdout)
    lines = result.stderr.splitlines()
    assert list(wrong) == [line.split()[0] for line in lines]
    assert all(line.endswith(".") and ": " in line for line in lines)


def test_a_wsgi_server_prints_all_faults_at_once() -> None:
    """A server like gunicorn gets the lines, and the exit code at which it does not restart."""
    result = python("-c", "import app.processes.wsgi", FLOTILLA_ENV="production")
    assert result.returncode == 4
    key, hosts = result.stderr.splitlines()
    assert key.startswith("FLOTILLA_SECRET_KEY is required")
    assert hosts.startswith("FLOTILLA_ALLOWED_HOSTS is required")


def test_production_passes_the_deployment_check() -> None:
    """Django's deployment check gives no warning, and none is silenced."""
    result = python("-W", "error", "-m", "app", "check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert result.returncode == 0, result.stderr
    assert "WARNINGS" not in result.stderr
    assert "(0 silenced)" in result.stdout + result.stderr


def test_local_mode_does_not_pass_the_deployment_check() -> None:
    """Django recognises the development key by its prefix."""
    result = python("-m", "app", "check", "--deploy", "--fail-level", "WARNING")
    assert result.returncode == 1
    assert "security.W009" in result.stderr


def test_misspelt_variable_is_a_warning_of_the_check() -> None:
    """An unknown name does not keep the site from starting, but the check reports it."""
    result = python("-m", "app", "check", FLOTILLA_MAX_SHIP="5")
    assert result.returncode == 0
    assert "Did you mean FLOTILLA_MAX_SHIPS?" in result.stderr


def test_settings_do_not_choose_a_reactor() -> None:
    """Setting Django up installs no Twisted reactor, so that the server can."""
    code = "import django, sys; django.setup(); sys.exit('twisted.internet.reactor' in sys.modules)"
    assert python("-c", code, DJANGO_SETTINGS_MODULE="app.settings.django").returncode == 0


def test_the_check_of_generated_files_passes_for_this_tree() -> None:
    """These are the files of `make check-docs`."""
    result = python("-m", "app", "configuration", "--check", *map(str, GENERATED))
    assert (0, "") == (result.returncode, result.stderr)


def test_the_check_of_generated_files_fails_on_drift(tmp_path: Path) -> None:
    """It exits with 1 and the command that updates the stale files, and that command restores them."""
    copies = [tmp_path / file.name for file in GENERATED]
    for file, copy in zip(GENERATED, copies, strict=True):
        copy.write_text(
            file.read_text().replace("20000", "20001").replace("32767", "32768").replace("_MAX_SHIPS", "_X")
        )
    names = [str(copy) for copy in copies]
    result = python("-m", "app", "configuration", "--check", *names)
    assert result.returncode == 1
    assert f"run `flotilla configuration --write {' '.join(names)}`" in result.stderr
    assert python("-m", "app", "configuration", "--write", *names).returncode == 0
    assert [file.read_text() for file in GENERATED] == [copy.read_text() for copy in copies]


def test_another_file_is_not_generated() -> None:
    """A wrong name on the command line never overwrites a file."""
    result = python("-m", "app", "configuration", "--write", str(ROOT / "pyproject.toml"))
    assert result.returncode == 1
    assert "this command generates no such file" in result.stderr
