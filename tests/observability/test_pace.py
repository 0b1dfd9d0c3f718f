from hypothesis import given
from hypothesis import strategies as st

from app.observability.pace import Pace


class Waiting:
    """A pace of ten events a second, three at once, in virtual time."""

    def __init__(self) -> None:
        self.now = 50.0
        self.pace = Pace(10, 3, lambda: self.now, self._sleep)

    def times(self, count: int) -> list[float]:
        found = []
        for _ in range(count):
            self.pace.wait()
            found.append(round(self.now - 50, 6))
        return found

    def _sleep(self, seconds: float) -> None:
        self.now += seconds


def test_a_burst_and_then_a_rate() -> None:
    """After a quiet time, a burst again."""
    waiting = Waiting()
    assert [0, 0, 0, 0.1, 0.2] == waiting.times(5)
    waiting.now += 60
    assert [60.2, 60.2, 60.2, 60.3] == waiting.times(4)


@given(st.lists(st.floats(0, 2), max_size=60))
def test_no_second_has_more_than_burst_and_rate(pauses: list[float]) -> None:
    """Whatever comes."""
    waiting, found = Waiting(), []
    for pause in pauses:
        waiting.now += pause
        waiting.pace.wait()
        found.append(waiting.now)
    assert all(sum(start <= at < start + 1 for at in found) <= 13 for start in found)
