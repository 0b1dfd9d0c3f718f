"""The one error of every reader: a message from outside that is not what docs/protocol.md allows."""


class Refused(Exception):  # noqa: N818  # the field's word for it; it is an answer to the peer, not a fault of ours
    """A message was refused; `reason` is one of the names of docs/protocol.md and a label of a counter."""

    def __init__(self, reason: str) -> None:
        """Take the reason by name."""
        super().__init__(reason)
        self.reason = reason
