"""A flotilla.v1 player: HELLO with its ticket, inputs by number, and every frame read as far as its place in time."""

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
    """One who speaks flotilla.v1."""

    subprotocol = "flotilla.v1"

    def __init__(self, door: Door, number: int, hand: Hand, observer: Observer, random: Random) -> None:
        """Take what a player takes."""
        super().__init__(door, number, hand, observer, random)
        self.ship = 0
        self._ticket = b""
        self._sequence = 0
        self._stream = Stream()

    def greet(self) -> None:
        """Say HELLO."""
        self._stream = Stream()
        self.say(WSMsgType.BINARY, inputs.encode_hello(ticket=self._ticket))

    def take(self, data: bytes) -> None:
        """Take in one message."""
        stream = self._stream
        if data[0] not in _FRAMES:
            self._told(data)
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
        """Ask for a keyframe."""
        return self.say(WSMsgType.BINARY, inputs.encode_bare(Resync()))

    def say_controls(self, controls: Controls, before: Controls | None) -> None:  # noqa: ARG002  # levels, not changes
        """Send INPUT."""
        sequence = (self._sequence + 1) & 0xFF
        message = inputs.encode_input(sequence, controls.heading, thrusting=controls.thrusting)
        if self.say(WSMsgType.BINARY, message):
            self._sequence = sequence
            self.observer.steered(sequence, controls.heading)

    def _told(self, data: bytes) -> None:
        for message in outputs.decode(data):
            match message:
                case Welcome(ship=ship, ticket=ticket):
                    self.ship, self._ticket = ship, ticket
                    self._rule.flying()
                    self.observer.named(str(ship))
                    self.say_controls(self._controls, None)
                case Status(paused=True):
                    self.observer.paused()
                case Goodbye(after_ms):
                    self._rule.hinted(after_ms)
