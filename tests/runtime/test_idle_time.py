import pytest

from app.runtime.idle_time import BUSY_SHARE, WITHOUT_FRAMES_S, IdleTime
from tests.virtual_time import VirtualTime

PERIOD_S = 0.05  # of a frame


class Offering:
    """Idle time by a virtual clock, and the offers as (time, seconds)."""

    def __init__(self) -> None:
        self.time = VirtualTime()
        self.offers: list[tuple[float, float]] = []
        self.idle_time = IdleTime(self.work, self.time.clock, PERIOD_S, self.time.schedule)

    def work(self, seconds: float) -> None:
        self.offers.append((self.time.now, seconds))


async def test_the_rest_of_a_period_is_offered_once_per_frame() -> None:
    """After the busy share of the period, even if the frame has many arenas."""
    offering = Offering()
    frames = [offering.time.now + number * PERIOD_S for number in range(4)]
    for _ in frames:
        for _ in range(3):
            offering.idle_time.after_frame()
        await offering.time.go(PERIOD_S)
    rest = PERIOD_S * (1 - BUSY_SHARE)
    assert [(pytest.approx(frame + PERIOD_S - rest), pytest.approx(rest)) for frame in frames] == offering.offers


def test_a_frame_of_many_arenas_starts_one_timer() -> None:
    """However many there are."""
    timers = list[float]()
    idle_time = IdleTime(lambda _seconds: None, lambda: 0.0, PERIOD_S, lambda seconds, _offer: timers.append(seconds))
    for _ in range(3):
        idle_time.after_frame()
    assert [PERIOD_S * BUSY_SHARE] == timers


async def test_the_offer_ends_at_the_next_frame_that_is_named() -> None:
    """A tick that began late or took long leaves less time."""
    offering = Offering()
    next_frame_at = offering.time.now + 0.02
    offering.idle_time.after_frame(next_frame_at)
    await offering.time.go(1)
    rest = 0.02 * (1 - BUSY_SHARE)
    assert [(pytest.approx(next_frame_at - rest), pytest.approx(rest))] == offering.offers


async def test_a_late_loop_offers_what_is_left() -> None:
    """The seconds are negative if the next frame is late itself."""
    offering = Offering()
    for delay, left in ((0.04, 0.01), (0.07, -0.02)):
        offering.idle_time.after_frame()
        offering.time.jump(delay)
        await offering.time.go(0)
        assert pytest.approx(left) == offering.offers[-1][1]


async def test_a_next_frame_in_the_past_is_offered_at_once() -> None:
    """Work that is overdue must not wait for a loop that is always late."""
    offering = Offering()
    offering.idle_time.after_frame(offering.time.now - 0.01)
    await offering.time.go(0)
    assert [(offering.time.now, pytest.approx(-0.01))] == offering.offers


async def test_without_frames_whole_periods_are_offered() -> None:
    """A gateway without players collects the garbage of refused handshakes."""
    offering = Offering()
    for _ in range(40):
        await offering.time.go(WITHOUT_FRAMES_S / 4)  # exact in binary
        offering.idle_time.without_frame()
    assert [pytest.approx(PERIOD_S)] * 10 == [seconds for _, seconds in offering.offers]


async def test_a_frame_delays_the_offers_without_frames() -> None:
    """Neither before its own offer nor shortly after it."""
    offering = Offering()
    await offering.time.go(WITHOUT_FRAMES_S)
    offering.idle_time.after_frame()
    offering.idle_time.without_frame()
    assert [] == offering.offers
    await offering.time.go(WITHOUT_FRAMES_S)
    offering.idle_time.without_frame()
    assert 1 == len(offering.offers)
    await offering.time.go(PERIOD_S)
    offering.idle_time.without_frame()
    assert 2 == len(offering.offers)


async def test_a_loop_without_frames_makes_no_offers() -> None:
    """The liveness of a tick depends on this: each offer follows a frame of its task."""
    offering = Offering()
    offering.idle_time.after_frame()
    await offering.time.go(60)
    assert 1 == len(offering.offers)
