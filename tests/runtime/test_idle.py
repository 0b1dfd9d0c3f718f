import asyncio

import pytest

from app.runtime.idle import FRAME_S, IDLE_S, Rest

PERIOD_S = 0.05  # of a frame


class Clocked:
    """A rest with a clock that is set by hand, and what it offered."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.offered: list[float] = []
        self.heard = asyncio.Event()
        self.rest = Rest(self.work, lambda: self.now, PERIOD_S)

    def work(self, seconds: float) -> None:
        self.offered.append(seconds)
        self.heard.set()


async def test_what_is_left_is_offered_once_a_frame() -> None:
    """Some milliseconds after it, however many arenas it has."""
    clocked = Clocked()
    loop = asyncio.get_running_loop()
    for _ in range(3):
        clocked.rest.after_frame()
    clocked.now += FRAME_S + 0.01  # the loop was late
    started = loop.time()
    async with asyncio.timeout(5):
        await clocked.heard.wait()
    assert loop.time() - started >= FRAME_S / 2
    assert [pytest.approx(PERIOD_S - FRAME_S - 0.01)] == clocked.offered
    clocked.rest.idle()
    assert 1 == len(clocked.offered)


def test_without_frames_whole_periods_are_offered() -> None:
    """A gateway without players collects the garbage of those who were refused."""
    clocked = Clocked()
    for _ in range(40):
        clocked.now += IDLE_S / 4  # exact in binary
        clocked.rest.idle()
    assert [pytest.approx(PERIOD_S)] * 10 == clocked.offered
