"""app/settings/checks.py: warnings that do not keep Flotilla from starting."""

from pathlib import Path

from django.test import override_settings

from app.settings.checks import missing_collection, unknown_variables


def test_misspelt_variable_is_a_warning_with_the_nearest_name() -> None:
    """The hint has the nearest known name."""
    (warning,) = unknown_variables({"FLOTILLA_MAX_SHIP": "1"})
    assert warning.id == "flotilla.W001"
    assert "FLOTILLA_MAX_SHIP " in warning.msg
    assert warning.hint == "Did you mean FLOTILLA_MAX_SHIPS?"


def test_known_variables_are_not_mentioned() -> None:
    """A correct environment gives no warning."""
    assert unknown_variables({"FLOTILLA_MAX_SHIPS": "1", "HOME": "/"}) == []


def test_missing_collection_is_reported(tmp_path: Path) -> None:
    """The message has the folder in which the files were expected."""
    with override_settings(STATIC_ROOT=tmp_path):
        (info,) = missing_collection()
        assert str(tmp_path) in info.msg
        (tmp_path / "staticfiles.json").touch()
        assert missing_collection() == []
