"""An observation of a crowd that felt nothing, for tests of what is made of it."""

from typing import Any

import msgspec

from loadtest.measure.observation import Jumps, Observation, Spread

CALM = Observation(
    seconds=10.0,
    players=100,
    live=100,
    freeze=Spread(0.05, 0.06, 0.07),
    resumed=Spread(),
    gap_p99_ms=52.0,
    frames=20_000,
    closes={},
    refusals={},
    reconnects=0,
    reconnects_max=0,
    closed_twice_by=0,
    epochs=[],
    older_epochs=0,
    ticks_back=0,
    misfits=0,
    ships_lost=0,
    ships_shared=0,
    stayed_away=0,
    paused=0,
    ships_missing=0,
    jumps=Jumps(),
    lag_p99_ms=3.0,
)


def observation(**changes: Any) -> Observation:
    """The calm one with some changes."""
    return msgspec.structs.replace(CALM, **changes)
