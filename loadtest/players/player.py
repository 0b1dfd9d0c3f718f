"""One player of any protocol: connects, steers, and reconnects by the protocol's rules."""

import asyncio
import contextlib
import struct
from abc import ABC, abstractmethod
from random import Random
from typing import ClassVar, Final

import msgspec
from picows import WSCloseCode, WSError, WSFrame, WSListener, WSMsgType, WSTransport

from app.wire.refusal import Refused
from loadtest.players.door import NO_ANSWER, PROTOCOL, Door, DoorError
from loadtest.players.hands import Hand
from loadtest.players.observer import Observer
from loadtest.players.people import Controls
from loadtest.players.reconnect import Reconnect

GONE: Final = 1006  # the code of a socket that ended without a close frame
NO_CODE: Final = 1005  # the code of a close frame without a code
MASKED_BYTES: Final = 6  # of a client's short message: header and mask
SHORT: Final = 126  # payloads from here on have a longer header: by 2 bytes, and by 8
MEDIUM: Final = 1 << 16

# Exceptions of decoding a message that no server sends.
UNREADABLE: Final = (Refused, IndexError, struct.error, msgspec.DecodeError, UnicodeError, ValueError)


class Player(ABC):
    """A player with at most one socket at a time; subclasses implement the protocol."""

    subprotocol: ClassVar[str | None]

    def __init__(self, door: Door, number: int, hand: Hand, observer: Observer, random: Random) -> None:
        """Nothing runs yet. `number` selects one of the door's addresses."""
        self.observer = observer
        self.stays_away = False
        self.leaves = False  # it does not reconnect
        self._door = door
        self._number = number
        self._hand = hand
        self._rule = Reconnect(random)
        self._transport: WSTransport | None = None
        self._controls = Controls(random.randrange(256), thrusting=False)

    @property
    def connected(self) -> bool:
        return self._transport is not None

    async def live(self) -> None:
        """Connect, and reconnect as long as the rules permit."""
        while not self.leaves:
            delay_s = self._rule.delay_s(await self._fly())
            if delay_s is None:
                self.stays_away = True
                return
            await asyncio.sleep(delay_s)

    def steer(self) -> None:
        """Take one turn of the hand."""
        controls = self._hand.controls()
        if self._hand.sends(controls, self._controls):
            before, self._controls = self._controls, controls
            self.send_controls(controls, before)

    def drop(self, *, hint_ms: int | None = None) -> None:
        """Drop the socket without a close frame; with `hint_ms` reconnect after exactly that time."""
        if self._transport is not None:
            if hint_ms is not None:
                self._rule.hinted(hint_ms)
            self._transport.disconnect(graceful=False)

    def leave(self, *, kindly: bool) -> None:
        """Leave for good, with or without a close frame."""
        self.leaves = True
        if kindly and self._transport is not None:
            self._transport.send_close(WSCloseCode.OK)
            self._transport.disconnect()
        else:
            self.drop()

    def opened(self, transport: WSTransport) -> None:
        self._transport = transport
        self.observer.connected(transport.response)
        self.greet()

    def lost(self, code: int) -> None:
        self._transport = None
        if not self.leaves:
            self.observer.closed(code)

    def resync(self) -> bool:
        """Request a keyframe; return False if there is no socket or the protocol has no deltas."""
        return False

    @abstractmethod
    def greet(self) -> None:
        """Send the first message of a socket."""

    @abstractmethod
    def take(self, data: bytes) -> None:
        """Process one message; raises one of UNREADABLE if no server sends it."""

    @abstractmethod
    def send_controls(self, controls: Controls, before: Controls | None) -> None:
        """Send the controls; `before` are the ones sent last, None on a new socket."""

    def send(self, kind: WSMsgType, message: bytes) -> bool:
        """Send a short message; return False if there is no socket."""
        if self._transport is None:
            return False
        self._transport.send(kind, message)
        self.observer.sent(len(message) + MASKED_BYTES)
        return True

    async def _fly(self) -> int:
        """Keep one socket until it closes; return its close code, or 0 if the handshake failed."""
        socket = _Socket(self)
        try:
            transport = await self._door.open(self._number, lambda: socket, self.subprotocol)
        except DoorError as error:
            self.observer.refused(error)
            return 0
        with contextlib.suppress(WSError, OSError):
            await transport.wait_disconnected()
        if not socket.opened:  # picows raises nothing for a socket that is lost during the handshake
            self.observer.refused(DoorError(PROTOCOL, NO_ANSWER, "ended during the handshake"))
            return 0
        return socket.code


class _Socket(WSListener):
    """One connection of a player."""

    def __init__(self, player: Player) -> None:
        super().__init__()
        self.code = GONE
        self.opened = False
        self._player = player
        self._parts: list[bytes] = []

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.opened = True
        self._player.opened(transport)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        kind = frame.msg_type
        if kind == WSMsgType.CLOSE:
            payload = frame.get_payload_as_bytes()
            self.code = int.from_bytes(payload[:2], "big") if payload else NO_CODE
            transport.send_close(frame.get_close_code())
            transport.disconnect()
        elif kind in (WSMsgType.BINARY, WSMsgType.TEXT, WSMsgType.CONTINUATION):
            self._gather(frame.get_payload_as_bytes(), whole=frame.fin)

    def on_ws_disconnected(self, transport: WSTransport) -> None:  # noqa: ARG002  # picows gives it
        self._player.lost(self.code)

    def _gather(self, data: bytes, *, whole: bool) -> None:
        player, size = self._player, len(data)
        player.observer.received(size + (2 if size < SHORT else 4 if size < MEDIUM else 10))
        if self._parts or not whole:
            self._parts.append(data)
            if not whole:
                return
            data = b"".join(self._parts)
            self._parts.clear()
        try:
            player.take(data)
        except UNREADABLE:
            player.observer.undecodable()
