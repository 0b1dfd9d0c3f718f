"""The reports of the compiled generator as moments, steps and a final report. Pure.

The generator reports each step as a whole. It does not report single players, their arrivals, or events between steps,
so those fields stay empty.
"""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from loadtest.load import messages
from loadtest.load.result_builder import summed
from loadtest.measure.latencies import Latencies
from loadtest.measure.result import Moment, Step
from loadtest.measure.step import Load, Spread
from loadtest.players.door import REFUSED
from loadtest.players.people import TICK_S
from loadtest.players.player import GONE

BUCKET_S: Final = 1e-4  # of the generator's histograms
INPUT_BYTES: Final = 10  # an INPUT on the wire

Buckets = list[tuple[int, int]]


class StepReport(Load, frozen=True, tag_field="event", tag="step"):
    """A step with its distributions."""

    gap_buckets: Buckets
    lag_buckets: Buckets


class SecondReport(msgspec.Struct, frozen=True, tag_field="event", tag="second"):
    """A second of a step."""

    clients: int
    frames: int
    cpu: float
    gap: Spread
    lag: Spread
    gap_buckets: Buckets
    lag_buckets: Buckets


class MeasuredStep(msgspec.Struct, frozen=True):
    """A step, its times in seconds since the run began, and the server's figures."""

    report: StepReport
    from_s: float
    to_s: float
    tick_p99_ms: float | None = None
    seconds: list[Moment] = []

    @property
    def refused(self) -> int:
        return self.report.failures + sum(self.report.refusals.values())

    @property
    def missing(self) -> int:
        """Players that are not connected for no known reason: the generator had no time for them."""
        known = self.report.clients + self.refused + sum(self.report.closes.values())
        return max(0, self.report.target - known)


def gaps_of(reports: Iterable[StepReport | SecondReport], *, corrected: bool = True) -> Latencies:
    """Return the gaps; each counts as the end of its bucket, the longest as it was."""
    found = Latencies()
    for report in reports:
        seconds = _seconds(report.gap_buckets, report.gap.max_ms / 1000)
        if corrected:
            found.add_all_paced(seconds, TICK_S)
        else:
            found.add_all(seconds)
    return found


def lag_of(reports: Iterable[StepReport | SecondReport]) -> Latencies:
    """Return how late inputs were sent."""
    found = Latencies()
    for report in reports:
        found.add_all(_seconds(report.lag_buckets, report.lag.max_ms / 1000))
    return found


def moment(report: SecondReport, wanted: int, t_s: float, tick_p99_ms: float | None, connections: int | None) -> Moment:
    """Return a second as a moment of the series; failures are known for whole steps only."""
    return Moment(
        t_s=t_s,
        wanted=wanted,
        open=report.clients,
        frames=report.frames,
        gap=gaps_of([report]).spread(),
        lag_p99_ms=lag_of([report]).quantile_ms(0.99),
        cpu=report.cpu,
        server_tick_p99_ms=tick_p99_ms,
        server_connections=connections,
    )


def step(measured: MeasuredStep) -> Step:
    gap, lag = gaps_of([measured.report]).spread(), lag_of([measured.report]).quantile_ms(0.99)
    return Step(measured.from_s, measured.to_s, measured.report.clients, gap, measured.tick_p99_ms, lag)


def final(steps: Sequence[MeasuredStep], protocol: str) -> messages.Final:
    """Return all steps as the report of one process."""
    reports = [one.report for one in steps]
    histograms = {"gap": gaps_of(reports), "gap_uncorrected": gaps_of(reports, corrected=False), "lag": lag_of(reports)}
    held_s = sum(report.held_s for report in reports)
    refused = sum(one.refused for one in steps)
    return messages.Final(
        seconds=steps[-1].to_s,
        joins=max(report.target for report in reports),
        joins_failed=refused + sum(one.missing for one in steps),
        histograms={name: found.encode() for name, found in histograms.items()},
        bytes_received=sum(report.bytes for report in reports),
        bytes_sent=sum(report.inputs for report in reports) * INPUT_BYTES if protocol != "json" else 0,
        closes=summed({str(int(code) or GONE): count} for one in reports for code, count in one.closes.items()),
        refusals=summed(report.refusals for report in reports),
        errors={REFUSED: refused},
        cpu=sum(report.cpu * report.held_s for report in reports) / held_s if held_s else 0.0,
        cpu_max=max(report.cpu for report in reports),
        dropped=sum(one.missing for one in steps),
    )


def _seconds(buckets: Buckets, longest: float) -> NDArray[np.float64]:
    if not buckets:
        return np.zeros(0)
    places, counts = np.array(buckets, dtype=np.int64).T
    ends = np.minimum((places + 1) * BUCKET_S, longest)
    ends[-1] = longest  # the last bucket may have no end
    return np.repeat(ends, counts)
