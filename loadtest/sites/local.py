"""All processes of a site on one machine; what was started ends with the block, last first, also on Ctrl-C."""

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from loadtest.paths import ROOT
from loadtest.processes import other_release
from loadtest.processes.machine import raise_file_limit
from loadtest.processes.nginx import Nginx
from loadtest.processes.ports import HOST, free_port
from loadtest.processes.process import program
from loadtest.processes.redis_server import RedisServer
from loadtest.processes.role import FLOTILLA, Role

UNUSED_PORT: Final = 9  # discard: where nginx sends page requests if there is no web role


@dataclass(frozen=True, slots=True)
class Layout:
    """What a cluster is made of."""

    gateways: int = 2
    ticks: int = 1
    web: bool = False
    port: int = 0  # of nginx; 0 takes any
    redis_keeps: bool = False
    previous: bool = False  # all roles are of the release before
    settings: Mapping[str, str] = field(default_factory=dict)


class Cluster:
    """The running processes."""

    def __init__(self, folder: Path, layout: Layout, stack: contextlib.ExitStack) -> None:
        """Start all; each is entered into `stack` as soon as it runs."""
        self.folder = folder
        self._stack = stack
        self._release = self.release(other_release.PREVIOUS) if layout.previous else ROOT
        base = _environment(layout.settings)
        self.redis = RedisServer(folder, base, keeps=layout.redis_keeps)
        stack.callback(self.redis.stop)
        self.environment = {**base, "FLOTILLA_REDIS_URL": self.redis.url}
        self.ticks: list[Role] = []
        for _ in range(layout.ticks):
            self.add_tick()
        self.gateways = [
            self._role(f"gateway-{i + 1}", [*FLOTILLA, "gateway"], listens=True) for i in range(layout.gateways)
        ]
        self.web = self._role("web", [*FLOTILLA, "web"], listens=True) if layout.web else None
        for role in self.listening:
            role.wait_until_listening()
        self.nginx = Nginx(
            folder,
            self.environment,
            port=layout.port or free_port(),
            gateways=[gateway.port for gateway in self.gateways],
            web=self.web.port if self.web else UNUSED_PORT,
        )
        stack.callback(self.nginx.stop)

    @property
    def listening(self) -> list[Role]:
        """The roles with a public port."""
        return [*self.gateways, *([self.web] if self.web else [])]

    @property
    def roles(self) -> list[Role]:
        """All processes of the product."""
        return [*self.ticks, *self.listening]

    @property
    def address(self) -> str:
        """Where nginx listens, as host:port."""
        return f"{HOST}:{self.nginx.port}"

    @property
    def socket_url(self) -> str:
        """Where a game socket connects."""
        return f"ws://{self.address}/ws/game/"

    def release(self, steps: int) -> Path:
        """Return the folder of the release so many steps from this one; 0 is this one."""
        if not steps:
            return ROOT
        folder = self.folder / other_release.version(steps)
        return folder if folder.exists() else other_release.write(folder, steps)

    def add_tick(self, extra: Mapping[str, str] | None = None, steps: int | None = None) -> Role:
        """Start another tick, of another release if `steps` says so; the first leads, the others wait."""
        release = self._release if steps is None else self.release(steps)
        tick = self._role(f"tick-{len(self.ticks) + 1}", [*FLOTILLA, "tick"], extra=extra, release=release)
        self.ticks.append(tick)
        tick.process.wait_for("The tick runs")
        return tick

    def leader(self) -> Role | None:
        """Return the tick that says that it moves the world."""
        for tick in self.ticks:
            if tick.process.running and tick.samples().get("flotilla_lease_held"):
                return tick
        return None

    def _role(
        self,
        name: str,
        command: Sequence[str],
        *,
        listens: bool = False,
        extra: Mapping[str, str] | None = None,
        release: Path | None = None,
    ) -> Role:
        environment = {**self.environment, **(extra or {})}
        role = Role(name, command, self.folder, environment, listens=listens, release=release or self._release)
        self._stack.callback(role.stop)
        return role


@contextlib.contextmanager
def running(folder: Path, layout: Layout) -> Iterator[Cluster]:
    """Run a cluster within the block, with its files and logs in `folder`; raises SiteError if it cannot."""
    for name in ("redis-server", "nginx"):
        program(name)  # before anything is started
    raise_file_limit()
    with contextlib.ExitStack() as stack:
        yield Cluster(folder, layout, stack)


def _environment(settings: Mapping[str, str]) -> dict[str, str]:
    """Return this process's environment without its own settings of Flotilla, with ours."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("FLOTILLA_")}
    ours = {
        "PYTHONUNBUFFERED": "1",  # what is said must be in the log when it is looked for
        "FLOTILLA_ALLOW_MISSING_ORIGIN": "true",
        "FLOTILLA_TRUSTED_PROXIES": "127.0.0.0/8",
        "FLOTILLA_ARENA_CAPACITY": "200",
    }
    return {**inherited, **ours, **settings}
