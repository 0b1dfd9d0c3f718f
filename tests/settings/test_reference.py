"""app/settings/reference.py: the page of settings is the table of settings."""

from pathlib import Path

import pytest

from app.settings.environment import VARIABLES
from app.settings.reference import BEGIN, END, table, updated

PAGE = Path(__file__).parents[2] / "docs" / "configuration.md"


def test_page_is_up_to_date() -> None:
    """docs/configuration.md says what the code reads."""
    assert PAGE.read_text() == updated(PAGE.read_text())


def test_every_variable_has_one_row() -> None:
    """The table has a row for each variable, in the order of the source, with all its cells."""
    rows = table().splitlines()[2:]
    assert [row.split("`")[1] for row in rows] == [variable.name for variable in VARIABLES]
    assert {row.count(" | ") for row in rows} == {4}


def test_text_around_the_table_is_kept() -> None:
    """Only what stands between the markers is replaced."""
    assert updated(f"before\n{BEGIN}\nstale\n{END}\nafter\n") == f"before\n{BEGIN}\n{table()}\n{END}\nafter\n"


@pytest.mark.parametrize("text", ["", BEGIN, f"{END}\n{BEGIN}"])
def test_page_without_markers_is_an_error(text: str) -> None:
    """A page that has no place for the table cannot pass for one that is up to date."""
    with pytest.raises(ValueError, match="no place for the table"):
        updated(text)


def test_secret_default_is_not_printed() -> None:
    """The development key is named, not shown, so that nobody copies it."""
    assert "insecure" not in table()


def test_a_secret_without_a_default_has_none() -> None:
    """Redis may carry a password, but there is no Redis unless it is named."""
    (row,) = [row for row in table().splitlines() if "`FLOTILLA_REDIS_URL`" in row]
    assert "| the URL of a Redis | none |" in row
