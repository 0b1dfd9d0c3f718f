"""Placement: arenas fill first to last up to a capacity, so that few players share few arenas."""

from collections import Counter


class Arenas:
    """The number of ships in each arena; arena numbers start at 0."""

    def __init__(self, capacity: int) -> None:
        """Limit each arena to `capacity` ships; 0 means no limit."""
        self.capacity = capacity
        self._ships: Counter[int] = Counter()

    def join(self) -> int:
        """Add one ship to the first arena with room and return that arena."""
        arena = self._first_with_room()
        self._ships[arena] += 1
        return arena

    def join_at(self, arena: int) -> None:
        """Add one ship to `arena`, even without room, because it was there in another world."""
        self._ships[arena] += 1

    def leave(self, arena: int) -> None:
        self._ships[arena] -= 1
        if not self._ships[arena]:
            del self._ships[arena]

    def ships(self, arena: int) -> int:
        return self._ships[arena]

    def occupied(self) -> list[int]:
        """Return the arenas with at least one ship, ascending."""
        return sorted(self._ships)

    def _first_with_room(self) -> int:
        if not self.capacity:
            return 0
        arena = 0
        while self._ships[arena] >= self.capacity:
            arena += 1
        return arena
