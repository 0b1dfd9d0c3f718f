"""Cuts the cycles that a closed socket leaves in Twisted, Daphne and autobahn.

Their objects refer to each other: the protocol and its transport, the request and its channel, the Deferreds and the
protocol whose methods they call. Without a cut each closed socket leaves about 12 KB that only a full collection finds.

A cut object has no attributes, so nothing may use it later. Daphne forgets a connection when its socket is closed and
its application has ended, which is late enough.
"""

from collections.abc import Iterable
from typing import Any


def release(connections: Iterable[Any]) -> None:
    """Cut the cycles of requests and WebSocket protocols that Daphne has forgotten."""
    for connection in connections:
        channel = getattr(connection, "channel", None)
        # After an upgrade, Daphne takes the transport away from the request, and the channel of both gets nothing more.
        if channel is not None and connection.transport is None:
            vars(channel).clear()
        vars(connection).clear()
