"""Serves the whole product from one process through our Daphne, until a signal ends it."""

import asyncio
import signal
import time
from collections.abc import Callable
from typing import Any, Final

# isort: off
from app.gateway.server import GameServer  # first: it installs the reactor
from twisted.internet import reactor as _installed

# isort: on
from django.conf import settings

from app.config.assembly import AllInOne
from app.config.kinds import Address
from app.config.routing import build
from app.gateway.gateway import Gateway
from app.tick.garbage import Garbage

RECONNECT_AFTER_MS: Final = 250  # hint to players at a stop: by then this process has let go of the port
LINGER_S: Final = 0.3  # seconds between the goodbye and the end, so that close frames travel

Say = Callable[[str], None]

_reactor: Any = _installed  # Twisted swaps the module for an object, which no type can say


def serve(address: Address, say: Say) -> str | None:
    """Serve at `address` until SIGINT or SIGTERM; return a sentence if that went wrong."""
    process = AllInOne(settings.ENVIRONMENT, after_tick=Garbage(time.monotonic).after_tick)
    stopping = _Stopping(process.gateway)

    def started() -> Gateway:
        process.start(stopping.part_died)
        return process.gateway

    server = GameServer(
        build(settings.ENVIRONMENT, started),
        gateway=process.gateway,
        bind=_endpoint(address),
        on_ready=stopping.listen,
        on_listening=lambda host, port: say(_sentence(host, port)),
    )
    server.run()
    if server.failure is not None:
        return (
            f"Cannot listen on {address} ({server.failure}): choose another address with --bind, or a port with PORT=."
        )
    return stopping.failure


class _Stopping:
    """How the process ends: with a goodbye at the first signal, at once at the second, loudly when a part died."""

    def __init__(self, gateway: Gateway) -> None:
        self.failure: str | None = None
        self._gateway = gateway
        self._begun = False
        self._done = False

    def listen(self) -> None:
        """Take the signals; needs the running loop."""
        loop = asyncio.get_event_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._signalled)

    def part_died(self, name: str) -> None:
        """End, since without that part nobody plays; what supervises the process starts it anew."""
        self.failure = f"Stopped, because the task {name!r} ended by itself; the log says why."
        self._signalled()

    def _signalled(self) -> None:
        if self._begun:
            self._stop()
            return
        self._begun = True
        asyncio.get_event_loop().call_later(LINGER_S, self._stop)
        self._gateway.restart(RECONNECT_AFTER_MS)

    def _stop(self) -> None:
        if not self._done:
            self._done = True
            _reactor.stop()


def _endpoint(address: Address) -> str:
    host = address.host.replace(":", r"\:")
    return f"tcp:port={address.port}:interface={host}"


def _sentence(host: str, port: int) -> str:
    visible = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # a name to print, not to bind
    name = f"[{visible}]" if ":" in visible else visible
    return f"Flotilla is flying at http://{name}:{port}/ - open it in a browser; Ctrl-C stops it."
