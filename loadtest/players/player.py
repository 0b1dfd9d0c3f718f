"""One player, whatever it speaks: comes, flies as its hand does, and comes back by the protocol's rules."""

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

GONE: Final = 1006  # the code of a socket that ended without a word
NO_CODE: Final = 1005  # of a close frame without one
MASKED_BYTES: Final = 6  # around a short message of a client: header and mask
SHORT: Final = 126  # payloads from here on need a longer header: 2 bytes more, and 8
MEDIUM: Final = 1 << 16

# What reading a message that no server sends may raise; nothing else may.
UNREADABLE: Final = (Refused, IndexError, struct.error, msgspec.DecodeError, UnicodeError, ValueError)


class Player(ABC):
    """A person with at most one socket at a time; what it speaks is said by a subclass."""

    subprotocol: ClassVar[str | None]

    def __init__(self, door: Door, number: int, hand: Hand, observer: Observer, random: Random) -> None:
        """Take where to connect, as the how manieth, what steers and who looks; nothing runs yet."""
        self.observer = observer
        self.stays_away = False
        self.leaves = False  # on purpose, for ever
        self._door = door
        self._number = number
        self._hand = hand
        self._rule = Reconnect(random)
        self._transport: WSTransport | None = None
        self._controls = Controls(random.randrange(256), thrusting=False)

    @property
    def connected(self) -> bool:
        """Whether there is a socket."""
        return self._transport is not None

    async def live(self) -> None:
        """Connect, and come back for as long as the rules say so."""
        while not self.leaves:
            delay_s = self._rule.delay_s(await self._fly())
            if delay_s is None:
                self.stays_away = True
                return
            await asyncio.sleep(delay_s)

    def steer(self) -> None:
        """Do what this hand does in one of its turns."""
        controls = self._hand.controls()
        if self._hand.says(controls, self._controls):
            before, self._controls = self._controls, controls
            self.say_controls(controls, before)

    def drop(self, *, hint_ms: int | None = None) -> None:
        """Lose the socket without a word; with `hint_ms` come back exactly then."""
        if self._transport is not None:
            if hint_ms is not None:
                self._rule.hinted(hint_ms)
            self._transport.disconnect(graceful=False)

    def leave(self, *, kindly: bool) -> None:
        """Go for ever, with a word or without."""
        self.leaves = True
        if kindly and self._transport is not None:
            self._transport.send_close(WSCloseCode.OK)
            self._transport.disconnect()
        else:
            self.drop()

    def opened(self, transport: WSTransport) -> None:
        """Begin with a socket."""
        self._transport = transport
        self.observer.connected(transport.response)
        self.greet()

    def lost(self, code: int) -> None:
        """Note how the socket ended."""
        self._transport = None
        if not self.leaves:
            self.observer.closed(code)

    def resync(self) -> bool:
        """Ask for a whole frame; tell whether that was possible: where there are only whole ones, it is not."""
        return False

    @abstractmethod
    def greet(self) -> None:
        """Say what is said first on a socket."""

    @abstractmethod
    def take(self, data: bytes) -> None:
        """Take in one message; raises one of UNREADABLE for what no server sends."""

    @abstractmethod
    def say_controls(self, controls: Controls, before: Controls | None) -> None:
        """Say what the player holds; `before` is what was said last, None on a socket that has heard nothing."""

    def say(self, kind: WSMsgType, message: bytes) -> bool:
        """Send a short message; tell whether there was a socket to send it to."""
        if self._transport is None:
            return False
        self._transport.send(kind, message)
        self.observer.sent(len(message) + MASKED_BYTES)
        return True

    async def _fly(self) -> int:
        """Hold one socket; return its close code, or 0 if there was none."""
        socket = _Socket(self)
        try:
            transport = await self._door.open(self._number, lambda: socket, self.subprotocol)
        except DoorError as error:
            self.observer.refused(error)
            return 0
        with contextlib.suppress(WSError, OSError):
            await transport.wait_disconnected()
        if not socket.opened:  # it was lost during the handshake, of which picows makes no error
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
