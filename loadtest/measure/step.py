"""One measured step, and the rules by which it held; pure.

The generator is part of the measurement: a step in which it was late or busy proves nothing about the server.
"""

from typing import Final

import msgspec

MAX_GAP_MS: Final = 60.0  # p99 between two frames of one client: the tick of 50 ms and 10 ms of tolerance
MAX_LOST: Final = 0.01  # share of the frames that were due
MAX_LAG_MS: Final = 5.0  # p99 by which the generator may be late with its inputs
MAX_GENERATOR_CPU: Final = 0.9  # share of its core
FULL_CORE: Final = 0.95  # share of its core that a server used: other programs did not slow it down
MAX_FOREIGN_CPU: Final = 0.15  # cores that other programs may use before a failed step is repeated


class Spread(msgspec.Struct, frozen=True):
    """A distribution in milliseconds."""

    p50_ms: float
    p99_ms: float
    max_ms: float


class Load(msgspec.Struct, frozen=True):
    """A report of the generator (loadtest/load/generator/generator.c defines each field)."""

    target: int
    clients: int
    held_s: float
    frames: int
    frames_expected: float
    bytes: int
    gap: Spread
    tick_lateness: Spread
    lag: Spread
    cpu: float
    inputs: int
    closes: dict[str, int]
    refusals: dict[str, int]
    failures: int


class Step(msgspec.Struct, frozen=True):
    """The generator's report, and what the server and the machine used meanwhile."""

    load: Load
    server_cpu: float  # share of a core
    server_rss_kib: int  # growth since before the first client
    foreign_cpu: float  # cores that other programs used

    @property
    def held(self) -> bool:
        """Whether every client was served in time."""
        return not self.complaints

    @property
    def complaints(self) -> list[str]:
        """Why it did not hold; empty if it held."""
        load = self.load
        lost = 1 - load.frames / load.frames_expected if load.frames_expected else 1.0
        found = {
            f"p99 gap {load.gap.p99_ms:.1f} ms": load.gap.p99_ms > MAX_GAP_MS or not load.frames,
            f"{lost:.1%} of the frames lost": lost > MAX_LOST,
            f"{load.target - load.clients} clients missing": load.clients < load.target,
            f"closed by {load.closes}": bool(load.closes),
        }
        return [complaint for complaint, true in found.items() if true]

    @property
    def generator_limited(self) -> bool:
        """Whether the generator was the bottleneck, or may have been."""
        return self.load.lag.p99_ms > MAX_LAG_MS or self.load.cpu > MAX_GENERATOR_CPU

    @property
    def disturbed(self) -> bool:
        """Whether other programs used so much that a failure proves little; False if the server had its whole core."""
        return self.foreign_cpu > MAX_FOREIGN_CPU and self.server_cpu < FULL_CORE

    @property
    def bytes_per_player_second(self) -> float:
        """Bytes that one player receives in a second."""
        return self.load.bytes / self.load.held_s / max(1, self.load.clients)

    @property
    def kib_per_connection(self) -> float:
        """Growth of the server's memory for each connection."""
        return self.server_rss_kib / max(1, self.load.clients)
