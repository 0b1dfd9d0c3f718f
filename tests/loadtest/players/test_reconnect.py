from random import Random

import pytest

from loadtest.players.reconnect import Reconnect


def test_a_hint_is_followed_exactly_and_once() -> None:
    """If the hinted attempt fails, the next delay is random."""
    rule = Reconnect(Random(1))
    rule.hinted(250)
    assert 0.25 == rule.delay_s(1012)
    delay_s = rule.delay_s(0)
    assert 0 <= delay_s <= 1.0
    assert 0.25 != delay_s


def test_waits_grow_with_each_failure_up_to_twenty_seconds() -> None:
    """The bound doubles; a success resets it."""
    rule = Reconnect(Random(1))
    longest = [max(_delays(tries)) for tries in (1, 2, 3, 10)]
    assert [1.0, 2.0, 4.0, 20.0] == pytest.approx(longest, rel=0.05)
    rule.flying()
    assert rule.delay_s(1006) <= 1.0


@pytest.mark.parametrize("code", [1009, 4500, 4501, 4504, 4505, 4999])
def test_some_codes_keep_a_player_away(code: int) -> None:
    """With a hint too."""
    rule = Reconnect(Random(1))
    rule.hinted(10)
    assert rule.delay_s(code) is None


def test_a_full_world_is_not_tried_again_at_once() -> None:
    """The first delay is the one after a third failure."""
    delays = [Reconnect(Random(seed)).delay_s(4005) for seed in range(300)]
    assert 3.8 < max(delays) <= 4.0


def _delays(tries: int) -> list[float]:
    found = []
    for seed in range(300):
        rule = Reconnect(Random(seed))
        found.append([rule.delay_s(1006) for _ in range(tries)][-1])
    return found
