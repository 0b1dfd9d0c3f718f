"""Ship ids, given out in rolling order, so that an id never names two ships within ID_REST_TICKS."""

import numpy as np

from app.sim.rules import ID_REST_TICKS, MAX_ID


class RollingIds:
    def __init__(self, last: int = 0) -> None:
        """Continue after `last`, the id that was given out last."""
        self.last = last
        self._taken = np.zeros(MAX_ID + 1, dtype=np.bool_)
        self._left_at = np.full(MAX_ID + 1, -ID_REST_TICKS, dtype=np.int64)

    def take(self, tick: int) -> int | None:
        """Return the next free id after the last one, or None if every id is taken or rests at `tick`."""
        for distance in range(MAX_ID):
            candidate = (self.last + distance) % MAX_ID + 1
            if not self._taken[candidate] and tick - self._left_at[candidate] >= ID_REST_TICKS:
                self.last = candidate
                self._taken[candidate] = True
                return candidate
        return None

    def claim(self, ship: int) -> bool:
        """Take an id that another world gave out; return False if it is taken here."""
        if self._taken[ship]:
            return False
        self._taken[ship] = True
        return True

    def give_back(self, ship: int, tick: int) -> None:
        """Free an id; it rests for ID_REST_TICKS from `tick` on."""
        self._taken[ship] = False
        self._left_at[ship] = tick
