"""An action that succeeds or fails, as a check whose figure is the error."""

from collections.abc import Callable

from websockets.exceptions import WebSocketException

from loadtest.judge.checks import Check
from loadtest.processes.process import SiteError


def attempt(what: str, act: Callable[[], object]) -> Check:
    """Return a check that holds if `act` raises no error of the site."""
    try:
        act()
    except (SiteError, OSError, WebSocketException) as error:
        return Check(what, holds=False, figure=f"{type(error).__name__}: {error}")
    return Check(what, holds=True, figure="yes")
