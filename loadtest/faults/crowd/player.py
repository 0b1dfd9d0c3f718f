"""One player: flies as people do, notes what it sees, and comes back by the protocol's rules."""

import asyncio
import contextlib
import time
from random import Random
from typing import Final

from picows import WSCloseCode, WSError, WSFrame, WSInvalidStatusError, WSListener, WSMsgType, WSTransport, ws_connect

from app.wire import inputs, outputs
from app.wire.inputs import Resync
from app.wire.outputs import Goodbye, Status, Welcome
from loadtest.cluster.nginx import GATEWAY_HEADER
from loadtest.faults.crowd.reconnect import Reconnect
from loadtest.faults.crowd.record import Record
from loadtest.faults.crowd.stream import Stream
from loadtest.faults.crowd.witness import Witness
from loadtest.faults.observation import Histogram
from loadtest.people import Controls, Person

HANDSHAKE_S: Final = 10.0  # longest wait for a 101
GONE: Final = 1006  # the code of a socket that ended without a word
NO_ANSWER: Final = 0  # as the status of a refused handshake
COASTS_FROM: Final = 40  # ticks after which a coasting witness lets go of the button: at full speed
_FRAMES: Final = frozenset({outputs.DELTA, outputs.KEYFRAME, outputs.FULL})
_HEADERS: Final = {"Sec-WebSocket-Protocol": "flotilla.v1"}


class Player:
    """A person with at most one socket at a time."""

    def __init__(self, url: str, gaps: Histogram, random: Random, witness: Witness | None = None) -> None:
        """Take where to connect and where to count gaps between frames; nothing runs yet."""
        self.record = Record()
        self.witness = witness
        self.ship = 0
        self.gateway = ""
        self.last_frame = 0.0  # by time.monotonic(); 0 before the first
        self.noted_at = self.resumed_at = 0.0
        self.stays_away = False
        self.leaves = False  # on purpose, for ever
        self.epochs: set[int] = set()
        self._url = url
        self._gaps = gaps
        self._person = Person(random)
        self._ticks = 0
        self._controls = Controls(random.randrange(256), thrusting=False)
        self._sequence = 0
        self._ticket = b""
        self._rule = Reconnect(random)
        self._transport: WSTransport | None = None
        self._connected_before = False
        self._epoch = self._tick = 0

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
        """Do what this person does in one tick."""
        self._ticks += 1
        controls = self._wanted()
        if controls != self._controls:
            self._controls = controls
            self._say_controls()

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

    def connection_made(self, transport: WSTransport) -> None:
        """Say HELLO."""
        self._transport = transport
        tried = transport.response.headers.get(GATEWAY_HEADER, "")
        self.gateway = tried.rpartition(",")[2].strip()
        if self._connected_before:
            self.record.reconnects += 1
        self._connected_before = True
        if self.witness is not None:
            self.witness.connected()
        transport.send(WSMsgType.BINARY, inputs.encode_hello(ticket=self._ticket))

    def connection_lost(self, code: int) -> None:
        """Note how the socket ended."""
        self._transport = None
        if not self.leaves:
            self.record.closes.append(code)
            if code != GONE:
                self.record.closed_by[self.gateway] += 1

    def framed(self, stream: Stream) -> None:
        """Note a frame of the world."""
        now = time.monotonic()
        record = self.record
        if self.last_frame:
            gap = now - self.last_frame
            self._gaps.add(gap)
            record.longest_gap = max(record.longest_gap, gap)
        else:
            self._rule.flying()
        self.last_frame = now
        record.frames += 1
        if self.resumed_at <= self.noted_at:
            self.resumed_at = now
            self._rule.flying()
        if stream.epoch != self._epoch:
            if stream.epoch < self._epoch:
                record.older_epochs += 1
                return
            self.epochs.add(stream.epoch)
        elif stream.tick < self._tick:
            record.ticks_back += 1
        self._epoch, self._tick = stream.epoch, stream.tick

    def told(self, data: bytes) -> None:
        """Take in what is not a frame."""
        for message in outputs.decode(data):
            match message:
                case Welcome(ship=ship, ticket=ticket):
                    self.record.ships_lost += self.ship not in {0, ship}
                    self.ship, self._ticket = ship, ticket
                    self._rule.flying()
                    self._say_controls()
                case Status(paused=True):
                    self.record.paused = True
                case Goodbye(after_ms):
                    self._rule.hinted(after_ms)

    def misfit(self, *, resync: bool) -> None:
        """Note a frame that does not fit; ask for a keyframe."""
        self.record.misfits += 1
        if resync and self._transport is not None:
            self._transport.send(WSMsgType.BINARY, inputs.encode_bare(Resync()))

    async def _fly(self) -> int:
        """Hold one socket; return its close code, or 0 if there was none."""
        socket = Socket(self)
        try:
            transport, _ = await ws_connect(
                lambda: socket,
                self._url,
                extra_headers=_HEADERS,
                websocket_handshake_timeout=HANDSHAKE_S,
                use_aiofastnet=False,
            )
        except WSInvalidStatusError as error:
            self.record.refusals.append(int(error.response.status) if error.response else NO_ANSWER)
            return 0
        except (WSError, OSError, TimeoutError):
            self.record.refusals.append(NO_ANSWER)
            return 0
        with contextlib.suppress(WSError, OSError):
            await transport.wait_disconnected()
        if not socket.opened:  # it was lost during the handshake, of which picows makes no error
            self.record.refusals.append(NO_ANSWER)
            return 0
        return socket.code

    def _wanted(self) -> Controls:
        if self.witness is not None and self.witness.coasts:
            return Controls(self._controls.heading, thrusting=self._ticks < COASTS_FROM)
        return self._person.controls()

    def _say_controls(self) -> None:
        if self._transport is not None:
            self._sequence = (self._sequence + 1) & 0xFF
            controls = self._controls
            message = inputs.encode_input(self._sequence, controls.heading, thrusting=controls.thrusting)
            self._transport.send(WSMsgType.BINARY, message)


class Socket(WSListener):
    """One connection of a player."""

    def __init__(self, player: Player) -> None:
        """Take whose it is."""
        super().__init__()
        self.code = GONE
        self.opened = False
        self._player = player
        self._stream = Stream()

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.opened = True
        self._player.connection_made(transport)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.BINARY:
            self._take(frame.get_payload_as_bytes())
        elif frame.msg_type == WSMsgType.CLOSE:
            payload = frame.get_payload_as_bytes()
            self.code = int.from_bytes(payload[:2], "big") if payload else 1005
            transport.send_close(frame.get_close_code())
            transport.disconnect()

    def on_ws_disconnected(self, transport: WSTransport) -> None:  # noqa: ARG002  # picows gives it
        self._player.connection_lost(self.code)

    def _take(self, data: bytes) -> None:
        player, stream = self._player, self._stream
        if data[0] not in _FRAMES:
            player.told(data)
        if not stream.take(data):
            return
        player.framed(stream)
        if not stream.fits:
            stream.fits = True
            player.misfit(resync=True)
        if player.witness is not None and player.witness.take(data, player.ship):
            player.misfit(resync=True)
