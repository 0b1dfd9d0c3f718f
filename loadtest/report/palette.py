"""The colours of charts and pages, with the same names for light and dark.

Charts use the light colours. Inside a page each becomes a CSS variable, so that one chart serves both themes.
"""

from typing import Final

LIGHT: Final = {
    "paper": "#fbfcfe",
    "ink": "#1b2440",
    "muted": "#5f6b87",
    "grid": "#e2e7f0",
    "p50": "#2c6fd1",
    "p95": "#8455c9",
    "p99": "#d9480f",
    "limit": "#b4232a",
    "crowd": "#8091b3",
    "good": "#1d7a4c",
    "doubt": "#8a5a00",
}
DARK: Final = {
    "paper": "#0a1020",
    "ink": "#e4eaff",
    "muted": "#98a5c6",
    "grid": "#222c48",
    "p50": "#74b0ff",
    "p95": "#c0a0ff",
    "p99": "#ff9159",
    "limit": "#ff7a7a",
    "crowd": "#7487b5",
    "good": "#6fe0a5",
    "doubt": "#ffcf70",
}


def variables(colours: dict[str, str]) -> str:
    """Return them as CSS declarations."""
    return " ".join(f"--{name}: {colour};" for name, colour in colours.items())
