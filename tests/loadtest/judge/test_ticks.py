"""loadtest/judge/ticks.py: late ticks of a step as evidence, and that more of them never prove less."""

from hypothesis import given
from hypothesis import strategies as st

from loadtest.judge.ticks import Standing, late_ticks, standing
from loadtest.measure.latencies import Spread
from loadtest.measure.result import Step

ORDER = [Standing.CHANCE, Standing.UNCLEAR, Standing.BROKEN]
BOUND_MS = 60.0


def step(place: int, late: float, *, players: int | None = None, seconds: float = 10.0) -> Step:
    """The step of that place, of which so many ticks were late."""
    gap = Spread(5000, 50, 52, 60, 70, over_60_ms=late / (seconds * 20))
    return Step(place * seconds, (place + 1) * seconds, players or 10 * (place + 1), gap)


def test_seven_late_ticks_of_two_hundred_are_more_than_chance_makes_and_six_are_not() -> None:
    """Two were to be expected, and their deviation is 1.4."""
    assert Standing.UNCLEAR is standing(step(0, 6), [], BOUND_MS)
    assert Standing.BROKEN is standing(step(0, 7), [], BOUND_MS)


def test_a_longer_step_proves_with_a_smaller_share() -> None:
    """Of 1,200 ticks two in a hundred do; of 200 they do not."""
    assert Standing.BROKEN is standing(step(0, 24, seconds=60), [], BOUND_MS)
    assert Standing.UNCLEAR is standing(step(0, 4), [], BOUND_MS)


def test_only_what_came_later_with_as_many_players_outweighs_a_step() -> None:
    """Neither what was before, nor a smaller crowd."""
    broken = step(1, 4)
    assert Standing.CHANCE is standing(broken, [step(2, 0)], BOUND_MS)
    assert Standing.UNCLEAR is standing(broken, [step(0, 0)], BOUND_MS)
    assert Standing.UNCLEAR is standing(broken, [step(2, 0, players=19)], BOUND_MS)


def test_a_bound_whose_share_no_result_keeps_puts_nothing_down_to_chance() -> None:
    """Between p95 and p99 a spread does not have the number of late ticks."""
    assert Standing.BROKEN is standing(step(0, 3), [step(1, 0)], 62.0)


def test_percentiles_count_where_a_result_lacks_its_shares() -> None:
    """A p95 over the bound is one late tick in twenty at least."""
    silent = Step(0, 10, 10, Spread(5000, 50, 62, 64, 70))
    assert Standing.BROKEN is standing(silent, [step(1, 0)], BOUND_MS)


def test_steps_are_weighed_by_their_ticks() -> None:
    """A second of a climb counts a tenth of ten."""
    assert (3.0, 220.0) == late_ticks([step(0, 2, seconds=1), step(1, 1)], BOUND_MS)


@given(st.lists(st.integers(0, 30), min_size=1, max_size=6), st.data())
def test_more_late_ticks_never_prove_less(late: list[int], data: st.DataObject) -> None:
    """In the step itself or in one after it."""
    place = data.draw(st.integers(0, len(late) - 1))
    more = [count + (at == place) * data.draw(st.integers(1, 20)) for at, count in enumerate(late)]
    before, after = (found([step(at, count) for at, count in enumerate(counts)]) for counts in (late, more))
    assert ORDER.index(after) >= ORDER.index(before)


def found(steps: list[Step]) -> Standing:
    return standing(steps[0], steps, BOUND_MS)
