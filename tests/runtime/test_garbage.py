from app.runtime.garbage import ENOUGH_S, FULL_S, OVERDUE, YOUNG_S, GarbageCollection


class Recorder:
    """A collector that records its calls."""

    def __init__(self) -> None:
        self.calls: list[str | int] = []

    def disable(self) -> None:
        self.calls.append("disable")

    def freeze(self) -> None:
        self.calls.append("freeze")

    def collect(self, generation: int = 2) -> int:
        self.calls.append(generation)
        return 0


class Slow(Recorder):
    """A collector whose full collection takes a second of a clock that is set by hand."""

    def __init__(self, clocked: "Clocked") -> None:
        super().__init__()
        self._clocked = clocked

    def collect(self, generation: int = 2) -> int:
        self._clocked.now += generation == 2
        return super().collect(generation)


class Clocked:
    """Garbage collection by a clock that is set by hand."""

    def __init__(self, *, slow: bool = False) -> None:
        self.now = 0.0
        self.collector = Slow(self) if slow else Recorder()
        self.garbage = GarbageCollection(lambda: self.now, self.collector)

    def after(self, seconds: float, idle: float = ENOUGH_S) -> list[str | int]:
        """Return what is collected when `idle` seconds are offered that much later."""
        self.collector.calls.clear()
        self.now += seconds
        self.garbage.collect_within(idle)
        return list(self.collector.calls)


def test_it_replaces_the_automatic_collector() -> None:
    """Objects that exist at the start are never examined again."""
    assert ["disable", 2, "freeze"] == Clocked().collector.calls


def test_young_garbage_is_collected_once_per_period() -> None:
    """And not at every offer."""
    clocked = Clocked()
    assert [[], [1], [], [1]] == [clocked.after(YOUNG_S / 2) for _ in range(4)]


def test_all_garbage_is_collected_once_a_minute() -> None:
    """A full collection counts as a young one too."""
    clocked = Clocked()
    assert [2] == clocked.after(FULL_S)
    assert [] == clocked.after(YOUNG_S / 2)


def test_without_idle_time_it_waits_until_it_is_overdue() -> None:
    """Frames come first, but memory must not grow without end."""
    clocked = Clocked()
    assert [] == clocked.after(YOUNG_S, idle=0.0)
    assert [1] == clocked.after(YOUNG_S * OVERDUE, idle=-1.0)


def test_a_collection_waits_for_as_much_time_as_the_last_one_took() -> None:
    """A full collection of a large process would delay a frame otherwise."""
    clocked = Clocked(slow=True)
    assert [2] == clocked.after(FULL_S)
    assert [1] == clocked.after(FULL_S, idle=0.9)
    assert [2] == clocked.after(0.0, idle=1.0)
