"""Random histories of a world, as the snapshots of its tick process: the raw material of the delta tests."""

from dataclasses import dataclass
from random import Random

import numpy as np
from hypothesis import strategies as st

from app.sim.world import Inputs, World
from app.tick import capture
from app.wire.records import EMPTY, Records
from app.wire.snapshot import Snapshot

EPOCH = 7


@dataclass(frozen=True)
class Moment:
    joins: int
    leaves: int
    steers: int
    steps: int
    published: bool  # False: the tick process skipped publishing


moments = st.builds(
    Moment,
    joins=st.sampled_from([0, 0, 0, 1, 2, 9]),
    leaves=st.sampled_from([0, 0, 0, 1, 3]),
    steers=st.sampled_from([0, 1, 2, 5, 40]),
    steps=st.sampled_from([1, 1, 1, 2, 3]),
    published=st.sampled_from([True, True, True, True, False]),
)


class LivingWorld:
    """A world of one arena to which moments happen."""

    def __init__(self, seed: int, *, ids_from: int = 0) -> None:
        """Start empty; with a high `ids_from` ids start again at 1 soon."""
        self._random = Random(seed)
        self.world = World(arena_capacity=0, random=self._random, max_ships=300)
        self.world._ids.last = ids_from

    def live(self, moment: Moment) -> Snapshot:
        """Let `moment` happen and return the snapshot after it."""
        world, random = self.world, self._random
        ids = world.id.tolist()
        world.release(random.sample(ids, min(moment.leaves, len(ids))))
        world.admit(moment.joins)
        self._steer(moment.steers)
        for _ in range(moment.steps):
            world.step()
        shots = capture.snapshots(world, epoch=EPOCH, steps=moment.steps, published=0.0)
        return shots[0] if shots else self._nobody(moment.steps)

    def records(self) -> Records:
        return capture.to_records(self.world)

    def _steer(self, count: int) -> None:
        ids = self.world.id.tolist()
        chosen = self._random.sample(ids, min(count, len(ids)))
        self.world.apply(
            Inputs(
                np.array(chosen, dtype=np.intp),
                np.array([self._random.randrange(256) for _ in chosen], dtype=np.uint8),
                np.array([self._random.random() < 0.5 for _ in chosen], dtype=np.bool_),
                np.array([self._random.randrange(256) for _ in chosen], dtype=np.uint8),
            )
        )

    def _nobody(self, steps: int) -> Snapshot:
        return Snapshot(0, EPOCH, self.world.tick, steps, 0.0, EMPTY)
