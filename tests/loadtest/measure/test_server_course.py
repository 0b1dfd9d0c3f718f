import pytest

from loadtest.measure.metrics_page import Samples
from loadtest.measure.server_course import Course


def page(ticks: int, *, slow: int = 0, memory: float = 100.0, cpu: float = 0.0, **extra: float) -> Samples:
    """A process that has made so many ticks of up to 10 ms, and so many slow ones of up to 100 ms."""
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
    """A server that ran before had its own slow ticks."""
    course = Course()
    course.take(0.0, [page(1000, slow=500, cpu=50.0)])
    course.take(10.0, [page(1200, slow=500, cpu=54.0)])
    server = course.server()
    assert server.tick is not None
    assert (200, 0) == (server.tick.count, server.tick_overruns)
    assert server.tick.p99_ms <= 10
    assert 0.4 == pytest.approx(server.cpu)


def test_a_process_that_was_started_anew_goes_on_counting() -> None:
    """Its counters fell; what they show now came since."""
    course = Course()
    course.take(0.0, [page(1000, **{CLOSES: 7.0})])
    course.take(5.0, [page(1100, **{CLOSES: 9.0})])
    course.take(10.0, [page(40, **{CLOSES: 1.0})])
    server = course.server()
    assert server.tick is not None
    assert (140, {"1012": 3}) == (server.tick.count, server.closes)


def test_processes_are_one_server() -> None:
    """Memory and connections are summed; a label that comes later counts from nothing."""
    course = Course()
    course.take(0.0, [page(0, memory=100.0), {"process_resident_memory_bytes": 50.0, "flotilla_connections": 3.0}])
    course.take(5.0, [page(100, memory=120.0, **{CLOSES: 2.0}), {"process_resident_memory_bytes": 60.0}])
    server = course.server()
    assert (150, 180, {"1012": 2}) == (server.memory_begin_bytes, server.memory_end_bytes, server.closes)
    assert 3 == course.connections


def test_a_look_that_failed_is_counted_and_makes_nothing_up() -> None:
    """Memory is not that of the others alone."""
    course = Course()
    course.take(0.0, [page(0), page(0)])
    course.take(5.0, [page(100, memory=500.0), {}])
    server = course.server()
    assert (4, 1, 200) == (server.scrapes, server.scrapes_failed, server.memory_end_bytes)


def test_the_present_p99_is_that_of_the_last_hundred_ticks() -> None:
    """Slow ticks of a while ago are in the run's figure, not in this one."""
    course = Course()
    course.take(0.0, [page(0)])
    assert course.tick_p99_ms is None
    course.take(5.0, [page(0, slow=100)])
    assert course.tick_p99_ms is not None
    assert course.tick_p99_ms > 50
    course.take(10.0, [page(100, slow=100)])
    assert course.tick_p99_ms <= 10


def test_a_server_that_tells_nothing_of_ticks_has_none() -> None:
    """A page of another program."""
    course = Course()
    course.take(0.0, [{"up": 1.0}])
    server = course.server()
    assert (None, None, None, None) == (server.tick, server.tick_overruns, server.cpu, server.memory_slope_per_hour)
