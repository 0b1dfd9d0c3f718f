"""The interface of a place where scenarios run: the same fault runs on local processes and on a cluster."""

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any, ClassVar, Final, Protocol

from loadtest.measure.metrics_page import Samples
from loadtest.players.door import Door
from loadtest.processes.process import wait_until
from loadtest.sites.process_history import History

LOCAL: Final = "local"
CLUSTER: Final = "cluster"
LEADER_S: Final = 60.0  # longest wait for a tick that holds the lease
LEASE: Final = "flotilla_lease_held"


class Watcher(Protocol):
    """A running observation of the processes."""

    def end(self) -> History:
        """Stop it. A second call returns the same history."""


class Site(ABC):
    """A running Flotilla. Processes (pods on a cluster) have names; components are gateway, tick, web and redis."""

    kind: ClassVar[str]
    hang_s: ClassVar[float]  # longest wait for players

    @abstractmethod
    def door(self) -> Door:
        """Return where and how players connect."""

    @abstractmethod
    def names(self, component: str) -> list[str]:
        """Return the names of the running processes of a component."""

    @abstractmethod
    def samples(self, name: str) -> Samples:
        """Return the metrics of a process, or none if it does not answer."""

    @abstractmethod
    def kill(self, name: str) -> None:
        """End a process with SIGKILL. Return at once."""

    @abstractmethod
    def terminate(self, name: str) -> int | None:
        """End a process with SIGTERM and wait until it is gone. Return its exit code, if the site has it."""

    @abstractmethod
    def settle(self) -> None:
        """Replace ended processes and wait until all are ready. Raises SiteError if they are not in time."""

    @abstractmethod
    def stop(self, component: str, *, forced: bool = False) -> None:
        """End all processes of a component, with SIGKILL if `forced`, without a replacement. Wait for their end."""

    @abstractmethod
    def start(self, component: str) -> None:
        """Start a stopped component again and wait until it is ready."""

    @abstractmethod
    def restart(self, component: str) -> list[int]:
        """Restart all processes of a component, one after the other. Return their exit codes, if the site has them."""

    @abstractmethod
    def watch(self) -> Watcher:
        """Begin to observe the processes."""

    def leader(self) -> str:
        """Return the name of the tick that holds the lease. Raises SiteError if there is none in time."""

        def look() -> str | None:
            return next((name for name in self.names("tick") if self.samples(name).get(LEASE)), None)

        return wait_until(look, LEADER_S, lambda: "No tick holds the lease.")


class SiteProvider(ABC):
    """Provides the site of each scenario in turn."""

    kind: ClassVar[str]
    players: ClassVar[int]  # of a scenario, unless it or the command line has another number
    judges_times: bool  # whether a late crowd leaves bounds of time open

    @abstractmethod
    def missing(self, needs: Collection[str]) -> list[str]:
        """Return which of these needs the site does not have."""

    @abstractmethod
    def site(self, layout: Any, folder: Path, log: Callable[[str], None]) -> contextlib.AbstractContextManager[Site]:
        """Hold a site of that layout within the block. Raises SiteError."""

    @abstractmethod
    def discard(self) -> None:
        """Do not use the present site for the next scenario, since this one failed."""
