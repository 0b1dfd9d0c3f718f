"""A figure as SVG inside a page: its colours are the page's variables, its text stays text, and it loads nothing."""

import io
import re
from html import escape
from typing import Final

import matplotlib as mpl
from matplotlib.figure import Figure

from loadtest.report.palette import LIGHT

_NAMES: Final = {colour: name for name, colour in LIGHT.items()}
_COLOUR: Final = re.compile("|".join(map(re.escape, LIGHT.values())), re.IGNORECASE)
_IDS: Final = re.compile(r'(\bid="|url\(#|href="#)')
_FONT: Final = re.compile(r'font-family: [^;"]*')
_GROUP: Final = re.compile(r'<g id="[^"]*"')
_OPENING: Final = re.compile(r'<svg[^>]*?viewBox="([^"]*)"[^>]*>')
_METADATA: Final = dict.fromkeys(("Date", "Creator", "Format", "Type"))


def inline(figure: Figure, name: str, label: str) -> str:
    """Return `figure` for a page on which `name` is unique; `label` describes it in words."""
    text = io.StringIO()
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "flotilla"}):
        figure.savefig(text, format="svg", metadata=_METADATA, transparent=True)
    svg = text.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = _COLOUR.sub(lambda match: f"var(--{_NAMES[match[0].lower()]})", svg)
    svg = _IDS.sub(rf"\g<1>{name}-", _GROUP.sub("<g", svg))
    svg = _FONT.sub("font-family: var(--font)", svg).replace("xlink:href", "href")
    head = f'role="img" aria-label="{escape(label)}"'
    return _OPENING.sub(lambda match: f'<svg viewBox="{match[1]}" {head}>', svg, count=1)
