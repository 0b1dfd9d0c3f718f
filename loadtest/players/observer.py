"""The events of one player. Subclasses override the ones that they need; each call is made at the event."""

from picows import WSUpgradeResponse

from loadtest.players.door import DoorError


class Observer:
    """Ignores all events."""

    def connected(self, response: WSUpgradeResponse) -> None:
        """A handshake was answered with 101."""

    def refused(self, error: DoorError) -> None:
        """A handshake failed."""

    def closed(self, code: int) -> None:
        """The server or the network closed the socket; 1006 without a close frame."""

    def received(self, size: int) -> None:
        """A message of so many bytes arrived."""

    def sent(self, size: int) -> None:
        """A message of so many bytes was written to the socket."""

    def framed(self, data: bytes, epoch: int, tick: int) -> bool:  # noqa: ARG002  # for subclasses
        """A frame of the world arrived (epoch and tick are 0 in JSON); return True to request a keyframe."""
        return False

    def named(self, name: str) -> None:
        """The player got a ship; `name` is the ship's id as text."""

    def steered(self, sequence: int, heading: int) -> None:
        """An input was sent: its sequence (v1), and its heading 0 to 255."""

    def paused(self) -> None:
        """The server reported that the world stands still."""

    def misfitted(self) -> None:
        """A frame does not follow the one before it."""

    def undecodable(self) -> None:
        """A message is not of this protocol."""
