"""Installs Twisted's reactor on uvloop. Import it before anything that imports Daphne or the reactor.

Daphne keeps an asyncio reactor that is already installed (daphne/server.py).
"""

import sys
from functools import partial
from typing import Any

import uvloop
from twisted.internet.asyncioreactor import AsyncioSelectorReactor
from twisted.internet.error import ConnectionLost
from twisted.internet.main import installReactor


class UvloopReactor(AsyncioSelectorReactor):
    """Twisted's reactor, which also ends the sockets whose handle uvloop closed.

    When a peer resets a connection, uvloop lets the reader run once and closes the poll handle. If that read still
    found data (a message right before the reset), it saw no error. Without this class no further event would come for
    the socket: its player would stay forever, and the next write would raise into its caller, such as the relay.
    """

    def addReader(self, reader: Any) -> None:  # noqa: N802  # Twisted's name
        """Watch for data, or end a socket that can no longer be watched."""
        self._add(super().addReader, reader)

    def addWriter(self, writer: Any) -> None:  # noqa: N802  # Twisted's name
        """Watch for room to write, or end a socket that can no longer be watched."""
        self._add(super().addWriter, writer)

    def _add(self, add: Any, selectable: Any) -> None:
        try:
            add(selectable)
        except RuntimeError:  # "the handler is closed"
            end = partial(self._disconnectSelectable, selectable, ConnectionLost(), isRead=False)
            self.callLater(0, end)  # type: ignore[no-untyped-call]  # Twisted's reactors have no types


if "twisted.internet.reactor" not in sys.modules:
    installReactor(UvloopReactor(uvloop.new_event_loop()))
