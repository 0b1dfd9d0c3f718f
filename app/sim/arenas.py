"""Placement: arenas fill first to last up to a capacity, so that few players are never scattered over many arenas."""

from collections import Counter


class Arenas:
    """How many ships each arena holds; arena numbers start at 0."""

    def __init__(self, capacity: int) -> None:
        """Take the greatest number of ships per arena; 0 means no limit."""
        self.capacity = capacity
        self._ships: Counter[int] = Counter()

    def join(self) -> int:
        """Count one more ship into the first arena with room and return that arena."""
        arena = self._first_with_room()
        self._ships[arena] += 1
        return arena

    def join_at(self, arena: int) -> None:
        """Count one more ship in `arena`, whether there is room or not: it was there in another world."""
        self._ships[arena] += 1

    def leave(self, arena: int) -> None:
        """Count one ship less in `arena`."""
        self._ships[arena] -= 1
        if not self._ships[arena]:
            del self._ships[arena]

    def ships(self, arena: int) -> int:
        """Return the number of ships in `arena`."""
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
