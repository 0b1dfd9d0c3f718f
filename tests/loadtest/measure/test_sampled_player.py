import json

import numpy as np
import pytest

from app.wire import outputs
from app.wire.records import SHIP
from loadtest.measure.sampled_player import DecodeQueue, SampledPlayer, SampledTutorialPlayer, SampledV1Player
from loadtest.measure.totals import Totals
from loadtest.players.tutorial import facing


class Life:
    """A sampled player whose ship is 7, and a clock that a test sets."""

    def __init__(self, kind: type[SampledPlayer]) -> None:
        self.now = 0.0
        self.totals = Totals()
        self.player = kind(self.totals, lambda: self.now)
        self.player.named("7")

    def steer(self, now: float, sequence: int, heading: int = 0) -> None:
        self.now = now
        self.player.steered(sequence, heading)


def keyframe(tick: int, sequence: int) -> bytes:
    ship = np.zeros(1, dtype=SHIP)
    ship["id"], ship["sequence"] = 7, sequence
    return outputs.encode_keyframe(1, tick, ship)


def state(heading: int) -> bytes:
    ship = {"id": "7", "x": 1.0, "y": 2.0, "facing": facing(heading), "dx": 0, "dy": 0, "thrusting": False}
    return json.dumps({"type": "stateUpdate", "objects": [{**ship, "id": "6", "facing": 0.0}, ship]}).encode()


def test_an_input_is_visible_when_its_number_or_a_later_one_shows() -> None:
    """Of two inputs within a tick the server applies the newer; the frame shows both."""
    life = Life(SampledV1Player)
    for now, sequence in ((1.0, 255), (1.03, 0), (1.09, 1)):
        life.steer(now, sequence)
    life.player.take(keyframe(1, 254), 1, 1, 1.10)
    assert [] == life.totals.visible
    life.player.take(keyframe(2, 0), 1, 2, 1.13)
    assert [0.13, 0.10] == pytest.approx(life.totals.visible)
    life.player.take(keyframe(3, 1), 1, 3, 1.18)
    assert [0.13, 0.10, 0.09] == pytest.approx(life.totals.visible)


def test_a_frame_that_came_before_an_input_does_not_show_it() -> None:
    """Even if it is decoded later and has the same number."""
    life = Life(SampledV1Player)
    life.steer(2.0, 5)
    life.player.take(keyframe(1, 5), 1, 1, 1.9)
    assert [] == life.totals.visible


def test_a_delta_that_does_not_fit_requests_a_keyframe_once() -> None:
    """And counts as one error."""
    life, requested = Life(SampledV1Player), []
    life.player.resync = lambda: not requested.append(1)
    life.player.take(keyframe(1, 0), 1, 1, 0.1)
    for _ in range(3):
        life.player.take(bytes([outputs.DELTA, 2, 99, 1]), 1, 99, 0.2)
    assert ([1], 1) == (requested, life.totals.decode_errors)


@pytest.mark.parametrize(
    ("kind", "message"), [(SampledV1Player, b"\x82\x05hello"), (SampledTutorialPlayer, b'{"objects":3}')]
)
def test_a_message_that_no_server_sends_is_an_error_and_no_end(kind: type[SampledPlayer], message: bytes) -> None:
    """The queue decodes the next frame."""
    life, queue = Life(kind), DecodeQueue()
    for _ in range(2):
        queue.put(life.player, message, 1, 1, 0.1)
        queue.decode_one()
    assert 2 == life.totals.decode_errors


def test_a_turn_is_visible_when_the_own_ship_faces_there() -> None:
    """To the server's rounding; a turn to the same heading is not measured."""
    life = Life(SampledTutorialPlayer)
    for now, heading in ((1.0, 200), (1.02, 201), (1.03, 201)):
        life.steer(now, 0, heading)
    life.player.take(state(10), 0, 0, 1.05)
    assert [] == life.totals.visible
    life.player.take(state(201), 0, 0, 1.10)
    assert [0.10, 0.08] == pytest.approx(life.totals.visible)


def test_a_new_socket_forgets_the_inputs_of_the_old_one() -> None:
    """Inputs of the old socket may never have arrived."""
    life = Life(SampledV1Player)
    life.steer(0.0, 5)
    life.player.connected()
    life.player.take(keyframe(1, 5), 1, 1, 1.0)
    assert [] == life.totals.visible
