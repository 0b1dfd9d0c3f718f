"""Installs Twisted's reactor over uvloop; to be imported before anything that imports Daphne or the reactor.

Daphne keeps an asyncio reactor that it finds installed (daphne/server.py), so this is all it takes.
"""

import sys
from functools import partial
from typing import Any

import uvloop
from twisted.internet.asyncioreactor import AsyncioSelectorReactor
from twisted.internet.error import ConnectionLost
from twisted.internet.main import installReactor


class UvloopReactor(AsyncioSelectorReactor):
    """Twisted's, which also learns of the sockets that uvloop gives up by itself.

    When a peer resets a connection, uvloop lets the reader run once and closes the poll handle. If that read still
    found data (a message right before the reset) it saw no error, and nobody would hear of the socket again: its player
    stayed for ever, and the next write raised into whoever wrote, at worst the relay of all players.
    """

    def addReader(self, reader: Any) -> None:  # noqa: N802  # Twisted's name
        """Watch for what can be read, or end what cannot be watched any more."""
        self._add(super().addReader, reader)

    def addWriter(self, writer: Any) -> None:  # noqa: N802  # Twisted's name
        """Watch for room to write, or end what cannot be watched any more."""
        self._add(super().addWriter, writer)

    def _add(self, add: Any, selectable: Any) -> None:
        try:
            add(selectable)
        except RuntimeError:  # "the handler is closed"
            end = partial(self._disconnectSelectable, selectable, ConnectionLost(), isRead=False)
            self.callLater(0, end)  # type: ignore[no-untyped-call]  # Twisted's reactors have no types


if "twisted.internet.reactor" not in sys.modules:
    installReactor(UvloopReactor(uvloop.new_event_loop()))
