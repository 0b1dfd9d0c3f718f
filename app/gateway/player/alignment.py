"""When to send a batch: so that it arrives shortly before the next tick, which the arriving frames show. No I/O.

A batch that is sent at any time makes the tick of an input depend on chance. One batch for each tick is also half as
many as one each half tick.
"""

from typing import Final

from app.wire.outputs import TICK_RATE

TICK_S: Final = 1 / TICK_RATE
LEAD_S: Final = 0.008  # seconds before the tick: for the way through the channel layer, on a process that is busy
MAX_AGE_S: Final = 0.025  # a frame that seems older shows clocks that differ, or a stall, and not the time of its tick
FORGET_S: Final = 3 * TICK_S  # without a frame; after that, the time of the next tick is unknown
FREE_S: Final = TICK_S / 2  # between two batches while the time of the next tick is unknown


class Alignment:
    def __init__(self) -> None:
        self._tick_at = float("-inf")  # when the newest tick was, by the clock of this process

    def frame(self, now: float, age: float) -> None:
        """Note a frame that arrives now and was published `age` seconds ago; both in seconds."""
        self._tick_at = now - min(max(age, 0.0), MAX_AGE_S)

    def wait(self, now: float) -> float:
        """Return the seconds until the next batch is due, more than 0 and at most one tick and a half."""
        since = now - self._tick_at
        if since > FORGET_S:
            return FREE_S
        wait = TICK_S - (since + LEAD_S) % TICK_S
        return wait if wait > LEAD_S / 2 else wait + TICK_S  # the batch of this tick was sent a moment ago
