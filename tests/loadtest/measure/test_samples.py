import json

import numpy as np
import pytest

from app.wire import outputs
from app.wire.records import SHIP
from loadtest.measure.samples import Desk, TutorialSample, V1Sample
from loadtest.measure.totals import Ledger
from loadtest.players.tutorial import facing


class Clock:
    """Time as a test says."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def keyframe(tick: int, sequence: int) -> bytes:
    ship = np.zeros(1, dtype=SHIP)
    ship["id"], ship["sequence"] = 7, sequence
    return outputs.encode_keyframe(1, tick, ship)


def state(heading: int) -> bytes:
    ship = {"id": "7", "x": 1.0, "y": 2.0, "facing": facing(heading), "dx": 0, "dy": 0, "thrusting": False}
    return json.dumps({"type": "stateUpdate", "objects": [{**ship, "id": "6", "facing": 0.0}, ship]}).encode()


@pytest.fixture
def clock() -> Clock:
    """At 0."""
    return Clock()


def test_an_input_is_visible_when_its_number_or_a_later_one_shows(clock: Clock) -> None:
    """Of two inputs within a tick the server applies the newer; the frame shows both."""
    ledger = Ledger()
    sample = V1Sample(ledger, clock)
    sample.named("7")
    for now, sequence in ((1.0, 255), (1.03, 0), (1.09, 1)):
        clock.now = now
        sample.steered(sequence, 0)
    sample.take(keyframe(1, 254), 1, 1, 1.10)
    assert [] == ledger.visible
    sample.take(keyframe(2, 0), 1, 2, 1.13)
    assert [0.13, 0.10] == pytest.approx(ledger.visible)
    sample.take(keyframe(3, 1), 1, 3, 1.18)
    assert [0.13, 0.10, 0.09] == pytest.approx(ledger.visible)


def test_a_frame_that_came_before_an_input_does_not_show_it(clock: Clock) -> None:
    """Even if it is decoded later, and happens to have its number."""
    ledger = Ledger()
    sample = V1Sample(ledger, clock)
    sample.named("7")
    clock.now = 2.0
    sample.steered(5, 0)
    sample.take(keyframe(1, 5), 1, 1, 1.9)
    assert [] == ledger.visible


def test_a_delta_that_does_not_fit_asks_for_a_keyframe_once(clock: Clock) -> None:
    """And counts as one error."""
    ledger, asked = Ledger(), []
    sample = V1Sample(ledger, clock)
    sample.resync = lambda: not asked.append(1)
    sample.take(keyframe(1, 0), 1, 1, 0.1)
    for _ in range(3):
        sample.take(bytes([outputs.DELTA, 2, 99, 1]), 1, 99, 0.2)
    assert ([1], 1) == (asked, ledger.decode_errors)


def test_what_no_server_sends_is_an_error_and_no_end(clock: Clock) -> None:
    """The desk goes on."""
    ledger = Ledger()
    desk = Desk()
    desk.put(V1Sample(ledger, clock), b"\x82\x05hello", 1, 1, 0.1)
    desk.put(TutorialSample(ledger, clock), b'{"objects":3}', 0, 0, 0.1)
    desk.decode_one()
    desk.decode_one()
    assert 2 == ledger.decode_errors


def test_a_turn_is_visible_when_the_own_ship_faces_there(clock: Clock) -> None:
    """To the server's rounding; and one that changes nothing tells nothing."""
    ledger = Ledger()
    sample = TutorialSample(ledger, clock)
    sample.named("7")
    for now, heading in ((1.0, 200), (1.02, 201), (1.03, 201)):
        clock.now = now
        sample.steered(0, heading)
    sample.take(state(10), 0, 0, 1.05)
    assert [] == ledger.visible
    sample.take(state(201), 0, 0, 1.10)
    assert [0.10, 0.08] == pytest.approx(ledger.visible)


def test_a_new_socket_waits_for_nothing_old(clock: Clock) -> None:
    """What was said on the old one may never have come."""
    ledger = Ledger()
    sample = V1Sample(ledger, clock)
    sample.named("7")
    sample.steered(5, 0)
    sample.connected()
    sample.take(keyframe(1, 5), 1, 1, 1.0)
    assert [] == ledger.visible
