"""When a player reconnects, by docs/protocol.md. Pure."""

from random import Random
from typing import Final

FIRST_S: Final = 0.5
LONGEST_S: Final = 20.0
STAY_AWAY: Final = 4500  # from this close code on, players do not reconnect
TOO_BIG: Final = 1009
WORLD_FULL: Final = 4005
WORLD_FULL_TRY: Final = 3  # a full world is tried again as after this many failures


class Reconnect:
    def __init__(self, random: Random) -> None:
        self._random = random
        self._tries = 0
        self._hint_s: float | None = None

    def hinted(self, after_ms: int) -> None:
        """Use the delay of a GOODBYE for the next attempt."""
        self._hint_s = after_ms / 1000

    def flying(self) -> None:
        """Forget past failures."""
        self._tries = 0

    def delay_s(self, code: int) -> float | None:
        """Return the delay after a close, or a failed handshake (code 0); None: never reconnect."""
        if code == TOO_BIG or code >= STAY_AWAY:
            return None
        if self._hint_s is not None:
            hint_s, self._hint_s = self._hint_s, None
            return hint_s
        self._tries = max(self._tries + 1, WORLD_FULL_TRY if code == WORLD_FULL else 1)
        return self._random.uniform(0, min(LONGEST_S, FIRST_S * 2**self._tries))
