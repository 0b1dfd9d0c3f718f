"""When a player comes back, by docs/protocol.md. Pure."""

from random import Random
from typing import Final

FIRST_S: Final = 0.5
LONGEST_S: Final = 20.0
STAY_AWAY: Final = 4500  # from this close code on
TOO_BIG: Final = 1009
WORLD_FULL: Final = 4005
WORLD_FULL_TRY: Final = 3  # a full world is not asked again at once


class Reconnect:
    """The rule for one player."""

    def __init__(self, random: Random) -> None:
        """Begin without a failure."""
        self._random = random
        self._tries = 0
        self._hint_s: float | None = None

    def hinted(self, after_ms: int) -> None:
        """Note what GOODBYE said."""
        self._hint_s = after_ms / 1000

    def flying(self) -> None:
        """Note that all is well: the next loss is a first one."""
        self._tries = 0

    def delay_s(self, code: int) -> float | None:
        """Return how long to wait after a close, or a refused handshake (code 0); None: for ever."""
        if code == TOO_BIG or code >= STAY_AWAY:
            return None
        if self._hint_s is not None:
            hint_s, self._hint_s = self._hint_s, None
            return hint_s
        self._tries = max(self._tries + 1, WORLD_FULL_TRY if code == WORLD_FULL else 1)
        return self._random.uniform(0, min(LONGEST_S, FIRST_S * 2**self._tries))
