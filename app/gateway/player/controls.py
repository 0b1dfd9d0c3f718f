"""A player's helm: its newest input on the way up, and its budget of messages, in one small object.

Inputs are what a gateway receives most. A thousand players touch a thousand helms a tick and little else, because what
costs time there is memory that is not in the cache.
"""

from typing import Protocol

from app.wire.inputs import is_input


class Receiver(Protocol):
    """Where whole messages of a socket go."""

    def receive_bytes(self, data: bytes) -> None:
        """Take in a binary message."""

    def receive_text(self, text: str) -> None:
        """Take in a text message."""


class MessageBudget:
    """Allows `rate` messages a second on average and `burst` at once; a token bucket that a shared timer refills."""

    __slots__ = ("_burst", "_left", "_rate", "_refilled")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        """Start full at `now` (seconds)."""
        self._rate = rate
        self._burst = burst
        self._left = burst
        self._refilled = now

    def take(self) -> bool:
        """Count one message; False if it is over the limit."""
        if self._left < 1.0:
            return False
        self._left -= 1.0
        return True

    def spent(self) -> bool:
        """Tell whether a message came since the last refill, or more of them lately than the rate allows."""
        return self._left < self._burst

    def refill(self, now: float) -> None:
        """Allow what the time since the last refill allows."""
        self._left = min(self._burst, self._left + (now - self._refilled) * self._rate)
        self._refilled = now

    def end(self) -> None:
        """Allow nothing more."""
        self._left = self._burst = 0.0


class Helm(MessageBudget):
    """The controls of one player; as a Receiver it takes inputs itself and passes everything else on.

    `ship` is how a row of STEER for the player's ship begins, empty while there is none; `controls` the newest INPUT,
    empty before the first.
    """

    __slots__ = ("_others", "_steers", "controls", "ship")

    def __init__(self, rate: float, burst: float, now: float, *, steers: bytearray, others: Receiver) -> None:
        """Begin without a ship; inputs are appended to `steers`, other messages go to `others`."""
        super().__init__(rate, burst, now)
        self.ship = b""
        self.controls = b""
        self._steers = steers
        self._others = others

    def steer(self, message: bytes) -> None:
        """Set the newest input, a valid INPUT; it waits until there is a ship."""
        self.controls = message
        self.say()

    def say(self) -> None:
        """Say the newest input, again if need be."""
        if self.ship and self.controls:
            self._steers += self.ship + self.controls

    def receive_bytes(self, data: bytes) -> None:
        """Take an input, or pass the message on."""
        if self._left >= 1.0 and is_input(data):
            self._left -= 1.0
            self.controls = data
            if self.ship:
                self._steers += self.ship + data
        else:
            self._others.receive_bytes(data)

    def receive_text(self, text: str) -> None:
        """Pass the message on."""
        self._others.receive_text(text)
