"""The one error of every decoder: a message that docs/protocol.md does not allow."""


class Refused(Exception):  # noqa: N818  # it is an answer to the peer, not an error of this program
    """A message was refused; `reason` is one of the names of docs/protocol.md and a label of a counter."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
