"""The few players who decode every frame: how long until their own inputs show, and how old frames are."""

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from typing import Final

import msgspec

from loadtest.engine.ledger import Ledger
from loadtest.players.tutorial import heading_of
from loadtest.replica import Replica

SAMPLE: Final = 20  # players of a test at most: decoding is what costs a generator its pace
HALF: Final = 128  # of the 256 sequences: beyond, a number is behind another and not ahead

Clock = Callable[[], float]


class Sample(ABC):
    """One such player."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        """Take where to note."""
        self._ledger = ledger
        self._clock = clock
        self._waiting: deque[tuple[int, float]] = deque()  # what was said, and when

    def connected(self) -> None:
        """Begin with a new socket: what was said on the one before may never have come."""
        self._waiting.clear()

    def named(self, name: str) -> None:
        """Note which ship is the player's own."""
        self._own = name

    @abstractmethod
    def steered(self, sequence: int, heading: int) -> None:
        """Note that an input was sent."""

    @abstractmethod
    def take(self, data: bytes, epoch: int, tick: int) -> bool:
        """Take in a frame; tell whether a keyframe must be asked for."""

    def _say(self, mark: int) -> None:
        self._waiting.append((mark, self._clock()))

    def _seen(self, count: int) -> None:
        now = self._clock()
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

    def take(self, data: bytes, epoch: int, tick: int) -> bool:
        """Take in a frame."""
        replica = self._replica
        self._ledger.ages.add(epoch, tick, self._clock())
        asked = replica.wants_resync
        replica.apply(data)
        if not replica.in_step:
            return replica.wants_resync and not asked
        own = replica.records[replica.records["id"] == int(self._own)]
        if len(own):
            shown = int(own["sequence"][0])
            self._seen(sum((shown - sequence) % (2 * HALF) < HALF for sequence, _ in self._waiting))
        return False


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

    def take(self, data: bytes, epoch: int, tick: int) -> bool:  # noqa: ARG002  # JSON has no ticks
        """Take in a frame."""
        for ship in _decoder.decode(data).objects:
            if str(ship.id) == self._own:
                heading = heading_of(ship.facing)
                places = [place for place, (said, _) in enumerate(self._waiting) if said == heading]
                self._seen(places[-1] + 1 if places else 0)
        return False
