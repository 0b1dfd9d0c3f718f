import json
from pathlib import Path

from app.wire import outputs
from app.wire.records import EMPTY
from loadtest.players.stream import Stream, bodies

GOLDEN = json.loads((Path(__file__).resolve().parents[2] / "golden" / "protocol.json").read_text())


def test_the_moment_is_followed_through_the_recorded_history() -> None:
    """Keyframe, deltas, checksum: after each message the tick is the one of docs/protocol.md."""
    (history,) = [block["history"] for block in GOLDEN if "history" in block]
    stream = Stream()
    for entry in history:
        assert stream.take(bytes.fromhex(entry["hex"]))
        assert (9, entry["tick"], True) == (stream.epoch, stream.tick, stream.fits)


def test_other_messages_change_nothing() -> None:
    """A pong, a status and a goodbye are not frames."""
    stream = Stream()
    for data in (outputs.encode_pong(1), outputs.encode_status(paused=True), outputs.encode_goodbye(250)):
        assert not stream.take(data)
    assert (0, 0) == (stream.epoch, stream.tick)


def test_a_delta_that_leads_elsewhere_is_noticed() -> None:
    """After a lost frame the stream does not fit."""
    stream = Stream()
    stream.epoch, stream.tick = 1, 100
    stream.take(bytes([outputs.DELTA, 2, 103, 1]))
    assert not stream.fits


def test_joined_deltas_are_all_followed() -> None:
    """A busy server sends several ticks in one message, each with its checksum if it has one."""
    stream = Stream()
    stream.epoch, stream.tick = 1, 100
    first, second = bytes([outputs.DELTA, 2, 102, 2]), bytes([outputs.DELTA, 2, 103, 1])
    assert stream.take(first + outputs.encode_checksum(EMPTY) + second)
    assert (103, True) == (stream.tick, stream.fits)
    stream.take(bytes([outputs.DELTA, 2, 104, 1]) + bytes([outputs.DELTA, 2, 106, 1]))
    assert not stream.fits


def test_several_messages_in_one_are_all_found() -> None:
    """Types and beginnings of the bodies, in order."""
    data = outputs.encode_pong(1) + outputs.encode_status(paused=False)
    assert [(outputs.PONG, 2), (outputs.STATUS, 8)] == list(bodies(data))
