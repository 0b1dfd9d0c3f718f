"""The JSON of the tutorial, in both directions, for sockets without a subprotocol; its shape is fixed."""

import json
import math
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import numpy as np

from app.wire.outputs import SUBUNITS
from app.wire.records import Records
from app.wire.refusal import Refused

_HEADINGS: Final = 256
_TURN: Final = 2 * math.pi
_DECIMALS: Final = 3  # 1/1000 unit is below a pixel, and needs a third of the bytes of an exact float


@dataclass(frozen=True, slots=True)
class MouseDown:
    """Start the thrust."""


@dataclass(frozen=True, slots=True)
class MouseUp:
    """Stop the thrust."""


@dataclass(frozen=True, slots=True)
class Facing:
    """Turn to a heading, 0 to 255."""

    heading: int


Command = MouseDown | MouseUp | Facing


class _ClientMessage(msgspec.Struct):
    type: str
    playerId: Any  # noqa: N815  # the tutorial's spelling
    facing: Any = None


class _Ship(msgspec.Struct):
    id: str
    x: float
    y: float
    facing: float
    dx: float
    dy: float
    thrusting: bool


class _StateUpdate(msgspec.Struct, tag_field="type", tag="stateUpdate"):
    objects: list[_Ship]


_decoder = msgspec.json.Decoder(_ClientMessage)
_encoder = msgspec.json.Encoder()


def decode(text: str, player_id: str) -> Command:
    """Return the command in `text` from the player `player_id`. Raises only Refused.

    The reasons "not_json", "shape" and "unknown_type" mean that the peer uses another protocol; "facing" and
    "not_your_ship" mean one wrong value.
    """
    message = _parse(text)
    if message.type not in ("mouseDown", "mouseUp", "facing"):
        raise Refused("unknown_type")
    if message.playerId != player_id:
        raise Refused("not_your_ship")
    if message.type == "facing":
        return Facing(_heading(message.facing))
    return MouseDown() if message.type == "mouseDown" else MouseUp()


def encode_player_id(player_id: str) -> str:
    return json.dumps({"type": "playerId", "playerId": player_id})


def encode_refusal(reason: str) -> str:
    """Return the message with the reason of a refusal; a client of the tutorial ignores its type."""
    return json.dumps({"type": "refusal", "reason": reason})


def encode_goodbye(reconnect_after_ms: int) -> str:
    """Return the message before a restart of the server."""
    return json.dumps({"type": "goodbye", "reconnectAfterMs": reconnect_after_ms})


def encode_state(ships: Records) -> bytes:
    """Return the stateUpdate as UTF-8."""
    columns = (
        ships["id"].tolist(),
        _units(ships["x"]),
        _units(ships["y"]),
        _facings[ships["heading"]].tolist(),
        _units(ships["vx"]),
        _units(ships["vy"]),
        (ships["flags"] != 0).tolist(),
    )
    return _encoder.encode(_StateUpdate([_Ship(str(ship), *rest) for ship, *rest in zip(*columns, strict=True)]))


def _parse(text: str) -> _ClientMessage:
    try:
        return _decoder.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return _parse_leniently(text)


def _parse_leniently(text: str) -> _ClientMessage:
    """Parse what msgspec refuses, to find the reason; the standard library also accepts NaN and Infinity."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        raise Refused("not_json") from None
    if not isinstance(message, dict) or not isinstance(message.get("type"), str) or "playerId" not in message:
        raise Refused("shape")
    return _ClientMessage(message["type"], message["playerId"], message.get("facing"))


def _heading(facing: object) -> int:
    if isinstance(facing, bool) or not isinstance(facing, int | float):
        raise Refused("facing")
    try:
        turns = math.fmod(facing, _TURN) / _TURN
    except (OverflowError, ValueError):
        raise Refused("facing") from None
    if not math.isfinite(turns):
        raise Refused("facing")
    return round(turns * _HEADINGS) % _HEADINGS


def _units(subunits: Any) -> list[float]:
    rounded: list[float] = np.round(subunits / SUBUNITS, _DECIMALS).tolist()
    return rounded


def _facing_of(heading: int) -> float:
    signed = heading - _HEADINGS if heading > _HEADINGS // 2 else heading
    return round(signed * _TURN / _HEADINGS, _DECIMALS)


_facings: Final = np.array([_facing_of(heading) for heading in range(_HEADINGS)])
