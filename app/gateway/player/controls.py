"""The controls of one socket: its message budget, its ship and its newest input, in one small object.

An input takes one way. `GameSocket.data_received` gets the bytes from uvloop, `small_frames.read` finds whole frames in
them, and `BinaryControls.receive_bytes` counts the message and appends a row, ship and INPUT, to `Uplink.input_rows`.
The uplink sends these rows once per tick. All other messages of the socket go from the controls to its session. A
socket that autobahn reads, and a socket of another ASGI server, use the same controls.

Only the connection changes the ship. The sweep refills the budget. The uplink reads the newest row when it has to
repeat all inputs. A thousand players touch a thousand of these objects each tick and little else, because memory that
is not in the cache costs most of the time there.
"""

from collections.abc import Callable
from typing import Protocol

from app.wire.inputs import is_input


class NoReceiver:
    """The receiver of a socket that has ended."""

    def receive_bytes(self, data: bytes) -> None:
        """Do nothing."""

    def receive_text(self, text: str) -> None:
        """Do nothing."""


class Receiver(Protocol):
    """The destination of a socket's whole messages. A socket has one from accept to close."""

    def receive_bytes(self, data: bytes) -> None: ...

    def receive_text(self, text: str) -> None: ...


class MessageBudget:
    """A token bucket that allows `rate` messages a second on average and `burst` at once. A shared timer refills it."""

    __slots__ = ("_burst", "_left", "_rate", "_refilled")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        """Start full at `now`, in seconds."""
        self._rate = rate
        self._burst = burst
        self._left = burst
        self._refilled = now

    def take(self) -> bool:
        """Count one message. Return False if it is over the limit."""
        if self._left < 1.0:
            return False
        self._left -= 1.0
        return True

    def spent(self) -> bool:
        """Return True if a message came since the last refill, or if more came recently than the rate allows."""
        return self._left < self._burst

    def refill(self, now: float) -> None:
        """Add what the rate allows for the time since the last refill."""
        self._left = min(self._burst, self._left + (now - self._refilled) * self._rate)
        self._refilled = now

    def end(self) -> None:
        """Refuse every later message."""
        self._left = self._burst = 0.0


class Controls(MessageBudget):
    """Counts each message of the socket and passes it to the session; keeps the ship and the newest input.

    `ship` is how a row of STEER begins, 2 bytes, or empty while there is no ship. `newest_input` is an INPUT message,
    or empty before the first one.
    """

    __slots__ = ("_on_flood", "_rows", "_session", "newest_input", "ship")

    def __init__(
        self,
        budget: tuple[float, float],
        now: float,
        *,
        rows: bytearray,
        session: Receiver,
        on_flood: Callable[[], None],
    ) -> None:
        """Start without a ship. `budget` is rate and burst; rows of STEER are appended to `rows`.

        `on_flood` is called for each message over the budget.
        """
        super().__init__(*budget, now)
        self.ship = b""
        self.newest_input = b""
        self._rows = rows
        self._session = session
        self._on_flood = on_flood

    def assign(self, ship: int) -> None:
        """Set the ship, and append the row of the newest input if there is one."""
        self.ship = ship.to_bytes(2, "little")
        self._rows += self.row()

    def unassign(self) -> None:
        """Stop appending rows."""
        self.ship = b""

    def steer(self, message: bytes) -> None:
        """Set the newest input, which must be a valid INPUT. Without a ship it waits for one."""
        self.newest_input = message
        self._rows += self.row()

    def row(self) -> bytes:
        """Return the newest row of STEER, or nothing if the ship or the input is missing."""
        return self.ship + self.newest_input if self.ship and self.newest_input else b""

    def release(self) -> None:
        """Refuse every later message, and drop the references to session and connection."""
        self.end()
        self._session = NoReceiver()
        self._on_flood = _nothing

    def receive_bytes(self, data: bytes) -> None:
        if self.take():
            self._session.receive_bytes(data)
        else:
            self._on_flood()

    def receive_text(self, text: str) -> None:
        if self.take():
            self._session.receive_text(text)
        else:
            self._on_flood()


class BinaryControls(Controls):
    """The controls of a flotilla.v1 socket, which handle an INPUT without the session once there is a ship."""

    __slots__ = ()

    def receive_bytes(self, data: bytes) -> None:
        if self.ship and self._left >= 1.0 and is_input(data):
            self._left -= 1.0
            self.newest_input = data
            self._rows += self.ship + data
        else:
            super().receive_bytes(data)


def _nothing() -> None:
    """Do nothing."""
