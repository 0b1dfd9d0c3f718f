"""The state of one socket's protocol: decides, without I/O, what each message and each event leads to.

There is one class for each protocol in docs/protocol.md. A session never raises on what a peer sends: every message
becomes an input, a counted refusal, or a close with a code.
"""

from typing import Final, Protocol

from app.gateway.fanout import frame
from app.gateway.fanout.frame import Frame
from app.gateway.player.controls import NoReceiver
from app.wire import inputs, outputs, tutorial
from app.wire.close_codes import CloseCode
from app.wire.inputs import ClientMessage, Hello, Pause, Ping, Resume, Resync
from app.wire.outputs import Welcome
from app.wire.refusal import Refused

SUBPROTOCOL: Final = "flotilla.v1"


class Actions(Protocol):
    """What a session can order. All calls return at once."""

    def join(self, ticket: bytes | None) -> None:
        """Request a ship: the one of the `ticket`, if it still flies. None means that the player has no tickets."""

    def steer(self, message: bytes) -> None:
        """Set the controls of the ship to a valid INPUT, now or as soon as there is a ship."""

    def send(self, frame: Frame) -> None:
        """Send a message that must not be skipped."""

    def watch(self, *, full: bool, sparse: bool = False) -> None:
        """Send frames of the ship's arena from now on: full ones if `full`, else a keyframe and then deltas.

        `sparse`: the client accepts fewer and larger messages.
        """

    def unwatch(self) -> None:
        """Send no frames."""

    def refuse(self, reason: str) -> None:
        """Count a refused message."""

    def close(self, code: CloseCode, reason: str) -> None:
        """Close the socket. The session receives nothing after that."""


class Session(Protocol):
    """The server's side of the protocol on one socket."""

    def opened(self) -> None:
        """Handle the open socket. Call it once, before everything else."""

    def receive_bytes(self, data: bytes) -> None: ...

    def receive_text(self, text: str) -> None: ...

    def ship_assigned(self, welcome: Welcome) -> None:
        """Handle the player's ship. May be called again with another ship."""

    def hello_timed_out(self) -> None:
        """Handle the end of the time for HELLO. May be called repeatedly, also after HELLO."""

    def send_status(self, *, paused: bool) -> None: ...

    def send_goodbye(self, reconnect_after_ms: int) -> None: ...


class BinarySession:
    """flotilla.v1."""

    def __init__(self, actions: Actions) -> None:
        self._actions = actions
        self._hello: Hello | None = None
        self._welcomed = False
        self._hidden = False

    def opened(self) -> None:
        """Do nothing: the client sends HELLO."""

    def receive_bytes(self, data: bytes) -> None:
        if self._hello is not None and inputs.is_input(data):
            self._actions.steer(data)
        else:
            self._receive_other(data)

    def receive_text(self, text: str) -> None:  # noqa: ARG002  # the content does not matter
        self._malformed("text_on_binary")

    def ship_assigned(self, welcome: Welcome) -> None:
        self._welcomed = True
        self._actions.send(frame.binary(outputs.encode_welcome(welcome)))
        self._watch()

    def hello_timed_out(self) -> None:
        if self._hello is None:
            self._actions.refuse("no_hello")
            self._actions.close(CloseCode.NO_HELLO, "no HELLO in time")

    def send_status(self, *, paused: bool) -> None:
        self._actions.send(frame.binary(outputs.encode_status(paused=paused)))

    def send_goodbye(self, reconnect_after_ms: int) -> None:
        self._actions.send(frame.binary(outputs.encode_goodbye(reconnect_after_ms)))

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
        self._actions.join(message.ticket)

    def _next(self, message: ClientMessage) -> None:
        match message:
            case Ping(nonce):
                self._actions.send(frame.binary(outputs.encode_pong(nonce)))
            case Resync():
                self._watch()
            case Pause():
                self._hidden = True
                self._actions.unwatch()
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
            self._actions.watch(full=self._hello.full, sparse=self._hello.sparse)

    def _malformed(self, reason: str) -> None:
        self._actions.refuse(reason)
        self._actions.close(CloseCode.MALFORMED, f"malformed message: {reason}")


class TutorialSession:
    """The tutorial's JSON. A player joins by connecting."""

    _HARMLESS: Final = frozenset({"facing", "not_your_ship"})

    def __init__(self, actions: Actions) -> None:
        self._actions = actions
        self._player_id: str | None = None
        self._sequence = 0
        self._heading = 0
        self._thrusting = False

    def opened(self) -> None:
        self._actions.join(None)

    def receive_text(self, text: str) -> None:
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
        self._actions.steer(inputs.encode_input(self._sequence, self._heading, thrusting=self._thrusting))

    def receive_bytes(self, data: bytes) -> None:  # noqa: ARG002  # the content does not matter
        self._refused("binary_on_text")

    def ship_assigned(self, welcome: Welcome) -> None:
        """Send the player its id. A later ship has a new id."""
        self._player_id = str(welcome.ship)
        self._actions.send(frame.text(tutorial.encode_player_id(self._player_id)))
        self._actions.watch(full=False)

    def hello_timed_out(self) -> None:
        """Do nothing: this protocol has no HELLO."""

    def send_status(self, *, paused: bool) -> None:
        """Do nothing: the tutorial has no such message."""

    def send_goodbye(self, reconnect_after_ms: int) -> None:
        """Send the hint, which a client of the tutorial ignores."""
        self._actions.send(frame.text(tutorial.encode_goodbye(reconnect_after_ms)))

    def _refused(self, reason: str) -> None:
        self._actions.refuse(reason)
        if reason in self._HARMLESS:
            self._actions.send(frame.text(tutorial.encode_refusal(reason)))
        else:
            self._actions.close(CloseCode.MALFORMED, f"malformed message: {reason}")


class EndedSession(NoReceiver):
    """The session of a socket that has ended: nothing leads to anything."""

    def opened(self) -> None:
        """Do nothing."""

    def ship_assigned(self, welcome: Welcome) -> None:
        """Do nothing."""

    def hello_timed_out(self) -> None:
        """Do nothing."""

    def send_status(self, *, paused: bool) -> None:
        """Do nothing."""

    def send_goodbye(self, reconnect_after_ms: int) -> None:
        """Do nothing."""
