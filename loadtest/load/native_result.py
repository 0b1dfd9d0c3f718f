"""Steps of the compiled generator as a result; what it does not know of stays empty. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

import app
from loadtest.load.order import Order
from loadtest.measure.latencies import Latencies, Spread
from loadtest.measure.result import SCHEMA, Generator, Moment, Result, Server, Step
from loadtest.measure.step import Load
from loadtest.measure.step import Spread as Figures
from loadtest.players.door import REFUSED
from loadtest.players.people import TICK_S
from loadtest.players.player import GONE

BUCKET_S: Final = 1e-4  # of the generator's histograms
INPUT_BYTES: Final = 10  # an INPUT on the wire

Buckets = list[tuple[int, int]]


class Told(Load, frozen=True, tag_field="event", tag="step"):
    """A step as the generator reports it, with its distributions."""

    gap_buckets: Buckets
    lag_buckets: Buckets


class Second(msgspec.Struct, frozen=True, tag_field="event", tag="second"):
    """A second of a step as the generator reports it."""

    clients: int
    frames: int
    cpu: float
    gap: Figures
    lag: Figures
    gap_buckets: Buckets
    lag_buckets: Buckets


class Held(msgspec.Struct, frozen=True):
    """A step, when it was held, and what the server said."""

    told: Told
    from_s: float
    to_s: float
    tick_p99_ms: float | None = None
    seconds: list[Moment] = []

    @property
    def failures(self) -> int:
        """How many did not come in."""
        return self.told.failures + sum(self.told.refusals.values())

    @property
    def missing(self) -> int:
        """How many are not there, and nobody knows why: there was no time for them."""
        there = self.told.clients + self.failures + sum(self.told.closes.values())
        return max(0, self.told.target - there)


def gaps_of(told: Iterable[Told | Second], *, corrected: bool = True) -> Latencies:
    """Return the gaps; each is taken to be as long as its bucket's end, or as the longest one was."""
    found = Latencies()
    for one in told:
        seconds = _seconds(one.gap_buckets, one.gap.max_ms / 1000)
        if corrected:
            found.add_all_paced(seconds, TICK_S)
        else:
            found.add_all(seconds)
    return found


def lag_of(told: Iterable[Told | Second]) -> Latencies:
    """Return how late inputs were sent."""
    found = Latencies()
    for one in told:
        found.add_all(_seconds(one.lag_buckets, one.lag.max_ms / 1000))
    return found


def moment(second: Second, wanted: int, t_s: float, tick_p99_ms: float | None, connections: int | None) -> Moment:
    """Return a second as a moment of the series; who failed and when is known of steps only."""
    return Moment(
        t_s=t_s,
        wanted=wanted,
        open=second.clients,
        frames=second.frames,
        gap=gaps_of([second]).spread(),
        lag_p99_ms=lag_of([second]).quantile_ms(0.99),
        cpu=second.cpu,
        server_tick_p99_ms=tick_p99_ms,
        server_connections=connections,
    )


def result(
    order: Order,
    held: Sequence[Held],
    *,
    started_at: str,
    interrupted: bool,
    machine: dict[str, str],
    server: Server | None,
) -> Result:
    """Return everything."""
    told = [one.told for one in held]
    gap, uncorrected, lag = gaps_of(told), gaps_of(told, corrected=False), lag_of(told)
    failed = sum(one.failures + one.missing for one in held)
    errors = {REFUSED: sum(one.failures for one in held)}
    return Result(
        schema=SCHEMA,
        version=app.__version__,
        started_at=started_at,
        seconds=held[-1].to_s,
        interrupted=interrupted,
        plan=order.plan("native"),
        machine=machine,
        players=[],
        joins=max(one.told.target for one in held),
        joins_failed=failed,
        handshake=Spread(),
        first_frame=Spread(),
        gap=gap.spread(),
        gap_uncorrected=uncorrected.spread(),
        freeze=Spread(),
        input_to_visible=None,
        frame_age=None,
        histograms={"gap": gap.encode(), "gap_uncorrected": uncorrected.encode(), "lag": lag.encode()},
        bytes_received=sum(one.told.bytes for one in held),
        bytes_sent=sum(one.told.inputs for one in held) * INPUT_BYTES if order.protocol != "json" else 0,
        closes=_counts({str(int(code) or GONE): count} for one in held for code, count in one.told.closes.items()),
        refusals=_counts(one.told.refusals for one in held),
        errors={kind: count for kind, count in errors.items() if count},
        decode_errors=0,
        reconnects=0,
        reconnects_max=0,
        generator=_generator(held, lag),
        series=[second for one in held for second in one.seconds],
        steps=[_step(one) for one in held],
        server=server,
    )


def _generator(held: Sequence[Held], lag: Latencies) -> Generator:
    held_s = sum(one.told.held_s for one in held)
    return Generator(
        processes=1,
        lag=lag.spread(),
        cpu=sum(one.told.cpu * one.told.held_s for one in held) / held_s if held_s else 0.0,
        cpu_max=max(one.told.cpu for one in held),
        arrivals_late=Spread(),
        arrivals_dropped=sum(one.missing for one in held),
    )


def _step(held: Held) -> Step:
    gap, lag = gaps_of([held.told]).spread(), lag_of([held.told]).quantile_ms(0.99)
    return Step(held.from_s, held.to_s, held.told.clients, gap, held.tick_p99_ms, lag)


def _seconds(buckets: Buckets, longest: float) -> NDArray[np.float64]:
    if not buckets:
        return np.zeros(0)
    places, counts = np.array(buckets, dtype=np.int64).T
    ends = np.minimum((places + 1) * BUCKET_S, longest)
    ends[-1] = longest  # also where the last bucket is the one without an end
    return np.repeat(ends, counts)


def _counts(some: Iterable[dict[str, int]]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for one in some:
        counts.update(one)
    return dict(sorted(counts.items()))
