"""A player of flotilla.v1: HELLO with its ticket, numbered inputs, and the epoch and tick of every frame."""

from random import Random
from typing import Final

from picows import WSMsgType

from app.wire import inputs, outputs
from app.wire.inputs import Resync
from app.wire.outputs import Goodbye, Status, Welcome
from loadtest.players.door import Door
from loadtest.players.hands import Hand
from loadtest.players.observer import Observer
from loadtest.players.people import Controls
from loadtest.players.player import Player
from loadtest.players.stream import Stream

_FRAMES: Final = frozenset({outputs.DELTA, outputs.KEYFRAME, outputs.FULL})


class V1Player(Player):
    subprotocol = "flotilla.v1"

    def __init__(self, door: Door, number: int, hand: Hand, observer: Observer, random: Random) -> None:
        super().__init__(door, number, hand, observer, random)
        self._ticket = b""
        self._sequence = 0
        self._stream = Stream()

    def greet(self) -> None:
        self._stream = Stream()
        self.send(WSMsgType.BINARY, inputs.encode_hello(ticket=self._ticket))

    def take(self, data: bytes) -> None:
        stream = self._stream
        if data[0] not in _FRAMES:
            self._process(data)
        if not stream.take(data):
            return
        resync = self.observer.framed(data, stream.epoch, stream.tick)
        if not stream.fits:
            stream.fits = True
            resync = True
        if resync:
            self.observer.misfitted()
            self.resync()

    def resync(self) -> bool:
        return self.send(WSMsgType.BINARY, inputs.encode_bare(Resync()))

    def send_controls(self, controls: Controls, before: Controls | None) -> None:  # noqa: ARG002  # levels, not changes
        sequence = (self._sequence + 1) & 0xFF
        message = inputs.encode_input(sequence, controls.heading, thrusting=controls.thrusting)
        if self.send(WSMsgType.BINARY, message):
            self._sequence = sequence
            self.observer.steered(sequence, controls.heading)

    def _process(self, data: bytes) -> None:
        for message in outputs.decode(data):
            match message:
                case Welcome(ship=ship, ticket=ticket):
                    self._ticket = ticket
                    self._rule.flying()
                    self.observer.named(str(ship))
                    self.send_controls(self._controls, None)
                case Status(paused=True):
                    self.observer.paused()
                case Goodbye(after_ms):
                    self._rule.hinted(after_ms)
