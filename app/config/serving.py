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
    """Serve at `address` until SIGINT or SIGTERM; return why that was not possible, or None."""
    process = AllInOne(settings.ENVIRONMENT, after_tick=Garbage(time.monotonic).after_tick)

    def started() -> Gateway:
        process.start()
        return process.gateway

    server = GameServer(
        build(settings.ENVIRONMENT, started),
        gateway=process.gateway,
        bind=_endpoint(address),
        ping_interval_s=settings.ENVIRONMENT.ping_interval_seconds,
        ping_timeout_s=settings.ENVIRONMENT.ping_timeout_seconds,
        on_ready=lambda: _on_ready(process.gateway),
        on_listening=lambda host, port: say(_sentence(host, port)),
    )
    server.run()
    return server.failure


def _on_ready(gateway: Gateway) -> None:
    loop = asyncio.get_event_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, lambda: _stop(gateway))


def _stop(gateway: Gateway) -> None:
    gateway.restart(RECONNECT_AFTER_MS)
    asyncio.get_event_loop().call_later(LINGER_S, _stop_reactor)


def _stop_reactor() -> None:
    if _reactor.running:
        _reactor.stop()


def _endpoint(address: Address) -> str:
    host = address.host.replace(":", r"\:")
    return f"tcp:port={address.port}:interface={host}"


def _sentence(host: str, port: int) -> str:
    visible = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # a name to print, not to bind
    name = f"[{visible}]" if ":" in visible else visible
    return f"Flotilla is flying at http://{name}:{port}/ - open it in a browser; Ctrl-C stops it."
