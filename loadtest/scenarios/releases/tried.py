"""Something that works or not, as a check whose figure is what was said."""

from collections.abc import Callable

from websockets.exceptions import WebSocketException

from loadtest.judge.checks import Check
from loadtest.processes.process import SiteError


def tried(what: str, act: Callable[[], object]) -> Check:
    """Do it; return that it worked, or with which words it did not."""
    try:
        act()
    except (SiteError, OSError, WebSocketException) as error:
        return Check(what, holds=False, figure=f"{type(error).__name__}: {error}")
    return Check(what, holds=True, figure="yes")
