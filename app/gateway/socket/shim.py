"""What autobahn takes for a Twisted transport after its socket was handed over to asyncio."""

import asyncio
from collections.abc import Iterable
from typing import Any


class Shim:
    """The part of Twisted's ITCPTransport that autobahn and Daphne use, over an asyncio transport.

    Between Twisted's letting go and asyncio's taking over, writes and the end wait here, in order.
    """

    def __init__(self, twisted: Any) -> None:
        """Take over from the Twisted transport of an accepted socket."""
        self._peer = twisted.getPeer()
        self._host = twisted.getHost()
        self._early: list[bytes] = []
        self._end_early: str | None = None
        self._transport: asyncio.Transport | None = None

    def attach(self, transport: asyncio.Transport) -> None:
        """Write what waited, and from now on at once."""
        self._transport = transport
        early, self._early = self._early, []
        if early:
            transport.write(b"".join(early))
        if self._end_early is not None:
            self._end(self._end_early)

    def write(self, data: bytes) -> None:
        """Write, or drop what comes after the end."""
        if self._transport is None:
            self._early.append(data)
        elif not self._transport.is_closing():
            self._transport.write(data)

    def writeSequence(self, pieces: Iterable[bytes]) -> None:  # noqa: N802  # Twisted's name
        """Write all at once."""
        self.write(b"".join(pieces))

    def loseConnection(self) -> None:  # noqa: N802  # Twisted's name
        """Close after what is written."""
        self._end("close")

    def abortConnection(self) -> None:  # noqa: N802  # Twisted's name
        """Close at once."""
        self._end("abort")

    def getPeer(self) -> Any:  # noqa: N802  # Twisted's name
        """Return the address of the other side."""
        return self._peer

    def getHost(self) -> Any:  # noqa: N802  # Twisted's name
        """Return the address of this side."""
        return self._host

    def registerProducer(self, producer: Any, streaming: bool) -> None:  # noqa: N802, FBT001  # Twisted's name
        """Do nothing: the sink hears of a full buffer from the asyncio protocol."""

    def unregisterProducer(self) -> None:  # noqa: N802  # Twisted's name
        """Do nothing, likewise."""

    def _end(self, how: str) -> None:
        if self._transport is None:
            self._end_early = how
        else:
            getattr(self._transport, how)()
