import json

import numpy as np
import pytest

from app.wire import outputs
from app.wire.records import SHIP
from loadtest.measure.sampled_player import DecodeQueue, SampledTutorialPlayer, SampledV1Player
from loadtest.measure.totals import Totals
from loadtest.players.tutorial import facing


class Clock:
    """Time that a test sets."""

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
    totals = Totals()
    player = SampledV1Player(totals, clock)
    player.named("7")
    for now, sequence in ((1.0, 255), (1.03, 0), (1.09, 1)):
        clock.now = now
        player.steered(sequence, 0)
    player.take(keyframe(1, 254), 1, 1, 1.10)
    assert [] == totals.visible
    player.take(keyframe(2, 0), 1, 2, 1.13)
    assert [0.13, 0.10] == pytest.approx(totals.visible)
    player.take(keyframe(3, 1), 1, 3, 1.18)
    assert [0.13, 0.10, 0.09] == pytest.approx(totals.visible)


def test_a_frame_that_came_before_an_input_does_not_show_it(clock: Clock) -> None:
    """Even if it is decoded later and has the same number."""
    totals = Totals()
    player = SampledV1Player(totals, clock)
    player.named("7")
    clock.now = 2.0
    player.steered(5, 0)
    player.take(keyframe(1, 5), 1, 1, 1.9)
    assert [] == totals.visible


def test_a_delta_that_does_not_fit_requests_a_keyframe_once(clock: Clock) -> None:
    """And counts as one error."""
    totals, requested = Totals(), []
    player = SampledV1Player(totals, clock)
    player.resync = lambda: not requested.append(1)
    player.take(keyframe(1, 0), 1, 1, 0.1)
    for _ in range(3):
        player.take(bytes([outputs.DELTA, 2, 99, 1]), 1, 99, 0.2)
    assert ([1], 1) == (requested, totals.decode_errors)


def test_a_message_that_no_server_sends_is_an_error_and_no_end(clock: Clock) -> None:
    """The queue decodes the next frame."""
    totals = Totals()
    queue = DecodeQueue()
    queue.put(SampledV1Player(totals, clock), b"\x82\x05hello", 1, 1, 0.1)
    queue.put(SampledTutorialPlayer(totals, clock), b'{"objects":3}', 0, 0, 0.1)
    queue.decode_one()
    queue.decode_one()
    assert 2 == totals.decode_errors


def test_a_turn_is_visible_when_the_own_ship_faces_there(clock: Clock) -> None:
    """To the server's rounding; a turn to the same heading is not measured."""
    totals = Totals()
    player = SampledTutorialPlayer(totals, clock)
    player.named("7")
    for now, heading in ((1.0, 200), (1.02, 201), (1.03, 201)):
        clock.now = now
        player.steered(0, heading)
    player.take(state(10), 0, 0, 1.05)
    assert [] == totals.visible
    player.take(state(201), 0, 0, 1.10)
    assert [0.10, 0.08] == pytest.approx(totals.visible)


def test_a_new_socket_forgets_the_inputs_of_the_old_one(clock: Clock) -> None:
    """Inputs of the old socket may never have arrived."""
    totals = Totals()
    player = SampledV1Player(totals, clock)
    player.named("7")
    player.steered(5, 0)
    player.connected()
    player.take(keyframe(1, 5), 1, 1, 1.0)
    assert [] == totals.visible
