"""A model of people's controls: turns in strokes with rests between them, thrust in bursts.

The durations are the ones of a pointer: a hand moves for a fraction of a second, then rests.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Final

TICK_S: Final = 0.05
REST_S: Final = 1.2  # mean pause between two strokes of the pointer
STROKE_S: Final = (0.15, 0.7)  # how long a stroke lasts
BURST_S: Final = (0.2, 1.5)  # how long thrust is held
COAST_S: Final = (0.4, 3.0)  # how long it is not
TURN: Final = 256  # headings of a full turn


@dataclass(frozen=True, slots=True)
class Controls:
    """Heading, 0 to 255, and thrust."""

    heading: int
    thrusting: bool


class Person:
    """One person; every call of `controls` is one tick later."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._headings = self._pointer()
        self._thrusts = self._button()

    def controls(self) -> Controls:
        return Controls(next(self._headings), next(self._thrusts))

    def _pointer(self) -> Iterator[int]:
        heading = self._random.uniform(0, TURN)
        while True:
            for _ in range(_ticks(self._random.expovariate(1 / REST_S))):
                yield int(heading) % TURN
            target = heading + self._random.gauss(0, TURN / 5)
            ticks = _ticks(self._random.uniform(*STROKE_S))
            start = heading
            for i in range(1, ticks + 1):
                part = i / ticks
                heading = start + (target - start) * part * part * (3 - 2 * part)  # eases in and out, as a hand does
                yield int(heading) % TURN

    def _button(self) -> Iterator[bool]:
        while True:
            for held, span in ((False, COAST_S), (True, BURST_S)):
                for _ in range(_ticks(self._random.uniform(*span))):
                    yield held


def _ticks(seconds: float) -> int:
    return max(1, round(seconds / TICK_S))
