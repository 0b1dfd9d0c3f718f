"""A scenario, and the stage on which it runs: a site, a crowd of players, and the checks of times."""

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

from loadtest.judge.checks import Check, at_most
from loadtest.load.crowd_process import JOINS_PER_S, RemoteCrowd
from loadtest.measure.observation import Observation
from loadtest.players.door import Door
from loadtest.processes.process import SiteError
from loadtest.sites.kubernetes.release import Release
from loadtest.sites.kubernetes.shared_release import ReleaseLayout
from loadtest.sites.local import LocalLayout, LocalSite
from loadtest.sites.process_history import History
from loadtest.sites.site import CLUSTER, LOCAL, Site, Watcher

CALM_S: Final = 2.0  # before an event and after it, so that late effects show
QUICK_BOUND_S: Final = 30.0  # of times in the quick form, which judges counts

S = TypeVar("S", bound=Site)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a scenario found."""

    checks: Sequence[Check]
    observation: Observation | None = None

    def and_also(self, *more: Check) -> "Seen":
        return Seen([*self.checks, *more], self.observation)


@dataclass(frozen=True, slots=True)
class Scenario:
    """One fault or change. It runs on each site for which it has a layout."""

    name: str
    run: Callable[["Stage[Any]"], Seen]  # the first line of its docstring is the title
    local: LocalLayout | None = None
    cluster: ReleaseLayout | None = None
    needs: frozenset[str] = frozenset()  # add-ons, programs and images beside the site
    full_players: int = 200  # of the full form on local processes

    @property
    def title(self) -> str:
        return (self.run.__doc__ or self.name).partition("\n")[0].rstrip(".")

    def layout(self, kind: str) -> LocalLayout | ReleaseLayout | None:
        """Return the layout for that kind of site, or None if the scenario does not run there."""
        return {LOCAL: self.local, CLUSTER: self.cluster}[kind]


@dataclass
class Stage(Generic[S]):
    """The site of one scenario with its crowds."""

    site: S
    folder: Path  # for logs
    stack: contextlib.ExitStack  # ends crowds
    players: int
    full: bool  # sizes, lengths and bounds are the promised ones
    print_line: Callable[[str], None]
    _begun: float = field(default_factory=time.monotonic)
    _crowds: list[RemoteCrowd] = field(default_factory=list)
    _watcher: Watcher | None = None

    def log(self, what: str) -> None:
        """Add a line to the timeline."""
        self.print_line(f"    {time.monotonic() - self._begun:6.2f} s  {what}")

    def pick(self, *, quick: float, full: float) -> float:
        """Return the value for this form."""
        return full if self.full else quick

    @property
    def crowd(self) -> RemoteCrowd:
        """The first crowd."""
        return self._crowds[0]

    def join(self, door: Door | None = None, players: int | None = None) -> RemoteCrowd:
        """Start a crowd, through `door` if it is given. Return when all see the world. Raises SiteError."""
        count = players or self.players
        if not self._crowds:
            self.players = count
        seed = len(self._crowds) + 1
        crowd = self.stack.enter_context(RemoteCrowd(door or self.site.door(), self.folder, seed))
        self._crowds.append(crowd)
        crowd.join(count, JOINS_PER_S)
        crowd.wait_live(count, self.site.hang_s)
        self.log(f"{count} players see the world")
        return crowd

    def calm(self, seconds: float = CALM_S) -> None:
        """Wait while nothing happens."""
        time.sleep(seconds)

    def spread(self) -> None:
        """Reconnect all players, so that new gateways get their share."""
        self.calm()  # until balancers have noticed the new gateways
        self.crowd.storm()
        self.calm()
        self.crowd.wait_live(self.players, self.site.hang_s)
        self.log("all players have reconnected")

    def begin(self) -> None:
        """Begin the observation of players and processes. The event is next. Joins the crowd if there is none."""
        if not self._crowds:
            self.join()
        self.calm()
        self._watcher = self.stack.enter_context(_ending(self.site.watch()))
        self.crowd.mark()

    def observed(self, act: Callable[[], object], done: str) -> tuple[Observation, History]:
        """Begin, `act`, log that it is `done`, and return the observations."""
        self.begin()
        act()
        self.log(done)
        return self.seen()

    def seen(self) -> tuple[Observation, History]:
        """Return the observations since `begin`, a while after the event. Raises SiteError if players are missing."""
        if self._watcher is None:
            raise SiteError("The scenario did not begin its observation.")
        self.crowd.wait_live(self.players, self.site.hang_s)
        self.calm()
        return self.crowd.report(), self._watcher.end()

    def wait_resumed(self) -> None:
        """Return when each player has a frame since the crowd's last `note`."""
        self.crowd.wait_resumed(self.players, self.site.hang_s)
        self.log("all players see the world move")

    def wait_renewed(self) -> None:
        """Return when each player has a new epoch since `begin`."""
        self.crowd.wait_renewed(self.players, self.site.hang_s)
        self.log("all players see a new epoch")

    def timed(self, what: str, value: float, bound_s: float, *, on_cluster_s: float | None = None) -> Check:
        """Return the check of a time. In the quick form the bound only shows that nothing hangs."""
        if self.site.kind == CLUSTER:
            return at_most(what, value, on_cluster_s or bound_s)
        return at_most(what, value, bound_s if self.full else max(bound_s, QUICK_BOUND_S))


LocalStage = Stage[LocalSite]
ClusterStage = Stage[Release]


@contextlib.contextmanager
def _ending(watcher: Watcher) -> Iterator[Watcher]:
    try:
        yield watcher
    finally:
        watcher.end()
