import pytest

from loadtest.measure.metrics_page import Samples
from loadtest.measure.server_metrics import ServerMetrics


def page(ticks: int, *, slow: int = 0, memory: float = 100.0, cpu: float = 0.0, **extra: float) -> Samples:
    """A process with so many ticks of up to 10 ms, and so many slow ones of up to 100 ms."""
    name = "flotilla_tick_duration_seconds_bucket"
    return {
        f'{name}{{le="0.01"}}': float(ticks),
        f'{name}{{le="0.05"}}': float(ticks),
        f'{name}{{le="0.1"}}': float(ticks + slow),
        f'{name}{{le="+Inf"}}': float(ticks + slow),
        "flotilla_tick_overruns_total": float(slow),
        "process_resident_memory_bytes": memory,
        "process_cpu_seconds_total": cpu,
        **extra,
    }


CLOSES = 'flotilla_closes_total{code="1012"}'


def test_only_what_grew_during_the_run_counts() -> None:
    """Slow ticks before the run do not count."""
    metrics = ServerMetrics()
    metrics.take(0.0, [page(1000, slow=500, cpu=50.0)])
    metrics.take(10.0, [page(1200, slow=500, cpu=54.0)])
    server = metrics.server()
    assert server.tick is not None
    assert (200, 0) == (server.tick.count, server.tick_overruns)
    assert server.tick.p99_ms <= 10
    assert 0.4 == pytest.approx(server.cpu)


def test_a_process_that_restarted_goes_on_counting() -> None:
    """Its counters fell; their present values came since."""
    metrics = ServerMetrics()
    metrics.take(0.0, [page(1000, **{CLOSES: 7.0})])
    metrics.take(5.0, [page(1100, **{CLOSES: 9.0})])
    metrics.take(10.0, [page(40, **{CLOSES: 1.0})])
    server = metrics.server()
    assert server.tick is not None
    assert (140, {"1012": 3}) == (server.tick.count, server.closes)


def test_processes_are_one_server() -> None:
    """Memory and connections are summed; a label that comes later counts from nothing."""
    metrics = ServerMetrics()
    metrics.take(0.0, [page(0, memory=100.0), {"process_resident_memory_bytes": 50.0, "flotilla_connections": 3.0}])
    metrics.take(5.0, [page(100, memory=120.0, **{CLOSES: 2.0}), {"process_resident_memory_bytes": 60.0}])
    server = metrics.server()
    assert (150, 180, {"1012": 2}) == (server.memory_begin_bytes, server.memory_end_bytes, server.closes)
    assert 3 == metrics.connections


def test_a_failed_scrape_is_counted_and_nothing_is_guessed() -> None:
    """The memory of the other processes alone is not the server's."""
    metrics = ServerMetrics()
    metrics.take(0.0, [page(0), page(0)])
    metrics.take(5.0, [page(100, memory=500.0), {}])
    server = metrics.server()
    assert (4, 1, 200) == (server.scrapes, server.scrapes_failed, server.memory_end_bytes)


def test_the_present_p99_is_that_of_the_last_hundred_ticks() -> None:
    """Older slow ticks are in the figure of the run only."""
    metrics = ServerMetrics()
    metrics.take(0.0, [page(0)])
    assert metrics.tick_p99_ms is None
    metrics.take(5.0, [page(0, slow=100)])
    assert metrics.tick_p99_ms is not None
    assert metrics.tick_p99_ms > 50
    metrics.take(10.0, [page(100, slow=100)])
    assert metrics.tick_p99_ms <= 10


def test_a_server_without_tick_metrics_has_no_ticks() -> None:
    """A page of another program."""
    metrics = ServerMetrics()
    metrics.take(0.0, [{"up": 1.0}])
    server = metrics.server()
    assert (None, None, None, None) == (server.tick, server.tick_overruns, server.cpu, server.memory_slope_per_hour)
