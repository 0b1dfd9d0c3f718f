from app.runtime.garbage import ENOUGH_SLACK_S, FULL_S, OVERDUE, YOUNG_S, Garbage


class Recorder:
    """A collector that notes what it is told."""

    def __init__(self) -> None:
        self.told: list[str | int] = []

    def disable(self) -> None:
        self.told.append("disable")

    def freeze(self) -> None:
        self.told.append("freeze")

    def collect(self, generation: int = 2) -> int:
        self.told.append(generation)
        return 0


class Clocked:
    """Garbage whose clock is set by hand."""

    def __init__(self) -> None:
        self.now = 0.0
        self.collector = Recorder()
        self.garbage = Garbage(lambda: self.now, self.collector)

    def after(self, seconds: float, slack: float = ENOUGH_SLACK_S) -> list[str | int]:
        """What is collected at a tick that much later."""
        self.collector.told.clear()
        self.now += seconds
        self.garbage.after_tick(slack)
        return list(self.collector.told)


def test_it_takes_over_from_the_automatic_collector() -> None:
    """What is there at the start is never looked at again."""
    assert ["disable", 2, "freeze"] == Clocked().collector.told


def test_young_garbage_is_collected_once_a_second() -> None:
    """And not at every tick."""
    clocked = Clocked()
    assert [[], [1], [], [1]] == [clocked.after(YOUNG_S / 2) for _ in range(4)]


def test_all_garbage_is_collected_once_a_minute() -> None:
    """Which takes the young with it."""
    clocked = Clocked()
    assert [2] == clocked.after(FULL_S)
    assert [] == clocked.after(YOUNG_S / 2)


def test_without_slack_it_waits_until_it_is_overdue() -> None:
    """A frame comes first, memory in the end."""
    clocked = Clocked()
    assert [] == clocked.after(YOUNG_S, slack=0.0)
    assert [1] == clocked.after(YOUNG_S * OVERDUE, slack=-1.0)
