"""The few players who decode every frame: how long until their own inputs show, and how old frames are.

All frames of a tick come in one burst, and decoding one takes longer than all else that is done with it. So a frame is
put aside with the moment at which it came, and decoded one by one between other work: no other player's frame waits.
"""

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from typing import Final

import msgspec

from loadtest.measure.totals import Ledger
from loadtest.players.player import UNREADABLE
from loadtest.players.replica import Replica
from loadtest.players.tutorial import heading_of

SAMPLE: Final = 20  # players of a test at most: decoding is what costs a generator its pace
HALF: Final = 128  # of the 256 sequences: beyond, a number is behind another and not ahead

MOST_ASIDE: Final = (
    2000  # frames, five seconds of a whole sample: beyond, the machine is too slow and frames are let go
)
MOST_WAITING: Final = 200  # inputs that nothing showed: 10 s of them, in which a world stands still

Clock = Callable[[], float]


class Desk:
    """The frames that were put aside, of all players of the sample in one process."""

    def __init__(self) -> None:
        """Start with none."""
        self._aside: deque[tuple[Sample, bytes, int, int, float]] = deque()
        self._any = asyncio.Event()

    def put(self, sample: "Sample", data: bytes, epoch: int, tick: int, now: float) -> None:
        """Put a frame aside that came now."""
        if len(self._aside) < MOST_ASIDE:
            self._aside.append((sample, data, epoch, tick, now))
            self._any.set()

    async def work(self) -> None:
        """Decode for ever, one at a time."""
        while True:
            await self._any.wait()
            self._any.clear()
            while self._aside:
                self.decode_one()
                await asyncio.sleep(0)

    def decode_one(self) -> None:
        """Decode the oldest."""
        sample, data, epoch, tick, now = self._aside.popleft()
        sample.decode(data, epoch, tick, now)


class Sample(ABC):
    """One such player."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        """Take where to note."""
        self.resync: Callable[[], bool] = bool  # asks the server for a keyframe
        self._ledger = ledger
        self._clock = clock
        self._waiting: deque[tuple[int, float]] = deque(maxlen=MOST_WAITING)  # what was said, and when

    def connected(self) -> None:
        """Begin with a new socket: what was said on the one before may never have come."""
        self._waiting.clear()

    def named(self, name: str) -> None:
        """Note which ship is the player's own."""
        self._own = name

    @abstractmethod
    def steered(self, sequence: int, heading: int) -> None:
        """Note that an input was sent."""

    def decode(self, data: bytes, epoch: int, tick: int, now: float) -> None:
        """Take in a frame that came `now`, which may be a while ago."""
        try:
            self.take(data, epoch, tick, now)
        except UNREADABLE:
            self._ledger.decode_errors += 1

    @abstractmethod
    def take(self, data: bytes, epoch: int, tick: int, now: float) -> None:
        """Take in a frame; raises one of UNREADABLE."""

    def _say(self, mark: int) -> None:
        self._waiting.append((mark, self._clock()))

    def _seen(self, count: int, now: float) -> None:
        self._ledger.visible += [now - self._waiting.popleft()[1] for _ in range(count)]


class V1Sample(Sample):
    """Follows the world exactly; a frame shows an input when the own ship has its sequence, or a later one."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        """Start without a world."""
        super().__init__(ledger, clock)
        self._replica = Replica()
        self._own = "0"

    def connected(self) -> None:
        """Begin with a new socket, and a world to come."""
        super().connected()
        self._replica = Replica()

    def steered(self, sequence: int, heading: int) -> None:  # noqa: ARG002  # the number is enough
        """Note an input."""
        self._say(sequence)

    def take(self, data: bytes, epoch: int, tick: int, now: float) -> None:
        """Take in a frame."""
        replica = self._replica
        self._ledger.ages.add(epoch, tick, now)
        asked = replica.wants_resync
        replica.apply(data)
        if not replica.in_step:
            if replica.wants_resync and not asked:
                self._ledger.decode_errors += 1
                self.resync()
            return
        own = replica.records[replica.records["id"] == int(self._own)]
        if len(own):
            shown = int(own["sequence"][0])
            said = [sequence for sequence, moment in self._waiting if moment < now]
            self._seen(sum((shown - sequence) % (2 * HALF) < HALF for sequence in said), now)


class _Object(msgspec.Struct):
    id: object
    facing: float


class _State(msgspec.Struct):
    objects: list[_Object]


_decoder = msgspec.json.Decoder(_State)


class TutorialSample(Sample):
    """Decodes every state; it shows an input when the own ship faces where the input said."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        """Start without a world."""
        super().__init__(ledger, clock)
        self._own = ""
        self._said: int | None = None

    def steered(self, sequence: int, heading: int) -> None:  # noqa: ARG002  # JSON has none
        """Note a turn; what faces there already shows nothing."""
        if heading != self._said:
            self._said = heading
            self._say(heading)

    def take(self, data: bytes, epoch: int, tick: int, now: float) -> None:  # noqa: ARG002  # JSON has no ticks
        """Take in a frame."""
        for ship in _decoder.decode(data).objects:
            if str(ship.id) == self._own:
                heading = heading_of(ship.facing)
                said = [heading for heading, moment in self._waiting if moment < now]
                self._seen(len(said) - said[::-1].index(heading) if heading in said else 0, now)
