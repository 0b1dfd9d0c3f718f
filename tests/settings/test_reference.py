"""app/settings/reference.py: the table in docs/configuration.md."""

from pathlib import Path

from app.commands.generated_section import replace_section
from app.settings.environment import VARIABLES
from app.settings.reference import BEGIN, END, table

PAGE = Path(__file__).parents[2] / "docs" / "configuration.md"


def test_page_is_up_to_date() -> None:
    """docs/configuration.md has the table of this code."""
    assert PAGE.read_text() == replace_section(PAGE.read_text(), BEGIN, END, table())


def test_every_variable_has_one_row() -> None:
    """The rows have the order of the declarations, and all cells."""
    rows = table().splitlines()[2:]
    assert [row.split("`")[1] for row in rows] == [variable.name for variable in VARIABLES]
    assert {row.count(" | ") for row in rows} == {4}


def test_secret_default_is_not_printed() -> None:
    """The table names the development key without its value, so that it is not copied."""
    assert "insecure" not in table()


def test_a_secret_without_a_default_has_none() -> None:
    """The URL of Redis is a secret, and its default is empty."""
    (row,) = [row for row in table().splitlines() if "`FLOTILLA_REDIS_URL`" in row]
    assert "| the URL of a Redis | none |" in row
