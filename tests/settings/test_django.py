"""app/settings/django.py as the command line and the WSGI server meet it: each test starts a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PRODUCTION = {
    "FLOTILLA_ENV": "production",
    "FLOTILLA_SECRET_KEY": "k9" * 10 + "Vq3-x_7Zt" * 6,
    "FLOTILLA_ALLOWED_HOSTS": "flotilla.example.org",
}


def python(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the project's interpreter with no settings but these."""
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
def test_command_line_refuses_in_one_sentence(variables: dict[str, str], named: str) -> None:
    """A configuration that cannot be used ends with exit code 2 and one sentence, without a traceback."""
    result = python("-m", "app", "check", **variables)
    assert result.returncode == 2
    assert result.stdout == ""
    (sentence,) = result.stderr.splitlines()
    assert sentence.startswith(named)
    assert sentence.endswith(".")


def test_wsgi_server_refuses_in_one_sentence() -> None:
    """A server like gunicorn gets the sentence and the exit code on which it does not try again."""
    result = python("-c", "import app.processes.wsgi", FLOTILLA_ENV="production")
    assert result.returncode == 4
    (sentence,) = result.stderr.splitlines()
    assert sentence.startswith("FLOTILLA_SECRET_KEY is required")


def test_production_passes_the_deployment_check() -> None:
    """Django's own list of what a public site needs has nothing to warn of, and nothing is silenced."""
    result = python("-W", "error", "-m", "app", "check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert result.returncode == 0, result.stderr
    assert "WARNINGS" not in result.stderr
    assert "(0 silenced)" in result.stdout + result.stderr


def test_local_mode_does_not_pass_the_deployment_check() -> None:
    """The development key is known as such to Django."""
    result = python("-m", "app", "check", "--deploy", "--fail-level", "WARNING")
    assert result.returncode == 1
    assert "security.W009" in result.stderr


def test_misspelt_variable_is_a_warning_of_the_check() -> None:
    """A name that is no setting does not keep the site from starting, but the check tells of it."""
    result = python("-m", "app", "check", FLOTILLA_MAX_SHIP="5")
    assert result.returncode == 0
    assert "Did you mean FLOTILLA_MAX_SHIPS?" in result.stderr


def test_settings_do_not_choose_a_reactor() -> None:
    """Setting Django up leaves the choice of Twisted's reactor to the server."""
    code = "import django, sys; django.setup(); sys.exit('twisted.internet.reactor' in sys.modules)"
    assert python("-c", code, DJANGO_SETTINGS_MODULE="app.settings.django").returncode == 0


def test_configuration_page_check_fails_on_drift(tmp_path: Path) -> None:
    """`configuration --check` passes for the page of this tree and exits with 1 and the remedy for a changed one."""
    page = ROOT / "docs" / "configuration.md"
    assert python("-m", "app", "configuration", "--check", str(page)).returncode == 0
    stale = tmp_path / "configuration.md"
    stale.write_text(page.read_text().replace("`20000`", "`20001`"))
    result = python("-m", "app", "configuration", "--check", str(stale))
    assert result.returncode == 1
    assert f"run `flotilla configuration --write {stale}`" in result.stderr
    assert python("-m", "app", "configuration", "--write", str(stale)).returncode == 0
    assert stale.read_text() == page.read_text()
