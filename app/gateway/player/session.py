"""What one socket says and means: a state machine without I/O, one class per language of docs/protocol.md.

Messages go in, calls on a `Port` come out. A session never raises on what a peer sends: whatever it is becomes an
input, a refusal by name, or a close with a code.
"""

from typing import Final, Protocol

from app.gateway.fanout import frame
from app.gateway.fanout.frame import Frame
from app.wire import inputs, outputs, tutorial
from app.wire.close_codes import CloseCode
from app.wire.inputs import ClientMessage, Hello, Pause, Ping, Resume, Resync
from app.wire.outputs import Welcome
from app.wire.refusal import Refused

SUBPROTOCOL: Final = "flotilla.v1"


class Port(Protocol):
    """What a session can do to the world around it; all calls return at once."""

    def join(self, ticket: bytes | None) -> None:
        """Ask for a ship: that of the `ticket`, if it still flies; None for a player who cannot carry one."""

    def steer(self, message: bytes) -> None:
        """Set the controls of the ship by a valid INPUT, now or as soon as there is a ship."""

    def send(self, frame: Frame) -> None:
        """Write a message that must not be skipped."""

    def watch(self, *, full: bool) -> None:
        """Deliver frames of the ship's arena: pictures if `full`, else what a replica needs, from a keyframe on."""

    def unwatch(self) -> None:
        """Deliver no frames."""

    def refuse(self, reason: str) -> None:
        """Count a refused message."""

    def close(self, code: CloseCode, reason: str) -> None:
        """Close the socket; the session is told nothing more."""


class Session(Protocol):
    """A player's side of one socket."""

    def receive_bytes(self, data: bytes) -> None:
        """Take in a binary message."""

    def receive_text(self, text: str) -> None:
        """Take in a text message."""

    def berthed(self, welcome: Welcome) -> None:
        """Learn which ship is this player's; may come again with another."""

    def overdue(self) -> None:
        """Learn that the time for the first message is over."""

    def paused(self, *, paused: bool) -> None:
        """Learn that the world stands still, or moves again."""

    def goodbye(self, reconnect_after_ms: int) -> None:
        """Learn that the server will close."""


class BinarySession:
    """flotilla.v1."""

    def __init__(self, port: Port) -> None:
        """Wait for HELLO."""
        self._port = port
        self._hello: Hello | None = None
        self._welcomed = False
        self._hidden = False

    def receive_bytes(self, data: bytes) -> None:
        """Take in one client message, strictly."""
        if self._hello is not None and inputs.is_input(data):
            self._port.steer(data)
        else:
            self._receive_other(data)

    def receive_text(self, text: str) -> None:  # noqa: ARG002  # what it says does not matter
        """Refuse: this language is binary."""
        self._malformed("text_on_binary")

    def berthed(self, welcome: Welcome) -> None:
        """Welcome the player and show the arena."""
        self._welcomed = True
        self._port.send(frame.binary(outputs.encode_welcome(welcome)))
        self._watch()

    def overdue(self) -> None:
        """Close if there was no HELLO."""
        if self._hello is None:
            self._port.refuse("no_hello")
            self._port.close(CloseCode.NO_HELLO, "no HELLO in time")

    def paused(self, *, paused: bool) -> None:
        """Tell the player."""
        self._port.send(frame.binary(outputs.encode_status(paused=paused)))

    def goodbye(self, reconnect_after_ms: int) -> None:
        """Give the hint."""
        self._port.send(frame.binary(outputs.encode_goodbye(reconnect_after_ms)))

    def _receive_other(self, data: bytes) -> None:
        try:
            message = inputs.decode(data)
        except Refused as refused:
            self._malformed(refused.reason)
            return
        if self._hello is None:
            self._first(message)
        else:
            self._next(message)

    def _first(self, message: ClientMessage) -> None:
        if not isinstance(message, Hello):
            self._malformed("hello_expected")
            return
        self._hello = message
        self._port.join(message.ticket)

    def _next(self, message: ClientMessage) -> None:
        match message:
            case Ping(nonce):
                self._port.send(frame.binary(outputs.encode_pong(nonce)))
            case Resync():
                self._watch()
            case Pause():
                self._hidden = True
                self._port.unwatch()
            case Resume():
                self._resume()
            case Hello():
                self._malformed("hello_repeated")

    def _resume(self) -> None:
        if self._hidden:
            self._hidden = False
            self._watch()

    def _watch(self) -> None:
        if self._welcomed and not self._hidden and self._hello is not None:
            self._port.watch(full=self._hello.full)

    def _malformed(self, reason: str) -> None:
        self._port.refuse(reason)
        self._port.close(CloseCode.MALFORMED, f"malformed message: {reason}")


class TutorialSession:
    """The tutorial's JSON; a player joins by connecting."""

    _HARMLESS: Final = frozenset({"facing", "not_your_ship"})

    def __init__(self, port: Port) -> None:
        """Ask for a ship at once."""
        self._port = port
        self._player_id: str | None = None
        self._sequence = 0
        self._heading = 0
        self._thrusting = False
        port.join(None)

    def receive_text(self, text: str) -> None:
        """Take in one client message."""
        try:
            command = tutorial.decode(text, self._player_id or "")
        except Refused as refused:
            self._refused(refused.reason)
            return
        match command:
            case tutorial.MouseDown():
                self._thrusting = True
            case tutorial.MouseUp():
                self._thrusting = False
            case tutorial.Facing(heading):
                self._heading = heading
        self._sequence = (self._sequence + 1) & 0xFF
        self._port.steer(inputs.encode_input(self._sequence, self._heading, thrusting=self._thrusting))

    def receive_bytes(self, data: bytes) -> None:  # noqa: ARG002  # what it says does not matter
        """Refuse: this language is text."""
        self._refused("binary_on_text")

    def berthed(self, welcome: Welcome) -> None:
        """Tell the player its id; a later ship is a new id."""
        self._player_id = str(welcome.ship)
        self._port.send(frame.text(tutorial.encode_player_id(self._player_id)))
        self._port.watch(full=False)

    def overdue(self) -> None:
        """Do nothing: this language has no HELLO."""

    def paused(self, *, paused: bool) -> None:
        """Do nothing: the tutorial has no word for it."""

    def goodbye(self, reconnect_after_ms: int) -> None:
        """Give the hint; a client of the tutorial ignores it."""
        self._port.send(frame.text(tutorial.encode_goodbye(reconnect_after_ms)))

    def _refused(self, reason: str) -> None:
        self._port.refuse(reason)
        if reason in self._HARMLESS:
            self._port.send(frame.text(tutorial.encode_refusal(reason)))
        else:
            self._port.close(CloseCode.MALFORMED, f"malformed message: {reason}")
