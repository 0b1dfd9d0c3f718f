import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loadtest.load import messages
from loadtest.load.presets import Shape
from loadtest.load.result_builder import Circumstances, Series, build
from loadtest.measure.latencies import Latencies
from loadtest.measure.result import Result
from loadtest.measure.totals import WHOLE
from tests.loadtest.load.orders import order

DURATIONS = st.lists(st.floats(0.001, 2.0), max_size=40)
RAMP = order(Shape(1.0, 10, 0.0))


def text(durations: list[float]) -> str:
    found = Latencies()
    found.add_all(durations)
    return found.encode()


def moment(index: int, gaps: list[float], *, players: int = 1, lag: float = 0.001) -> messages.Moment:
    return messages.Moment(index, players, len(gaps), text(gaps), text([lag]), 1, 2, 3, 0.25)


def final(gaps: list[float]) -> messages.Final:
    return messages.Final(
        seconds=10.0,
        joins=3,
        joins_failed=1,
        histograms={name: text(gaps if name == "gap" else []) for name in WHOLE},
        bytes_received=9,
        bytes_sent=7,
        closes={"1006": 1},
        refusals={"503": 2},
        errors={"refused": 1},
        decode_errors=1,
        cpu=0.25,
        cpu_max=0.5,
        dropped=1,
    )


def built(*finals: messages.Final) -> Result:
    return build(RAMP, finals, [], [], Circumstances("python", "", interrupted=False, machine={}, server=None))


@settings(max_examples=40)
@given(DURATIONS, DURATIONS)
def test_two_processes_have_the_figures_of_one(one: list[float], other: list[float]) -> None:
    """In the series and over the run."""
    both = Series(RAMP).add([moment(0, one), moment(0, other)], None, None)
    same = Series(RAMP).add([moment(0, [*one, *other])], None, None)
    assert (same.gap, 2, 0.5) == (both.gap, both.open, both.cpu)
    merged = built(final(one), final(other))
    assert built(final([*one, *other])).gap == merged.gap
    assert (6, 2, 18, 14) == (merged.joins, merged.joins_failed, merged.bytes_received, merged.bytes_sent)
    assert ({"1006": 2}, {"503": 4}, {"refused": 2}, 2) == (
        *(merged.closes, merged.refusals, merged.errors),
        merged.decode_errors,
    )
    assert (2, 0.5, 0.5, 2) == (
        *(merged.generator.processes, merged.generator.cpu, merged.generator.cpu_max),
        merged.generator.arrivals_dropped,
    )


def test_a_moment_belongs_to_the_step_in_which_its_middle_is() -> None:
    """To exactly one; a step without a moment is left out."""
    series = Series(order(Shape(steps=(10, 20), rate=10.0, hold_s=2.0)))
    for index in range(6):
        series.add([moment(index, [0.05] * (index + 1), players=index)], float(index), None)
    assert [(0.0, 1.0, 1), (1.0, 3.0, 5), (3.0, 4.0, 4), (4.0, 6.0, 11)] == [
        (step.from_s, step.to_s, step.gap.count) for step in series.steps
    ]
    assert [0.0, 2.0, 3.0, 5.0] == [step.server_tick_p99_ms for step in series.steps]
    assert [0, 2, 3, 5] == [step.players for step in series.steps]


def test_a_moment_has_the_players_that_the_schedule_wants() -> None:
    """And the server's figures."""
    found = Series(order(Shape(1.0, 90, 0.0))).add([moment(8, [0.05])], 3.0, 7)
    assert (9.0, 9, 3.0, 7) == (found.t_s, found.wanted, found.server_tick_p99_ms, found.server_connections)
    assert 1.0 == pytest.approx(found.lag_p99_ms, rel=1e-3)
