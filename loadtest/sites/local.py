"""Flotilla as processes on this machine, behind a real nginx and Redis. All end with the block, the last first."""

import contextlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from loadtest.measure.metrics_page import Samples
from loadtest.paths import ROOT
from loadtest.players.door import Door
from loadtest.processes import other_release
from loadtest.processes.machine import raise_file_limit
from loadtest.processes.nginx import Nginx
from loadtest.processes.ports import HOST, free_port
from loadtest.processes.process import clean_environment, program
from loadtest.processes.redis_server import RedisServer
from loadtest.processes.role import FLOTILLA, Role
from loadtest.processes.service import Service
from loadtest.sites.process_history import History
from loadtest.sites.site import LOCAL, Site, SiteProvider

UNUSED_PORT: Final = 9  # discard: where nginx sends page requests without a web role


@dataclass(frozen=True, slots=True)
class LocalLayout:
    """The processes and their settings."""

    gateways: int = 2
    ticks: int = 1
    web: bool = False
    port: int = 0  # of nginx; 0 takes any
    redis_keeps: bool = False
    previous: bool = False  # all roles are of the previous release
    settings: Mapping[str, str] = field(default_factory=dict)


class LocalSite(Site):
    """The running processes."""

    kind = LOCAL
    hang_s = 60.0

    def __init__(self, folder: Path, layout: LocalLayout, stack: contextlib.ExitStack) -> None:
        """Start all processes. `stack` ends each, also if a later one does not start."""
        self.folder = folder
        self._stack = stack
        self._ended_by_us: set[str] = set()
        self._release = self.release(other_release.PREVIOUS) if layout.previous else ROOT
        base = _environment(layout.settings)
        self.redis = RedisServer(folder, base, keeps=layout.redis_keeps)
        stack.callback(self.redis.stop)
        self.environment = {**base, "FLOTILLA_REDIS_URL": self.redis.url}
        self.ticks: list[Role] = []
        for _ in range(layout.ticks):
            self.add_tick()
        self.gateways = [self._role(f"gateway-{i + 1}", "gateway") for i in range(layout.gateways)]
        self.web = [self._role("web", "web")] if layout.web else []
        for role in (*self.gateways, *self.web):
            role.wait_until_listening()
        ports = [gateway.port for gateway in self.gateways]
        web = self.web[0].port if self.web else UNUSED_PORT
        self.nginx = Nginx(folder, self.environment, port=layout.port or free_port(), gateways=ports, web=web)
        stack.callback(self.nginx.stop)

    @property
    def roles(self) -> list[Role]:
        """All processes of Flotilla."""
        return [*self.ticks, *self.gateways, *self.web]

    @property
    def address(self) -> str:
        """Host and port of nginx."""
        return f"{HOST}:{self.nginx.port}"

    @property
    def socket_url(self) -> str:
        return f"ws://{self.address}/ws/game/"

    def door(self) -> Door:
        return Door([self.socket_url])

    def names(self, component: str) -> list[str]:
        return [service.name for service in self._services(component) if service.running]

    def role(self, name: str) -> Role:
        return next(role for role in self.roles if role.name == name)

    def samples(self, name: str) -> Samples:
        return self.role(name).samples()

    def kill(self, name: str) -> None:
        self._ended_by_us.add(name)
        self.role(name).kill()

    def terminate(self, name: str) -> int:
        self._ended_by_us.add(name)
        return self.role(name).terminate()

    def settle(self) -> None:
        ended = [role for role in self.roles if not role.running]
        for role in ended:
            role.start()
        for role in ended:
            role.wait_until_ready()

    def stop(self, component: str, *, forced: bool = False) -> None:
        for service in self._services(component):
            self._ended_by_us.add(service.name)
            if forced:
                service.kill()
            else:
                service.terminate()

    def start(self, component: str) -> None:
        for service in self._services(component):
            service.start()

    def restart(self, component: str) -> list[int]:
        return [self.replace(name) for name in self.names(component)]

    def replace(self, name: str, release: Path | None = None) -> int:
        """End a role with SIGTERM and start it again, as another release if one is given. Return its exit code."""
        role = self.role(name)
        code = self.terminate(name)
        role.release = release or role.release
        role.start()
        role.wait_until_ready()
        return code

    def watch(self) -> "_ProcessIds":
        self._ended_by_us.clear()
        return _ProcessIds(self, self._ended_by_us)

    def release(self, steps: int) -> Path:
        """Return the folder of the release `steps` from this one; 0 is this one."""
        if not steps:
            return ROOT
        folder = self.folder / other_release.version(steps)
        return folder if folder.exists() else other_release.write(folder, steps)

    def add_tick(self, steps: int | None = None, /, **settings: str) -> Role:
        """Start another tick, of the release `steps` from this one if that is given. The first leads, others wait."""
        release = self._release if steps is None else self.release(steps)
        tick = self._role(f"tick-{len(self.ticks) + 1}", "tick", release, **settings)
        self.ticks.append(tick)
        tick.process.wait_for("The tick runs")
        return tick

    def _services(self, component: str) -> Sequence[Service]:
        if component == "redis":
            return [self.redis]
        return {"gateway": self.gateways, "tick": self.ticks, "web": self.web}[component]

    def _role(self, name: str, command: str, release: Path | None = None, **settings: str) -> Role:
        environment, public = {**self.environment, **settings}, command != "tick"
        release = release or self._release
        role = Role(name, [*FLOTILLA, command], self.folder, environment, public=public, release=release)
        self._stack.callback(role.stop)
        return role


class _ProcessIds:
    """The process ids of all roles at the begin of an observation, to compare at its end."""

    def __init__(self, site: LocalSite, ended_by_us: set[str]) -> None:
        self._site = site
        self._ended_by_us = ended_by_us
        self._before = {role.name: role.pid for role in site.roles if role.running}

    def end(self) -> History:
        changed = {
            role.name
            for role in self._site.roles
            if role.name in self._before and not (role.running and role.pid == self._before[role.name])
        }
        gateways = {gateway.name for gateway in self._site.gateways}
        return History(ended=changed & gateways, restarted=changed - self._ended_by_us)


class LocalSites(SiteProvider):
    """Starts the processes of each scenario. Other programs disturb times on this machine, so a late crowd counts."""

    kind = LOCAL
    players = 100

    def __init__(self, *, full: bool) -> None:
        self.judges_times = full

    def missing(self, needs: Collection[str]) -> list[str]:
        return sorted(needs)

    @contextlib.contextmanager
    def site(self, layout: LocalLayout, folder: Path, log: Callable[[str], None]) -> Iterator[LocalSite]:
        with running(folder, layout) as site:
            log(f"  {len(site.roles)} processes at {site.address}")
            yield site

    def discard(self) -> None:
        """Do nothing: no scenario uses the processes of another."""


@contextlib.contextmanager
def running(folder: Path, layout: LocalLayout) -> Iterator[LocalSite]:
    """Run a site within the block, with its files and logs in `folder`. Raises SiteError if it does not start."""
    for name in ("redis-server", "nginx"):
        program(name)  # before the first start
    raise_file_limit()
    with contextlib.ExitStack() as stack:
        yield LocalSite(folder, layout, stack)


def _environment(settings: Mapping[str, str]) -> dict[str, str]:
    ours = {
        "PYTHONUNBUFFERED": "1",  # waits read the log
        "FLOTILLA_ALLOW_MISSING_ORIGIN": "true",
        "FLOTILLA_TRUSTED_PROXIES": "127.0.0.0/8",
        "FLOTILLA_ARENA_CAPACITY": "200",
    }
    return clean_environment(**ours, **settings)
