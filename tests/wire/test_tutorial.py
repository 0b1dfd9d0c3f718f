"""app.wire.tutorial: the seed's JSON, shape for shape."""

import json
import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.wire import tutorial
from app.wire.records import SHIP
from app.wire.refusal import Refused
from app.wire.tutorial import Facing, MouseDown, MouseUp

REASONS = {"not_json", "shape", "unknown_type", "facing", "not_your_ship"}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def said(**fields: object) -> str:
    """Return a message of player 17."""
    return json.dumps({"playerId": "17", **fields})


def test_the_three_commands() -> None:
    """Each message of the tutorial is its command."""
    assert MouseDown() == tutorial.decode(said(type="mouseDown"), "17")
    assert MouseUp() == tutorial.decode(said(type="mouseUp"), "17")
    assert Facing(64) == tutorial.decode(said(type="facing", facing=math.pi / 2), "17")


@given(st.floats(allow_nan=False, allow_infinity=False))
@example(-0.001)
@example(1e308)
def test_any_finite_angle_is_the_nearest_heading(facing: float) -> None:
    """The angle of the heading differs from the one sent by at most half a heading."""
    command = tutorial.decode(said(type="facing", facing=facing), "17")
    assert isinstance(command, Facing)
    assert 0 <= command.heading <= 255
    difference = math.fmod(facing, 2 * math.pi) - command.heading * 2 * math.pi / 256
    assert abs(math.remainder(difference, 2 * math.pi)) <= math.pi / 256 + 1e-9


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not_json"),
        ("hello", "not_json"),
        ("{", "not_json"),
        ("[" * 5000, "not_json"),
        ("7", "shape"),
        ("null", "shape"),
        ("[1]", "shape"),
        ("{}", "shape"),
        ('{"type": "facing"}', "shape"),
        ('{"type": 3, "playerId": "17"}', "shape"),
        ('{"type": "fire", "playerId": "17"}', "unknown_type"),
        ('{"type": "mouseDown", "playerId": "18"}', "not_your_ship"),
        ('{"type": "mouseDown", "playerId": 17}', "not_your_ship"),
        ('{"type": "facing", "playerId": "17"}', "facing"),
        ('{"type": "facing", "playerId": "17", "facing": null}', "facing"),
        ('{"type": "facing", "playerId": "17", "facing": "north"}', "facing"),
        ('{"type": "facing", "playerId": "17", "facing": true}', "facing"),
        ('{"type": "facing", "playerId": "17", "facing": NaN}', "facing"),
        ('{"type": "facing", "playerId": "17", "facing": Infinity}', "facing"),
        ('{"type": "facing", "playerId": "17", "facing": 1e999}', "facing"),
        ('{"type": "facing", "playerId": "17", "facing": ' + "9" * 400 + "}", "facing"),
    ],
)
def test_bad_messages_are_refused_by_name(text: str, reason: str) -> None:
    """Each kind of bad message has its name."""
    with pytest.raises(Refused) as refused:
        tutorial.decode(text, "17")
    assert reason == refused.value.reason


@given(
    st.text(max_size=40)
    | json_values.map(json.dumps)
    | st.dictionaries(
        st.sampled_from(["type", "playerId", "facing", "x"]),
        json_values | st.sampled_from(["facing", "mouseDown", "17"]),
    ).map(json.dumps)
)
def test_any_text_is_a_command_or_a_refusal_by_name(text: str) -> None:
    """No text raises anything but Refused."""
    try:
        tutorial.decode(text, "17")
    except Refused as refused:
        assert refused.reason in REASONS


def test_the_state_has_the_tutorials_shape() -> None:
    """Ids are strings, positions are units, the angle is in radians from -pi to pi."""
    records = np.zeros(2, dtype=SHIP)
    records[0] = (17, 512 * 1024 + 256, 1023999, 1024, -512, 192, 1, 0)
    records[1] = (18, 0, 0, 0, 0, 128, 0, 0)
    assert {
        "type": "stateUpdate",
        "objects": [
            {"id": "17", "x": 512.25, "y": 999.999, "facing": -1.571, "dx": 1.0, "dy": -0.5, "thrusting": True},
            {"id": "18", "x": 0.0, "y": 0.0, "facing": 3.142, "dx": 0.0, "dy": 0.0, "thrusting": False},
        ],
    } == json.loads(tutorial.encode_state(records))


def test_the_other_messages_have_the_pages_shape() -> None:
    """playerId, refusal and goodbye are as docs/protocol.md has them."""
    assert {"type": "playerId", "playerId": "17"} == json.loads(tutorial.encode_player_id("17"))
    assert {"type": "refusal", "reason": "facing"} == json.loads(tutorial.encode_refusal("facing"))
    assert {"type": "goodbye", "reconnectAfterMs": 250} == json.loads(tutorial.encode_goodbye(250))
