"""A frame: the WebSocket bytes of one message, encoded once for all sockets.

Frames of a server are not masked (RFC 6455, 5.1), so that all sockets can share the same bytes.
"""

from autobahn.websocket.protocol import PreparedMessage


class Frame:
    __slots__ = ("binary", "octets", "payload")

    def __init__(self, payload: bytes, *, binary: bool) -> None:
        """`payload` is binary, or text in UTF-8."""
        self.payload = payload
        self.binary = binary
        self.octets: bytes = PreparedMessage(payload, isBinary=binary, applyMask=False, doNotCompress=True).payloadHybi


def binary(payload: bytes) -> Frame:
    return Frame(payload, binary=True)


def text(payload: str | bytes) -> Frame:
    return Frame(payload.encode() if isinstance(payload, str) else payload, binary=False)
