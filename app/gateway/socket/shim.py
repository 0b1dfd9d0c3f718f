"""A Twisted transport for autobahn over an asyncio transport, for a socket after its handover."""

import asyncio
from collections.abc import Iterable
from typing import Any


class Shim:
    """The part of Twisted's ITCPTransport that autobahn and Daphne use.

    Until the asyncio transport is attached, writes and the end of the connection wait here, in order.
    """

    def __init__(self, twisted: Any) -> None:
        self._peer = twisted.getPeer()
        self._host = twisted.getHost()
        self._early: list[bytes] = []
        self._end_early: str | None = None
        self._transport: asyncio.Transport | None = None

    def attach(self, transport: asyncio.Transport) -> None:
        """Write what waited. Later writes go out at once."""
        self._transport = transport
        early, self._early = self._early, []
        if early:
            transport.write(b"".join(early))
        if self._end_early is not None:
            self._end(self._end_early)

    def write(self, data: bytes) -> None:
        """Write, or drop the data after the end of the connection."""
        if self._transport is None:
            self._early.append(data)
        elif not self._transport.is_closing():
            self._transport.write(data)

    def writeSequence(self, pieces: Iterable[bytes]) -> None:  # noqa: N802  # Twisted's name
        self.write(b"".join(pieces))

    def loseConnection(self) -> None:  # noqa: N802  # Twisted's name
        """Close after the pending writes."""
        self._end("close")

    def abortConnection(self) -> None:  # noqa: N802  # Twisted's name
        """Close without waiting for pending writes."""
        self._end("abort")

    def getPeer(self) -> Any:  # noqa: N802  # Twisted's name
        return self._peer

    def getHost(self) -> Any:  # noqa: N802  # Twisted's name
        return self._host

    def registerProducer(self, producer: Any, streaming: bool) -> None:  # noqa: N802, FBT001  # Twisted's name
        """Do nothing: the asyncio protocol reports a full buffer to the sink."""

    def unregisterProducer(self) -> None:  # noqa: N802  # Twisted's name
        """Do nothing, see registerProducer."""

    def _end(self, how: str) -> None:
        if self._transport is None:
            self._end_early = how
        else:
            getattr(self._transport, how)()
