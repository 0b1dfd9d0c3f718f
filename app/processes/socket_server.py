"""Serves a role's WebSockets, and its page, by Daphne until a signal ends the process."""

import asyncio
from collections.abc import Callable
from typing import Final

# isort: off
from app.gateway.socket.server import GameServer  # first: it installs the reactor

# isort: on
from app.gateway.drain import Drain
from app.observability import lag
from app.observability.health import Health
from app.observability.private_port import PrivatePortError
from app.processes.private_port import private_port
from app.processes.readiness import Readiness
from app.processes.socket_role import SocketRole
from app.processes.socket_shutdown import Shutdown
from app.runtime import tasks
from app.settings.address import Address
from app.settings.environment import Environment

# Connections that may wait to be accepted. Beyond it, clients of a crowd that reconnects wait a second and retry.
BACKLOG: Final = 1024

Announce = Callable[[str], None]


def serve(environment: Environment, role: SocketRole, address: Address, announce: Announce) -> str | None:
    """Serve `role` at `address` until SIGINT or SIGTERM. Return a sentence if that failed."""
    health = Health()
    drain = Drain(
        role.gateway,
        role.gateway.admission,
        wait_s=environment.drain_wait_seconds,
        window_s=environment.drain_window_seconds,
    )
    health.ready = Readiness(role.gateway, drain).not_ready_reason
    port = private_port(environment, health, role.name)
    try:
        port.start()
        return _listen(role, address, announce, drain, health)
    except PrivatePortError as error:
        return str(error)
    finally:
        port.stop()


def _listen(role: SocketRole, address: Address, announce: Announce, drain: Drain, health: Health) -> str | None:
    watching: list[asyncio.Task[None]] = []

    def start() -> None:
        shutdown.handle_signals()
        role.start(shutdown.on_task_end)
        watching.append(tasks.start(lag.watch(health), "lag", shutdown.on_task_end))

    server = GameServer(
        role.application,
        gateway=role.gateway,
        bind=_endpoint(address),
        on_ready=start,
        on_listening=lambda host, port: announce(role.announcement.format(_url(host, port))),
    )
    shutdown = Shutdown(drain, server.stop)
    server.run()
    if server.failure is not None:
        return (
            f"Cannot listen on {address} ({server.failure}): choose another address with --bind, or a port with PORT=."
        )
    return shutdown.failure


def _endpoint(address: Address) -> str:
    """Return the address as Twisted writes endpoints."""
    host = address.host.replace(":", r"\:")
    return f"tcp:port={address.port}:interface={host}:backlog={BACKLOG}"


def _url(host: str, port: int) -> str:
    visible = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # printed, not bound
    name = f"[{visible}]" if ":" in visible else visible
    return f"http://{name}:{port}/"
