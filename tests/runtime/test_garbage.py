from hypothesis import given
from hypothesis import strategies as st

from app.runtime.garbage import (
    ENOUGH_S,
    FEW,
    FREEZE_S,
    MOST_ENDED,
    OVERDUE,
    THAW_AFTER,
    YOUNG_S,
    GarbageCollection,
)


class Recorder:
    """A collector that records its calls. A collection of all objects takes `seconds` of the processor."""

    def __init__(self) -> None:
        self.calls: list[str | int] = []
        self.seconds = 0.0
        self.processor = 50.0

    def disable(self) -> None:
        self.calls.append("disable")

    def freeze(self) -> None:
        self.calls.append("freeze")

    def unfreeze(self) -> None:
        self.calls.append("unfreeze")

    def collect(self, generation: int = 2) -> int:
        self.processor += self.seconds if generation == 2 else 0.0
        self.calls.append(generation)
        return 0


class Population:
    """Sessions whose numbers are set by hand."""

    def __init__(self, now_open: int = 0) -> None:
        self.now_open = now_open
        self.all_ended = 0

    def open_now(self) -> int:
        return self.now_open

    def ended(self) -> int:
        return self.all_ended


class Clocked:
    """Garbage collection by a clock that is set by hand."""

    def __init__(self, sessions: Population | None = None) -> None:
        self.now = 0.0
        self.collector = Recorder()
        self.garbage = GarbageCollection(lambda: self.now, self.collector, lambda: self.collector.processor)
        if sessions is not None:
            self.garbage.watch(sessions)

    def after(self, seconds: float, idle: float = ENOUGH_S) -> list[str | int]:
        """Return what is done when `idle` seconds are offered that much later."""
        self.collector.calls.clear()
        self.now += seconds
        self.garbage.collect_within(idle)
        return list(self.collector.calls)


def test_it_replaces_the_automatic_collector() -> None:
    """Objects that exist at the start are not examined again."""
    assert ["disable", 2, "freeze"] == Clocked().collector.calls


def test_young_garbage_is_collected_once_per_period() -> None:
    """And not at every offer."""
    clocked = Clocked()
    assert [[], [1], [], [1]] == [clocked.after(YOUNG_S / 2) for _ in range(4)]


def test_what_survives_half_a_minute_is_frozen() -> None:
    """Then later collections do not examine it. This counts as a young collection too."""
    clocked = Clocked()
    assert [2, "freeze"] == clocked.after(FREEZE_S)
    assert [] == clocked.after(YOUNG_S / 2)


def test_without_idle_time_it_waits_until_it_is_overdue() -> None:
    """Frames come first, but memory must not grow without end."""
    clocked = Clocked()
    assert [] == clocked.after(YOUNG_S, idle=0.0)
    assert [1] == clocked.after(YOUNG_S * OVERDUE, idle=-1.0)


def test_a_collection_waits_for_as_much_time_as_the_last_one_cost() -> None:
    """It would delay a frame otherwise. What counts is the time of this thread, not of other programs."""
    clocked = Clocked()
    clocked.collector.seconds = 0.04
    assert [2, "freeze"] == clocked.after(FREEZE_S)
    assert [1] == clocked.after(FREEZE_S, idle=0.03)
    assert [2, "freeze"] == clocked.after(0.0, idle=0.04)


def test_one_expensive_collection_is_soon_forgotten() -> None:
    """The expected cost is halved with each offer that is too short."""
    clocked = Clocked()
    clocked.collector.seconds = 3.0
    clocked.after(FREEZE_S)
    offers = [clocked.after(FREEZE_S if n == 0 else 0.0, idle=0.03) for n in range(9)]
    assert [2, "freeze"] == offers[7]


def test_all_objects_are_collected_when_few_sessions_are_left() -> None:
    """After many have ended. Not before, not without idle time, and only once."""
    sessions = Population(FEW + 1)
    clocked = Clocked(sessions)
    sessions.all_ended = THAW_AFTER
    assert [] == clocked.after(0.0)
    sessions.now_open = FEW
    sessions.all_ended -= 1
    assert [] == clocked.after(0.0)
    sessions.all_ended += 1
    assert [] == clocked.after(0.0, idle=0.0)
    assert ["unfreeze", 2, "freeze"] == clocked.after(0.0)
    assert [] == clocked.after(0.0)


def test_a_bound_of_ended_sessions_thaws_in_any_case() -> None:
    """What they left must not fill the memory."""
    sessions = Population(5000)
    clocked = Clocked(sessions)
    sessions.all_ended = MOST_ENDED
    assert ["unfreeze", 2, "freeze"] == clocked.after(0.0, idle=-1.0)


@given(st.lists(st.tuples(st.floats(0, 20), st.floats(-0.05, 0.05), st.integers(0, 9000), st.floats(0, 0.5))))
def test_after_each_thaw_the_survivors_are_frozen_again(history: list[tuple[float, float, int, float]]) -> None:
    """No collection of all objects leaves them thawed, and none starts in too little time before it is overdue."""
    sessions = Population()
    clocked = Clocked(sessions)
    for seconds, idle, ended, cost in history:
        sessions.all_ended += ended
        clocked.collector.seconds = cost
        overdue = clocked.now + seconds - clocked.garbage._frozen_at >= FREEZE_S * OVERDUE
        calls = clocked.after(seconds, idle)
        assert calls in ([], [1], [2, "freeze"], ["unfreeze", 2, "freeze"])
        if calls == [2, "freeze"]:
            assert idle >= ENOUGH_S or overdue
