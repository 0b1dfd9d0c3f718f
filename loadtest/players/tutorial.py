"""A player of the tutorial's JSON. It recognizes frames without parsing them."""

import json
import math
from typing import Final

import msgspec
from picows import WSMsgType

from loadtest.players.people import Controls
from loadtest.players.player import Player

HEADINGS: Final = 256
HEAD_BYTES: Final = 64  # of a message, which contain its type

_STATE: Final = b"stateUpdate"


class _Message(msgspec.Struct):
    type: str
    playerId: object = None  # noqa: N815  # the tutorial's spelling
    reconnectAfterMs: int = 0  # noqa: N815  # as above


_decoder = msgspec.json.Decoder(_Message)


class TutorialPlayer(Player):
    subprotocol = None
    _id: object = None

    def greet(self) -> None:
        """Send nothing: the server sends an id first."""
        self._id = None

    def take(self, data: bytes) -> None:
        if _STATE in data[:HEAD_BYTES]:
            self._rule.flying()
            self.observer.framed(data, 0, 0)
            return
        message = _decoder.decode(data)
        if message.type == "playerId" and message.playerId is not None:
            self._id = message.playerId
            self.observer.named(str(message.playerId))
            self.send_controls(self._controls, None)
        elif message.type == "goodbye":
            self._rule.hinted(message.reconnectAfterMs)

    def send_controls(self, controls: Controls, before: Controls | None) -> None:
        """Send `facing`, and the button if it changed; nothing before the server sent an id."""
        if self._id is None:
            return
        pressed = before is not None and before.thrusting
        if controls.thrusting != pressed:
            self._send_json({"type": "mouseDown" if controls.thrusting else "mouseUp"})
        if before is None or controls.heading != before.heading or controls.thrusting == pressed:
            self._send_json({"type": "facing", "facing": facing(controls.heading)})
            self.observer.steered(0, controls.heading)

    def _send_json(self, message: dict[str, object]) -> None:
        self.send(WSMsgType.TEXT, json.dumps({**message, "playerId": self._id}).encode())


def facing(heading: int) -> float:
    """Return the tutorial's angle in radians of a heading, 0 to 255."""
    signed = heading - HEADINGS if heading > HEADINGS // 2 else heading
    return round(signed * math.tau / HEADINGS, 3)


def heading_of(angle: float) -> int:
    """Return the nearest heading of an angle in radians."""
    return round(angle / math.tau * HEADINGS) % HEADINGS
