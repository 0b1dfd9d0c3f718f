"""Divides sockets into slots of equal size, so that a busy gateway can write to a part of them at each tick."""

from collections.abc import Callable, Iterator
from typing import Final, Generic, Protocol, TypeVar

from app.gateway.socket.sink import Sink

MOST_PHASES: Final = 4
SLOTS: Final = 12  # the least number that 1, 2, 3 and 4 divide


class Slot(Protocol):
    """The sockets of one slot."""

    def add(self, sink: Sink) -> None: ...

    def remove(self, sink: Sink) -> None: ...

    def __len__(self) -> int: ...


S = TypeVar("S", bound=Slot)


class Slots(Generic[S]):
    """The sockets of one audience. Each stays in its slot until it is removed."""

    def __init__(self, make: Callable[[], S]) -> None:
        self._slots = [make() for _ in range(SLOTS)]
        self._slot_of: dict[Sink, S] = {}

    def __len__(self) -> int:
        return len(self._slot_of)

    def __contains__(self, sink: Sink) -> bool:
        return sink in self._slot_of

    def add(self, sink: Sink) -> None:
        """Add a socket to the smallest slot."""
        slot = min(self._slots, key=len)
        slot.add(sink)
        self._slot_of[sink] = slot

    def remove(self, sink: Sink) -> None:
        """Remove a socket. Unknown sockets are ignored."""
        slot = self._slot_of.pop(sink, None)
        if slot is not None:
            slot.remove(sink)

    def of(self, sink: Sink) -> S:
        """Return the slot of a socket."""
        return self._slot_of[sink]

    def due(self, turn: int, phases: int) -> Iterator[S]:
        """Yield the slots to write to in a turn. Each slot comes once in `phases` turns, a divisor of SLOTS."""
        return iter(self._slots[turn % phases :: phases])
