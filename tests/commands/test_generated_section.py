"""app/commands/generated_section.py: the generated part of a documentation page."""

import pytest

from app.commands.generated_section import replace_section

BEGIN, END = "<!-- begin -->", "<!-- end -->"


def test_text_around_the_section_is_kept() -> None:
    """Only the text between the markers is replaced."""
    page = f"before\n{BEGIN}\nstale\n{END}\nafter\n"
    assert f"before\n{BEGIN}\ntable\n{END}\nafter\n" == replace_section(page, BEGIN, END, "table")


@pytest.mark.parametrize("page", ["", BEGIN, f"{END}\n{BEGIN}"])
def test_a_page_without_markers_is_an_error(page: str) -> None:
    """Otherwise a page without the table would count as up to date."""
    with pytest.raises(ValueError, match="no place for the table"):
        replace_section(page, BEGIN, END, "table")
