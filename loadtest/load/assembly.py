"""Puts what all processes told together: moments and steps while the test runs, the whole result at its end. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import app
from loadtest.load import crew_messages
from loadtest.load.order import Order
from loadtest.measure.latencies import Latencies, Spread
from loadtest.measure.result import SCHEMA, Generator, Moment, Result, Server, Step
from loadtest.measure.totals import WHOLE


class Assembly:
    """One test's tellings."""

    def __init__(self, order: Order) -> None:
        """Start before the first moment."""
        self._order = order
        self._series: list[Moment] = []
        self._steps = [_Stretch(begin, end) for begin, end in order.schedule.profile.stretches()]

    def take(self, told: Sequence[crew_messages.Moment], tick_p99_ms: float | None, connections: int | None) -> Moment:
        """Take in the same moment of all processes, and what the server says; return it as one."""
        t_s = min(self._order.seconds, (told[0].index + 1) * self._order.moment_s)
        middle = told[0].index * self._order.moment_s / 2 + t_s / 2
        gaps = _merged(one.gaps for one in told)
        lag = _merged(one.lag for one in told)
        moment = Moment(
            t_s=t_s,
            wanted=self._order.schedule.profile.wanted(t_s),
            open=sum(one.open for one in told),
            frames=sum(one.frames for one in told),
            gap=gaps.spread(),
            failures=sum(one.failures for one in told),
            closes=sum(one.closes for one in told),
            reconnects=sum(one.reconnects for one in told),
            lag_p99_ms=lag.quantile_ms(0.99),
            cpu=sum(one.cpu for one in told),
            server_tick_p99_ms=tick_p99_ms,
            server_connections=connections,
        )
        self._series.append(moment)
        for stretch in self._steps:
            if stretch.begin <= middle < stretch.end:
                stretch.take(moment, gaps, lag)
        return moment

    def result(
        self,
        finals: Sequence[crew_messages.Final],
        *,
        started_at: str,
        interrupted: bool,
        machine: dict[str, str],
        server: Server | None,
    ) -> Result:
        """Return everything."""
        whole = {name: _merged(final.histograms[name] for final in finals) for name in WHOLE}
        players = sorted((player for final in finals for player in final.players), key=lambda player: player.number)
        freeze = Latencies()
        freeze.add_all([player.freeze_ms / 1000 for player in players if player.first_frame_ms is not None])
        seconds = max(final.seconds for final in finals)
        return Result(
            schema=SCHEMA,
            version=app.__version__,
            started_at=started_at,
            seconds=seconds,
            interrupted=interrupted,
            plan=self._order.plan("python"),
            machine=machine,
            players=players,
            joins=sum(final.joins for final in finals),
            joins_failed=sum(final.joins_failed for final in finals),
            handshake=whole["handshake"].spread(),
            first_frame=whole["first_frame"].spread(),
            gap=whole["gap"].spread(),
            gap_uncorrected=whole["gap_uncorrected"].spread(),
            freeze=freeze.spread(),
            input_to_visible=_if_any(whole["input_to_visible"]),
            frame_age=_if_any(whole["frame_age"]),
            histograms={name: found.encode() for name, found in {**whole, "freeze": freeze}.items()},
            bytes_received=sum(player.bytes for player in players),
            bytes_sent=sum(final.bytes_sent for final in finals),
            closes=_counts(finals, lambda final: final.closes),
            refusals=_counts(finals, lambda final: final.refusals),
            errors=_counts(finals, lambda final: final.errors),
            decode_errors=sum(final.decode_errors for final in finals),
            reconnects=sum(player.reconnects for player in players),
            reconnects_max=max((player.reconnects for player in players), default=0),
            generator=_generator(finals, whole, seconds),
            series=self._series,
            steps=[stretch.step() for stretch in self._steps if stretch.seen],
            server=server,
        )


class _Stretch:
    """A step that comes together."""

    def __init__(self, begin: float, end: float) -> None:
        self.begin = begin
        self.end = end
        self.seen: list[Moment] = []
        self._gaps = Latencies()
        self._lag = Latencies()

    def take(self, moment: Moment, gaps: Latencies, lag: Latencies) -> None:
        self.seen.append(moment)
        self._gaps.merge(gaps)
        self._lag.merge(lag)

    def step(self) -> Step:
        """Return it; of the server's ticks it has the worst p99 that was read meanwhile."""
        ticks = [moment.server_tick_p99_ms for moment in self.seen if moment.server_tick_p99_ms is not None]
        return Step(
            from_s=self.begin,
            to_s=self.end,
            players=self.seen[-1].open,
            gap=self._gaps.spread(),
            server_tick_p99_ms=max(ticks, default=None),
            lag_p99_ms=self._lag.quantile_ms(0.99),
        )


def _generator(finals: Sequence[crew_messages.Final], whole: dict[str, Latencies], seconds: float) -> Generator:
    return Generator(
        processes=len(finals),
        lag=whole["lag"].spread(),
        cpu=sum(final.cpu_s for final in finals) / seconds if seconds else 0.0,
        cpu_max=max(final.cpu_max for final in finals),
        arrivals_late=whole["arrivals_late"].spread(),
        arrivals_dropped=sum(final.dropped for final in finals),
    )


def _merged(texts: Iterable[str]) -> Latencies:
    found = Latencies()
    for text in texts:
        found.merge(Latencies.decode(text))
    return found


def _if_any(found: Latencies) -> Spread | None:
    return found.spread() if found.count else None


def _counts(
    finals: Sequence[crew_messages.Final], of: Callable[[crew_messages.Final], Mapping[Any, int]]
) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for final in finals:
        counts.update({str(key): count for key, count in of(final).items()})
    return dict(sorted(counts.items()))
