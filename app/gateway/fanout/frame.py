"""A frame: one message encoded once, its WebSocket bytes made once and written to every socket.

Server frames are unmasked (RFC 6455, 5.1), so the same bytes serve all sockets that should see the message.
"""

from autobahn.websocket.protocol import PreparedMessage


class Frame:
    """A message for one or many sockets."""

    __slots__ = ("binary", "octets", "payload")

    def __init__(self, payload: bytes, *, binary: bool) -> None:
        """Prepare `payload`: binary, or text in UTF-8."""
        self.payload = payload
        self.binary = binary
        self.octets: bytes = PreparedMessage(payload, isBinary=binary, applyMask=False, doNotCompress=True).payloadHybi


def binary(payload: bytes) -> Frame:
    """Return a binary frame."""
    return Frame(payload, binary=True)


def text(payload: str | bytes) -> Frame:
    """Return a text frame."""
    return Frame(payload.encode() if isinstance(payload, str) else payload, binary=False)
