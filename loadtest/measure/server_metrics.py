"""The metrics of all processes of a server over a run: counters by their growth, gauges by their sum. Pure.

A counter that fell belongs to a process that restarted, and has grown by its present value.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from loadtest.measure import buckets
from loadtest.measure.buckets import Buckets
from loadtest.measure.metrics_page import Samples, by_label
from loadtest.measure.result import Server
from loadtest.measure.slope import relative_per_hour

WINDOW: Final = 100  # ticks that a p99 needs
MEMORY: Final = "process_resident_memory_bytes"
CPU: Final = "process_cpu_seconds_total"
CONNECTIONS: Final = "flotilla_connections"

_GROWING: Final = (buckets.TICK, "flotilla_tick_overruns_total", "flotilla_ticks_slipped_total", CPU)
_LABELLED: Final = ("flotilla_closes_total", "flotilla_refusals_total")


class ServerMetrics:
    """Collects scraped pages."""

    def __init__(self) -> None:
        self._last: dict[int, Samples] = {}
        self._grown: Counter[str] = Counter()
        self._recent: list[Buckets] = []
        self._memory: list[tuple[float, float]] = []
        self._scrapes = self._failed = 0
        self.connections: int | None = None

    def take(self, second: float, pages: Sequence[Samples]) -> None:
        """Add the pages of all processes at a second of the run; an empty page is a failed scrape."""
        self._scrapes += len(pages)
        self._failed += sum(not page for page in pages)
        grown: Counter[str] = Counter()
        for process, page in enumerate(pages):
            if page:
                grown.update(self._growth(process, page))
        self._grown.update(grown)
        self._add_ticks(grown)
        if all(pages):
            self._memory.append((second, sum(page.get(MEMORY, 0.0) for page in pages)))
        if any(CONNECTIONS in page for page in pages):
            self.connections = round(sum(page.get(CONNECTIONS, 0.0) for page in pages))

    @property
    def tick_p99_ms(self) -> float | None:
        """Of the last hundred ticks or more; None before the first tick."""
        recent: Counter[float] = Counter()
        for one in self._recent:
            recent.update(one)
        return buckets.quantile(recent, 0.99) * 1000 if buckets.total(recent) else None

    def server(self) -> Server:
        ticks = buckets.buckets(dict(self._grown))
        moments, sizes = [moment for moment, _ in self._memory], [size for _, size in self._memory]
        seconds = moments[-1] - moments[0] if moments else 0.0
        return Server(
            scrapes=self._scrapes,
            scrapes_failed=self._failed,
            tick=buckets.spread(ticks) if buckets.total(ticks) else None,
            tick_overruns=self._count("flotilla_tick_overruns_total"),
            ticks_slipped=self._count("flotilla_ticks_slipped_total"),
            memory_begin_bytes=round(sizes[0]) if sizes and sizes[0] else None,
            memory_end_bytes=round(sizes[-1]) if sizes and sizes[-1] else None,
            memory_slope_per_hour=relative_per_hour(moments, sizes),
            cpu=self._grown[CPU] / seconds if CPU in self._grown and seconds > 0 else None,
            closes=self._labelled("flotilla_closes_total"),
            refusals=self._labelled("flotilla_refusals_total"),
        )

    def _growth(self, process: int, page: Samples) -> Samples:
        before = self._last.get(process)
        self._last[process] = {name: value for name, value in page.items() if name.startswith((*_GROWING, *_LABELLED))}
        if before is None:
            return dict.fromkeys(self._last[process], 0.0)
        return {
            name: value - before.get(name, 0.0) if value >= before.get(name, 0.0) else value
            for name, value in self._last[process].items()
        }

    def _add_ticks(self, grown: Counter[str]) -> None:
        self._recent.append(buckets.buckets(dict(grown)))
        while len(self._recent) > 1 and sum(map(buckets.total, self._recent[1:])) >= WINDOW:
            self._recent.pop(0)

    def _count(self, name: str) -> int | None:
        return round(self._grown[name]) if name in self._grown else None

    def _labelled(self, name: str) -> dict[str, int]:
        return {label: round(count) for label, count in by_label(dict(self._grown), name).items() if count}
