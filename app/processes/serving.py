"""Serves sockets, with or without all the rest of the product, through our Daphne, until a signal ends the process."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

# isort: off
from app.gateway.socket.server import GameServer  # first: it installs the reactor

# isort: on
from django.conf import settings

from app.gateway.drain import Drain
from app.gateway.gateway import Gateway
from app.observability import lag
from app.observability.health import Health
from app.observability.private_port import PrivatePortError
from app.processes.assembly import AllInOne, OnDeath, distributed_gateway
from app.processes.private_port import private_port
from app.processes.readiness import Readiness
from app.processes.routing import build
from app.processes.shutdown import Ending
from app.runtime import tasks
from app.runtime.garbage import GarbageCollection
from app.settings.kinds import Address

# Connections that may wait to be accepted: past it a crowd that comes back at once waits a second for TCP to try again.
BACKLOG: Final = 1024

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _Role:
    """What a process does besides listening."""

    name: str
    gateway: Gateway
    start: Callable[[OnDeath], None]  # in the running loop
    application: Any
    invitation: str


def serve_all(address: Address, say: Say) -> str | None:
    """Serve the whole product at `address` until SIGINT or SIGTERM; return a sentence if that went wrong."""
    process = AllInOne(settings.ENVIRONMENT, after_tick=GarbageCollection(time.monotonic).collect_within)
    application = build(settings.ENVIRONMENT, lambda: process.gateway)
    invitation = "Flotilla is flying at {} - open it in a browser; Ctrl-C stops it."
    return _serve(_Role("run", process.gateway, process.start, application, invitation), address, say)


def serve_sockets(address: Address, say: Say) -> str | None:
    """Serve sockets, whose tick is another process, at `address`; otherwise like serve_all."""
    gateway = distributed_gateway(settings.ENVIRONMENT, after_frame=GarbageCollection(time.monotonic).collect_within)
    page = settings.ENVIRONMENT.gateway_serves_page
    application = build(settings.ENVIRONMENT, lambda: gateway, page=page)
    what = "WebSockets and the page" if page else "WebSockets only"
    invitation = f"A gateway takes players at {{}} - {what}; Ctrl-C stops it."
    return _serve(_Role("gateway", gateway, gateway.start, application, invitation), address, say)


def _serve(role: _Role, address: Address, say: Say) -> str | None:
    environment = settings.ENVIRONMENT
    health = Health()
    drain = Drain(
        role.gateway,
        role.gateway.admission,
        wait_s=environment.drain_wait_seconds,
        window_s=environment.drain_window_seconds,
    )
    health.ready = Readiness(role.gateway, drain).trouble
    port = private_port(environment, health, role.name)
    try:
        port.start()
        return _listen(role, address, say, drain, health)
    except PrivatePortError as error:
        return str(error)
    finally:
        port.stop()


def _listen(role: _Role, address: Address, say: Say, drain: Drain, health: Health) -> str | None:
    watching: list[asyncio.Task[None]] = []

    def running() -> None:
        ending.listen()
        role.start(ending.part_died)
        watching.append(tasks.start(lag.watch(health), "lag", ending.part_died))

    server = GameServer(
        role.application,
        gateway=role.gateway,
        bind=_endpoint(address),
        on_ready=running,
        on_listening=lambda host, port: say(role.invitation.format(_url(host, port))),
    )
    ending = Ending(drain, server.stop)
    server.run()
    if server.failure is not None:
        return (
            f"Cannot listen on {address} ({server.failure}): choose another address with --bind, or a port with PORT=."
        )
    return ending.failure


def _endpoint(address: Address) -> str:
    host = address.host.replace(":", r"\:")
    return f"tcp:port={address.port}:interface={host}:backlog={BACKLOG}"


def _url(host: str, port: int) -> str:
    visible = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # a name to print, not to bind
    name = f"[{visible}]" if ":" in visible else visible
    return f"http://{name}:{port}/"
