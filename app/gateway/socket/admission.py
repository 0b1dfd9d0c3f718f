"""Admission: which handshakes a process takes on, by what it holds already and by how fast they come. Pure."""

from collections import Counter
from collections.abc import Callable

from app.gateway.limits import Limits


class Admission:
    """Counts the sockets of a process and of each address, and the handshakes of late."""

    def __init__(self, limits: Limits, clock: Callable[[], float]) -> None:
        """Start with no socket; `clock` is monotonic, in seconds."""
        self.draining = False  # whether this process is on its way out
        self.sockets = 0  # those that are open, and those whose handshake is under way
        self._limits = limits
        self._by_address: Counter[str] = Counter()
        self._clock = clock
        self._accepts_left = float(limits.accept_burst)  # a token bucket, refilled when it is looked at
        self._refilled_at = clock()

    def refusal(self, address: str) -> str | None:
        """Return the reason for which one more socket of `address` is refused, or None."""
        limits = self._limits
        if self.draining:
            return "draining"
        if limits.sockets_per_process and self.sockets >= limits.sockets_per_process:
            return "process_full"
        if limits.accepts_per_second and self._refilled() < 1:
            return "accept_rate"
        if limits.sockets_per_address and self._by_address[address] >= limits.sockets_per_address:
            return "address_full"
        return None

    def enter(self, address: str) -> None:
        """Count a socket of `address`."""
        self.sockets += 1
        self._by_address[address] += 1
        self._accepts_left -= 1

    def leave(self, address: str) -> None:
        """Count a socket of `address` less."""
        self.sockets -= 1
        self._by_address[address] -= 1
        if not self._by_address[address]:
            del self._by_address[address]

    def _refilled(self) -> float:
        """Return how many handshakes are taken on at once now."""
        now = self._clock()
        more = (now - self._refilled_at) * self._limits.accepts_per_second
        self._accepts_left = min(self._limits.accept_burst, self._accepts_left + more)
        self._refilled_at = now
        return self._accepts_left
