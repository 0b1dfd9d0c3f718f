"""An action that succeeds or fails, as a check whose figure is the error."""

from collections.abc import Callable

from websockets.exceptions import WebSocketException

from loadtest.judge.checks import Check
from loadtest.players.door import Door
from loadtest.processes.process import SiteError
from loadtest.scenarios import visitor


def flights(door: Door, how: str = "") -> list[Check]:
    """Return the checks that a player of each protocol flies; `how` ends their sentences."""
    return [
        attempt(f"a tutorial player flies{how}", lambda: visitor.fly_as_in_the_tutorial(door)),
        attempt(f"a flotilla.v1 player flies{how}", lambda: visitor.fly_v1(door)),
    ]


def attempt(what: str, act: Callable[[], object]) -> Check:
    """Return a check that holds if `act` raises no error of the site."""
    try:
        act()
    except (SiteError, OSError, WebSocketException) as error:
        return Check(what, holds=False, figure=f"{type(error).__name__}: {error}")
    return Check(what, holds=True, figure="yes")
