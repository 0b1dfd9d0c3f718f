"""app/settings/secret_files.py: secrets that lie in files."""

from pathlib import Path

import pytest

from app.settings.checks import unknown_variables
from app.settings.environment import ConfigurationError
from app.settings.secret_files import MAX_BYTES, NAMES, with_secrets


def test_every_secret_may_lie_in_a_file() -> None:
    """And nothing else may: a file hides a setting from who reads the environment."""
    assert {"FLOTILLA_SECRET_KEY_FILE", "FLOTILLA_REDIS_URL_FILE"} == set(NAMES)


def test_the_file_stands_in_for_the_variable(tmp_path: Path) -> None:
    """Its content counts, without the line feed that editors leave."""
    (tmp_path / "key").write_text("hunter2\n", encoding="utf-8")
    environ = {"PATH": "/bin", "FLOTILLA_SECRET_KEY": " ", "FLOTILLA_SECRET_KEY_FILE": str(tmp_path / "key")}
    assert "hunter2" == with_secrets(environ)["FLOTILLA_SECRET_KEY"]
    assert "/bin" == with_secrets(environ)["PATH"]


def test_an_environment_without_files_stays_as_it_is() -> None:
    """An empty name counts as not set."""
    environ = {"FLOTILLA_SECRET_KEY": "hunter2", "FLOTILLA_SECRET_KEY_FILE": ""}
    assert environ == with_secrets(environ)


def test_both_at_once_are_refused(tmp_path: Path) -> None:
    """Which one counts would be a guess."""
    environ = {"FLOTILLA_SECRET_KEY": "hunter2", "FLOTILLA_SECRET_KEY_FILE": str(tmp_path / "key")}
    with pytest.raises(ConfigurationError, match=r"are both set: keep one of them\.$"):
        with_secrets(environ)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "cannot be read: No such file or directory"),
        (b"\xff\xfe", "cannot be read: it is not text"),
        (b" \n", "is empty"),
        (b"x" * (MAX_BYTES + 1), "is too long"),
    ],
)
def test_a_file_that_holds_no_secret_is_refused_in_a_sentence(
    tmp_path: Path, content: bytes | None, reason: str
) -> None:
    """The sentence names the variable and the file, and nothing of what is in it."""
    path = tmp_path / "key"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigurationError) as caught:
        with_secrets({"FLOTILLA_REDIS_URL_FILE": str(path)})
    assert f"FLOTILLA_REDIS_URL_FILE names {str(path)!r}, which {reason}." == str(caught.value)


def test_the_names_of_files_are_not_misspelt_settings() -> None:
    """`flotilla check` warns of others only."""
    environ = dict.fromkeys(NAMES, "x") | {"FLOTILLA_MAX_SHIPS_FILE": "x"}
    (warning,) = unknown_variables(environ)
    assert "FLOTILLA_MAX_SHIPS_FILE" in warning.msg
