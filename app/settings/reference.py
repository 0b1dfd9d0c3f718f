"""The table of settings in docs/configuration.md is made here from `VARIABLES`, so that the two cannot drift apart."""

from collections.abc import Iterable
from typing import Final

from app.settings.environment import LOCAL, PRODUCTION, VARIABLES, Variable
from app.settings.markers import filled

BEGIN: Final = "<!-- settings: made by `flotilla configuration`, do not edit by hand -->"
END: Final = "<!-- end of settings -->"

HEADINGS: Final = ("Variable", "Value", "Default", "In production", "Meaning")


def table(variables: Iterable[Variable] = VARIABLES) -> str:
    """Markdown table, one row a variable, in the order of the source."""
    rows = [HEADINGS, ("---",) * len(HEADINGS), *map(_row, variables)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def updated(text: str) -> str:
    """The page with its table as it should be. Raises ValueError if the page has no markers."""
    return filled(text, BEGIN, END, table())


def _row(variable: Variable) -> tuple[str, ...]:
    local, production = variable.default_in(LOCAL), variable.default_in(PRODUCTION)
    return (
        f"`{variable.name}`",
        variable.kind.label,
        _default(variable, local),
        "" if production == local else _default(variable, production),
        variable.meaning,
    )


def _default(variable: Variable, text: str | None) -> str:
    if text is None:
        return "**required**"
    if variable.kind.secret and text:
        return "a development key"
    return f"`{text}`{f' {variable.unit}' if variable.unit else ''}" if text else "none"
