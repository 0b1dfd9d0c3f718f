import pytest

from app.gateway.fanout.pressure import LOST_AFTER, WINDOW_S, Pressure
from app.gateway.fanout.slots import MOST_PHASES
from app.observability import metrics


class Thread:
    """A thread that computes a given share of its time, of which the writes take `fanout` with one phase."""

    def __init__(self) -> None:
        self.now = self.computed = 50.0
        self.pressure = Pressure(lambda: self.now, lambda: self.computed)

    def window(self, used: float, fanout: float = 0.4, *, late: int = 0) -> int:
        """Let one window pass with eight writes. Return the phases after it."""
        for number in range(8):
            share = fanout / self.pressure.phases
            self.pressure.note(2 if number < late else 1, share * WINDOW_S / 8)
            self.now += WINDOW_S / 8
            self.computed += (used - fanout + share) * WINDOW_S / 8
            self.pressure.check()
        return self.pressure.phases


def test_an_idle_thread_writes_at_every_tick() -> None:
    """The gauge shows it."""
    assert [1, 1, 1] == [Thread().window(0.5) for _ in range(3)]
    assert 1 == metrics.TICKS_PER_WRITE._value.get()


def test_a_full_thread_gets_more_phases_until_it_has_time() -> None:
    """With two, the writes cost half, and that is enough."""
    thread = Thread()
    assert [2, 2, 2, 2] == [thread.window(1.0) for _ in range(4)]
    assert 2 == metrics.TICKS_PER_WRITE._value.get()


def test_phases_grow_one_by_one_up_to_four() -> None:
    """A thread that has too much to do also then refuses players, until it has a little time."""
    thread = Thread()
    assert [2, 3, 4, 4] == [thread.window(1.4) for _ in range(4)]
    for _ in range(LOST_AFTER - 2):
        thread.window(1.4)
        assert not thread.pressure.exhausted
    thread.window(1.4)
    assert thread.pressure.exhausted
    thread.window(1.25)
    assert thread.pressure.exhausted
    thread.window(1.2)
    assert (MOST_PHASES, False) == (thread.pressure.phases, thread.pressure.exhausted)


def test_one_late_tick_changes_nothing() -> None:
    """Many late ones do, also if another program took the processor."""
    thread = Thread()
    assert 1 == thread.window(0.5, late=2)
    assert 2 == thread.window(0.5, late=3)


def test_when_the_surplus_leaves_all_is_as_before_within_two_seconds() -> None:
    """The number falls by one in each window."""
    thread = Thread()
    for _ in range(3):
        thread.window(1.4)
    assert [3, 2, 1] == [thread.window(0.5) for _ in range(3)]
    assert 3 * WINDOW_S <= 2


@pytest.mark.parametrize("used", [0.93, 1.0])
def test_the_number_does_not_swing(used: float) -> None:
    """What one phase more makes possible does not suffice to take it back."""
    thread = Thread()
    thread.window(used, fanout=0.2)
    assert [2] * 5 == [thread.window(used, fanout=0.2) for _ in range(5)]


def test_without_any_write_the_thread_recovers() -> None:
    """A gateway that all players left accepts new ones again."""
    thread = Thread()
    for _ in range(3 + LOST_AFTER):
        thread.window(1.6)
    assert thread.pressure.exhausted
    thread.now += WINDOW_S
    thread.pressure.check()
    assert (False, MOST_PHASES - 1) == (thread.pressure.exhausted, thread.pressure.phases)
