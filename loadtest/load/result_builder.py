"""Builds a result from the reports of all processes: moments and steps during the test, the rest at its end. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import app
from loadtest.load import messages
from loadtest.load.order import Order
from loadtest.measure.latencies import Latencies, Spread
from loadtest.measure.result import SCHEMA, Generator, Moment, Result, Server, Step


@dataclass(frozen=True, slots=True)
class Circumstances:
    """The facts about a run beside the figures of its players."""

    generator: str  # python or native
    started_at: str
    interrupted: bool
    machine: dict[str, str]
    server: Server | None


class Series:
    """Merges the moments of several processes into the series and the steps of one test."""

    def __init__(self, order: Order) -> None:
        self.moments: list[Moment] = []
        self._order = order
        self._steps = [_OpenStep(begin, end) for begin, end in order.schedule.profile.stretches()]

    @property
    def steps(self) -> list[Step]:
        """The steps that have a moment."""
        return [step.closed() for step in self._steps if step.moments]

    def add(self, reports: Sequence[messages.Moment], tick_p99_ms: float | None, connections: int | None) -> Moment:
        """Merge the reports of the same moment, add the server's figures, and return the moment."""
        index = reports[0].index
        t_s = min(self._order.seconds, (index + 1) * self._order.moment_s)
        middle = (index * self._order.moment_s + t_s) / 2
        gaps = merged(one.gaps for one in reports)
        lag = merged(one.lag for one in reports)
        moment = Moment(
            t_s=t_s,
            wanted=self._order.schedule.profile.wanted(t_s),
            open=sum(one.open for one in reports),
            frames=sum(one.frames for one in reports),
            gap=gaps.spread(),
            failures=sum(one.failures for one in reports),
            closes=sum(one.closes for one in reports),
            reconnects=sum(one.reconnects for one in reports),
            lag_p99_ms=lag.quantile_ms(0.99),
            cpu=sum(one.cpu for one in reports),
            server_tick_p99_ms=tick_p99_ms,
            server_connections=connections,
        )
        self.moments.append(moment)
        for step in self._steps:
            if step.begin <= middle < step.end:
                step.add(moment, gaps, lag)
        return moment


def build(
    order: Order,
    finals: Sequence[messages.Final],
    series: list[Moment],
    steps: list[Step],
    about: Circumstances,
) -> Result:
    """Return the result of all processes."""
    names = dict.fromkeys(name for final in finals for name in final.histograms)
    whole = {name: merged(final.histograms[name] for final in finals) for name in names}
    players = sorted((player for final in finals for player in final.players), key=lambda player: player.number)
    if players:
        whole["freeze"] = Latencies()
        whole["freeze"].add_all([one.freeze_ms / 1000 for one in players if one.first_frame_ms is not None])
    spreads = {name: found.spread() for name, found in whole.items()}
    return Result(
        schema=SCHEMA,
        version=app.__version__,
        started_at=about.started_at,
        seconds=max(final.seconds for final in finals),
        interrupted=about.interrupted,
        plan=order.plan(about.generator),
        machine=about.machine,
        players=players,
        joins=sum(final.joins for final in finals),
        joins_failed=sum(final.joins_failed for final in finals),
        handshake=spreads.get("handshake", Spread()),
        first_frame=spreads.get("first_frame", Spread()),
        gap=spreads["gap"],
        gap_uncorrected=spreads["gap_uncorrected"],
        freeze=spreads.get("freeze", Spread()),
        input_to_visible=_if_any(spreads.get("input_to_visible")),
        frame_age=_if_any(spreads.get("frame_age")),
        histograms={name: found.encode() for name, found in whole.items()},
        bytes_received=sum(final.bytes_received for final in finals),
        bytes_sent=sum(final.bytes_sent for final in finals),
        closes=summed(final.closes for final in finals),
        refusals=summed(final.refusals for final in finals),
        errors=summed(final.errors for final in finals),
        decode_errors=sum(final.decode_errors for final in finals),
        reconnects=sum(player.reconnects for player in players),
        reconnects_max=max((player.reconnects for player in players), default=0),
        generator=_generator(finals, spreads),
        series=series,
        steps=steps,
        server=about.server,
    )


def _generator(finals: Sequence[messages.Final], spreads: Mapping[str, Spread]) -> Generator:
    return Generator(
        processes=len(finals),
        lag=spreads["lag"],
        cpu=sum(final.cpu for final in finals),
        cpu_max=max(final.cpu_max for final in finals),
        arrivals_late=spreads.get("arrivals_late", Spread()),
        arrivals_dropped=sum(final.dropped for final in finals),
    )


def merged(texts: Iterable[str]) -> Latencies:
    """Return one histogram of all."""
    found = Latencies()
    for text in texts:
        found.merge(Latencies.decode(text))
    return found


def summed(counts: Iterable[dict[str, int]]) -> dict[str, int]:
    """Return the sums by key, without zeros, in the order of the keys."""
    total = sum((Counter(one) for one in counts), Counter[str]())
    return dict(sorted(total.items()))


class _OpenStep:
    """A step whose moments are still being added."""

    def __init__(self, begin: float, end: float) -> None:
        self.begin = begin
        self.end = end
        self.moments: list[Moment] = []
        self._gaps = Latencies()
        self._lag = Latencies()

    def add(self, moment: Moment, gaps: Latencies, lag: Latencies) -> None:
        self.moments.append(moment)
        self._gaps.merge(gaps)
        self._lag.merge(lag)

    def closed(self) -> Step:
        """Return the step with the worst p99 of the server's ticks that was scraped during it."""
        ticks = [moment.server_tick_p99_ms for moment in self.moments if moment.server_tick_p99_ms is not None]
        return Step(
            from_s=self.begin,
            to_s=self.end,
            players=self.moments[-1].open,
            gap=self._gaps.spread(),
            server_tick_p99_ms=max(ticks, default=None),
            lag_p99_ms=self._lag.quantile_ms(0.99),
        )


def _if_any(found: Spread | None) -> Spread | None:
    return found if found is not None and found.count else None
