"""What a player tells of its life, to be overridden by who wants to know; each call is made when it happens."""

from picows import WSUpgradeResponse

from loadtest.players.door import DoorError


class Observer:
    """Looks at one player, and does nothing."""

    def connected(self, response: WSUpgradeResponse) -> None:
        """Note that a handshake was answered with 101."""

    def refused(self, error: DoorError) -> None:
        """Note a handshake that failed: by kind, HTTP status (0 without an answer) and what was said."""

    def closed(self, code: int) -> None:
        """Note that the server or the network ended a socket; 1006 if nobody said why."""

    def received(self, size: int) -> None:
        """Note a message of so many bytes."""

    def sent(self, size: int) -> None:
        """Note a message of so many bytes, that was handed to the socket."""

    def framed(self, data: bytes, epoch: int, tick: int) -> bool:  # noqa: ARG002  # for who wants to know
        """Note a frame of the world, and where in time it is (0, 0 in JSON); tell whether a keyframe must be asked."""
        return False

    def named(self, name: str) -> None:
        """Note which ship this player has, by its id as text."""

    def steered(self, sequence: int, heading: int) -> None:
        """Note that an input was sent: its number (v1), and heading 0 to 255."""

    def paused(self) -> None:
        """Note that the server said that the world stands still."""

    def misfitted(self) -> None:
        """Note a frame that does not follow the one before it."""

    def undecodable(self) -> None:
        """Note a message that no server of this protocol sends."""
