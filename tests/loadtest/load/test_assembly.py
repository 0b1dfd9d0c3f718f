import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loadtest.load import crew_messages
from loadtest.load.assembly import Assembly
from loadtest.load.presets import Shape
from loadtest.measure.latencies import Latencies
from loadtest.measure.totals import WHOLE
from tests.loadtest.load.orders import order

DURATIONS = st.lists(st.floats(0.001, 2.0), max_size=40)


def text(durations: list[float]) -> str:
    found = Latencies()
    found.add_all(durations)
    return found.encode()


def told(index: int, gaps: list[float], *, players: int = 1, lag: float = 0.001) -> crew_messages.Moment:
    return crew_messages.Moment(index, players, players, len(gaps), text(gaps), text([lag]), 1, 2, 3, 0.25)


def final(gaps: list[float], **changes: object) -> crew_messages.Final:
    given = {
        "seconds": 10.0,
        "players": [],
        "joins": 3,
        "joins_failed": 1,
        "histograms": {name: text(gaps if name == "gap" else []) for name in WHOLE},
        "bytes_sent": 7,
        "closes": {1006: 1},
        "refusals": {503: 2},
        "errors": {"refused": 1},
        "decode_errors": 1,
        "cpu_s": 2.5,
        "cpu_max": 0.5,
        "dropped": 1,
    }
    return crew_messages.Final(**{**given, **changes})


@settings(max_examples=40)
@given(DURATIONS, DURATIONS)
def test_two_processes_are_what_one_would_have_been(one: list[float], other: list[float]) -> None:
    """Figure for figure, in the series, in the steps and over the run."""
    apart, together = (Assembly(order(Shape(1.0, 10, 0.0))) for _ in range(2))
    both = apart.take([told(0, one), told(0, other)], None, None)
    same = together.take([told(0, [*one, *other])], None, None)
    assert (same.gap, 2, 0.5) == (both.gap, both.open, both.cpu)
    ends = {"started_at": "", "interrupted": False, "machine": {}, "server": None}
    merged = apart.result([final(one), final(other)], **ends)
    assert together.result([final([*one, *other])], **ends).gap == merged.gap
    assert (6, 2, {"1006": 2}, {"503": 4}, {"refused": 2}) == (
        *(merged.joins, merged.joins_failed),
        *(merged.closes, merged.refusals, merged.errors),
    )
    assert (2, 0.5, 0.5, 2) == (
        *(merged.generator.processes, merged.generator.cpu, merged.generator.cpu_max),
        merged.generator.arrivals_dropped,
    )


def test_a_moment_belongs_to_the_step_in_which_its_middle_is() -> None:
    """Each to one; a step without any is not there."""
    assembly = Assembly(order(Shape(steps=(10, 20), rate=10.0, hold_s=2.0)))
    for index in range(6):
        assembly.take([told(index, [0.05] * (index + 1), players=index)], float(index), None)
    found = assembly.result([final([])], started_at="", interrupted=True, machine={}, server=None)
    assert [(0.0, 1.0, 1), (1.0, 3.0, 5), (3.0, 4.0, 4), (4.0, 6.0, 11)] == [
        (step.from_s, step.to_s, step.gap.count) for step in found.steps
    ]
    assert [0.0, 2.0, 3.0, 5.0] == [step.server_tick_p99_ms for step in found.steps]
    assert [0, 2, 3, 5] == [step.players for step in found.steps]


def test_a_moment_says_what_was_wanted_then() -> None:
    """By the schedule, not by what came."""
    moment = Assembly(order(Shape(1.0, 90, 0.0))).take([told(8, [0.05])], 3.0, 7)
    assert (9.0, 9, 3.0, 7) == (moment.t_s, moment.wanted, moment.server_tick_p99_ms, moment.server_connections)
    assert 1.0 == pytest.approx(moment.lag_p99_ms, rel=1e-3)
