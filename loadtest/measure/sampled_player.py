"""The few players that decode every frame: the time until their inputs are visible, and the age of frames.

All frames of a tick arrive in one burst, and decoding one takes longer than all other work on it. So frames wait in a
queue with their arrival times, and are decoded one at a time between other work. They delay no other player's frame.
"""

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from typing import Final

import msgspec

from loadtest.measure.totals import Totals
from loadtest.players.player import UNREADABLE
from loadtest.players.replica import Replica
from loadtest.players.tutorial import heading_of

SAMPLED: Final = 20  # players of a test at most: decoding is the most expensive work of a generator
HALF: Final = 128  # of the 256 sequences: a larger distance is behind, not ahead

MAX_QUEUED: Final = 2000  # frames, five seconds of a whole sample: on a slower machine frames are dropped
MAX_WAITING: Final = 200  # inputs that are not visible yet: 10 s of them, in which a world stands still

Clock = Callable[[], float]


class DecodeQueue:
    """Frames that wait to be decoded, of all sampled players of one process."""

    def __init__(self) -> None:
        self._frames: deque[tuple[SampledPlayer, bytes, int, int, float]] = deque()
        self._any = asyncio.Event()

    def put(self, player: "SampledPlayer", data: bytes, epoch: int, tick: int, now: float) -> None:
        if len(self._frames) < MAX_QUEUED:
            self._frames.append((player, data, epoch, tick, now))
            self._any.set()

    async def run(self) -> None:
        """Decode frames until cancelled."""
        while True:
            await self._any.wait()
            self._any.clear()
            while self._frames:
                self.decode_one()
                await asyncio.sleep(0)

    def decode_one(self) -> None:
        player, data, epoch, tick, now = self._frames.popleft()
        player.decode(data, epoch, tick, now)


class SampledPlayer(ABC):
    """Decodes the frames of one player."""

    def __init__(self, totals: Totals, clock: Clock) -> None:
        self.resync: Callable[[], bool] = bool  # requests a keyframe from the server
        self._totals = totals
        self._clock = clock
        self._waiting: deque[tuple[int, float]] = deque(maxlen=MAX_WAITING)  # inputs, and when they were sent

    def connected(self) -> None:
        """Forget the inputs of the socket before: they may never have arrived."""
        self._waiting.clear()

    def named(self, name: str) -> None:
        self._own = name

    @abstractmethod
    def steered(self, sequence: int, heading: int) -> None: ...

    def decode(self, data: bytes, epoch: int, tick: int, now: float) -> None:
        """Decode a frame that arrived at `now`, which may be a while ago."""
        try:
            self.take(data, epoch, tick, now)
        except UNREADABLE:
            self._totals.decode_errors += 1

    @abstractmethod
    def take(self, data: bytes, epoch: int, tick: int, now: float) -> None:
        """Decode a frame; raises one of UNREADABLE."""

    def _sent(self, mark: int) -> None:
        self._waiting.append((mark, self._clock()))

    def _visible(self, count: int, now: float) -> None:
        self._totals.visible += [now - self._waiting.popleft()[1] for _ in range(count)]


class SampledV1Player(SampledPlayer):
    """Follows the world exactly. A frame shows an input if the own ship has its sequence, or a later one."""

    def __init__(self, totals: Totals, clock: Clock) -> None:
        super().__init__(totals, clock)
        self._replica = Replica()
        self._own = "0"

    def connected(self) -> None:
        super().connected()
        self._replica = Replica()

    def steered(self, sequence: int, heading: int) -> None:  # noqa: ARG002  # the sequence is enough
        self._sent(sequence)

    def take(self, data: bytes, epoch: int, tick: int, now: float) -> None:
        replica = self._replica
        self._totals.ages.add(epoch, tick, now)
        requested = replica.wants_resync
        replica.apply(data)
        if not replica.in_step:
            if replica.wants_resync and not requested:
                self._totals.decode_errors += 1
                self.resync()
            return
        own = replica.records[replica.records["id"] == int(self._own)]
        if len(own):
            shown = int(own["sequence"][0])
            sent = [sequence for sequence, moment in self._waiting if moment < now]
            self._visible(sum((shown - sequence) % (2 * HALF) < HALF for sequence in sent), now)


class _Object(msgspec.Struct):
    id: object
    facing: float


class _State(msgspec.Struct):
    objects: list[_Object]


_decoder = msgspec.json.Decoder(_State)


class SampledTutorialPlayer(SampledPlayer):
    """Decodes every state. It shows an input if the own ship has the input's facing."""

    def __init__(self, totals: Totals, clock: Clock) -> None:
        super().__init__(totals, clock)
        self._own = ""
        self._heading: int | None = None

    def steered(self, sequence: int, heading: int) -> None:  # noqa: ARG002  # JSON has none
        """Wait for a turn to become visible; an input without a turn shows nothing."""
        if heading != self._heading:
            self._heading = heading
            self._sent(heading)

    def take(self, data: bytes, epoch: int, tick: int, now: float) -> None:  # noqa: ARG002  # JSON has no ticks
        for ship in _decoder.decode(data).objects:
            if str(ship.id) == self._own:
                heading = heading_of(ship.facing)
                sent = [heading for heading, moment in self._waiting if moment < now]
                self._visible(len(sent) - sent[::-1].index(heading) if heading in sent else 0, now)
