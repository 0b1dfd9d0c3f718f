"""Admission: which handshakes a process accepts, by its number of sockets and the rate of handshakes. No I/O."""

from collections import Counter
from collections.abc import Callable

from app.gateway.limits import Limits


class Admission:
    """Counts the sockets of a process and of each address, and limits the rate of handshakes."""

    def __init__(self, limits: Limits, clock: Callable[[], float]) -> None:
        """`clock` is monotonic, in seconds."""
        self.draining = False  # True: all handshakes are refused
        self.overloaded = False  # the same
        self.sockets = 0  # open ones, and those in their handshake
        self._limits = limits
        self._by_address: Counter[str] = Counter()
        self._clock = clock
        self._accepts_left = float(limits.accept_burst)  # a token bucket, refilled when it is read
        self._refilled_at = clock()

    def refusal(self, address: str) -> str | None:
        """Return the reason to refuse one more socket of `address`, or None."""
        limits = self._limits
        if self.draining:
            return "draining"
        if self.overloaded:
            return "overloaded"
        if limits.sockets_per_process and self.sockets >= limits.sockets_per_process:
            return "process_full"
        if limits.accepts_per_second and self._refilled() < 1:
            return "accept_rate"
        if limits.sockets_per_address and self._by_address[address] >= limits.sockets_per_address:
            return "address_full"
        return None

    def enter(self, address: str) -> None:
        self.sockets += 1
        self._by_address[address] += 1
        self._accepts_left -= 1

    def leave(self, address: str) -> None:
        self.sockets -= 1
        self._by_address[address] -= 1
        if not self._by_address[address]:
            del self._by_address[address]

    def _refilled(self) -> float:
        """Return how many handshakes may be accepted now."""
        now = self._clock()
        more = (now - self._refilled_at) * self._limits.accepts_per_second
        self._accepts_left = min(self._limits.accept_burst, self._accepts_left + more)
        self._refilled_at = now
        return self._accepts_left
