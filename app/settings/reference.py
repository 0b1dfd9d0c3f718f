"""The table of settings for docs/configuration.md, generated from their declarations."""

from collections.abc import Iterable
from typing import Final

from app.settings.environment import VARIABLES
from app.settings.variable import LOCAL, PRODUCTION, Variable

BEGIN: Final = "<!-- settings: made by `flotilla configuration`, do not edit by hand -->"
END: Final = "<!-- end of settings -->"

HEADINGS: Final = ("Variable", "Value", "Default", "In production", "Meaning")


def table(variables: Iterable[Variable] = VARIABLES) -> str:
    """Return a Markdown table with one row per variable, in the order of the declarations."""
    rows = [HEADINGS, ("---",) * len(HEADINGS), *map(_row, variables)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _row(variable: Variable) -> tuple[str, ...]:
    local, production = variable.default_in(LOCAL), variable.default_in(PRODUCTION)
    return (
        f"`{variable.name}`",
        variable.value_type.label,
        _default(variable, local),
        "" if production == local else _default(variable, production),
        variable.meaning,
    )


def _default(variable: Variable, text: str | None) -> str:
    if text is None:
        return "**required**"
    if variable.value_type.secret and text:
        return "a development key"
    return f"`{text}`{f' {variable.unit}' if variable.unit else ''}" if text else "none"
