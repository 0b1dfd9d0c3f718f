"""A player who speaks the tutorial's JSON, and looks at no more of a frame than that it is one."""

import json
import math
from typing import Final

import msgspec
from picows import WSMsgType

from loadtest.players.people import Controls
from loadtest.players.player import Player

HEADINGS: Final = 256
HEAD_BYTES: Final = 64  # of a message, in which its type stands

_STATE: Final = b"stateUpdate"


class _Told(msgspec.Struct):
    type: str
    playerId: object = None  # noqa: N815  # the tutorial's spelling
    reconnectAfterMs: int = 0  # noqa: N815  # as above


_decoder = msgspec.json.Decoder(_Told)


class TutorialPlayer(Player):
    """One who speaks JSON."""

    subprotocol = None
    _id: object = None

    def greet(self) -> None:
        """Say nothing: the server tells an id first."""
        self._id = None

    def take(self, data: bytes) -> None:
        """Take in one message."""
        if _STATE in data[:HEAD_BYTES]:
            self._rule.flying()
            self.observer.framed(data, 0, 0)
            return
        told = _decoder.decode(data)
        if told.type == "playerId" and told.playerId is not None:
            self._id = told.playerId
            self.observer.named(str(told.playerId))
            self.say_controls(self._controls, None)
        elif told.type == "goodbye":
            self._rule.hinted(told.reconnectAfterMs)

    def say_controls(self, controls: Controls, before: Controls | None) -> None:
        """Send `facing`, and the button where it moved; before the server told an id there is nothing to say."""
        if self._id is None:
            return
        pressed = before is not None and before.thrusting
        if controls.thrusting != pressed:
            self._say({"type": "mouseDown" if controls.thrusting else "mouseUp"})
        if before is None or controls.heading != before.heading or controls.thrusting == pressed:
            self._say({"type": "facing", "facing": facing(controls.heading)})
            self.observer.steered(0, controls.heading)

    def _say(self, message: dict[str, object]) -> None:
        self.say(WSMsgType.TEXT, json.dumps({**message, "playerId": self._id}).encode())


def facing(heading: int) -> float:
    """Return the tutorial's angle in radians of a heading, 0 to 255."""
    signed = heading - HEADINGS if heading > HEADINGS // 2 else heading
    return round(signed * math.tau / HEADINGS, 3)


def heading_of(angle: float) -> int:
    """Return the heading that is nearest to an angle in radians."""
    return round(angle / math.tau * HEADINGS) % HEADINGS
