"""app/settings/secret_files.py: secrets in files."""

from pathlib import Path

import pytest

from app.settings.checks import unknown_variables
from app.settings.configuration_error import ConfigurationError
from app.settings.environment import SECRET_FILES, VARIABLES, Environment
from app.settings.secret_files import MAX_BYTES, secret_text

KEY, REDIS = (variable for variable in VARIABLES if variable.value_type.secret)


def test_only_secrets_may_be_in_files() -> None:
    """Other settings stay visible in the environment."""
    assert {"FLOTILLA_SECRET_KEY_FILE", "FLOTILLA_REDIS_URL_FILE"} == set(SECRET_FILES)


def test_the_file_replaces_the_variable(tmp_path: Path) -> None:
    """Its content is the value, without the line feed that editors add."""
    (tmp_path / "key").write_text("hunter2\n", encoding="utf-8")
    environ = {"FLOTILLA_SECRET_KEY": " ", "FLOTILLA_SECRET_KEY_FILE": str(tmp_path / "key")}
    assert "hunter2" == Environment.load(environ).secret_key


def test_an_empty_name_of_a_file_counts_as_not_set() -> None:
    """The value then comes from the variable without `_FILE`."""
    assert "hunter2" == secret_text(KEY, {"FLOTILLA_SECRET_KEY": "hunter2", "FLOTILLA_SECRET_KEY_FILE": " "})


def test_variable_and_file_together_are_refused(tmp_path: Path) -> None:
    """Neither has precedence."""
    environ = {"FLOTILLA_SECRET_KEY": "hunter2", "FLOTILLA_SECRET_KEY_FILE": str(tmp_path / "key")}
    with pytest.raises(ConfigurationError, match=r"are both set: keep one of them\.$"):
        secret_text(KEY, environ)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "cannot be read: No such file or directory"),
        (b"\xff\xfe", "cannot be read: it is not text"),
        (b" \n", "is empty"),
        (b"x" * (MAX_BYTES + 1), "is too long"),
    ],
)
def test_a_file_without_a_secret_is_one_line(tmp_path: Path, content: bytes | None, reason: str) -> None:
    """The line has the variable and the file, and nothing of its content."""
    path = tmp_path / "key"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigurationError) as caught:
        secret_text(REDIS, {"FLOTILLA_REDIS_URL_FILE": str(path)})
    assert f"FLOTILLA_REDIS_URL_FILE names {str(path)!r}, which {reason}." == str(caught.value)


def test_the_names_of_files_are_known_settings() -> None:
    """`flotilla check` warns only of other names."""
    environ = dict.fromkeys(SECRET_FILES, "x") | {"FLOTILLA_MAX_SHIPS_FILE": "x"}
    (warning,) = unknown_variables(environ)
    assert "FLOTILLA_MAX_SHIPS_FILE" in warning.msg
