"""Where a fault plays: a cluster, a crowd that flies through its nginx, and how long and how large it is to be."""

import contextlib
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from loadtest.judge.checks import Check, at_most
from loadtest.load.crowd_process import RemoteCrowd, joined
from loadtest.measure.observation import Observation
from loadtest.players.door import Door
from loadtest.processes.process import SiteError
from loadtest.processes.role import Role
from loadtest.sites.local import Cluster, Layout, running

QUICK_PLAYERS: Final = 100
FULL_PLAYERS: Final = 200
CALM_S: Final = 2.0  # before a fault and after it: what is late shows
HANG_S: Final = 60.0  # longest wait for anything: beyond, it hangs
QUICK_BOUND_S: Final = 30.0  # for times in the quick form, which judges counts

Play = Callable[["Stage"], "Seen"]


@dataclass(frozen=True, slots=True)
class Seen:
    """What a scenario found."""

    observation: Observation
    checks: Sequence[Check]


@dataclass(frozen=True, slots=True)
class Scenario:
    """One fault; the first line of the docstring of `play` says what happens."""

    name: str
    play: Play
    layout: Layout = field(default_factory=Layout)
    full_players: int = FULL_PLAYERS

    @property
    def title(self) -> str:
        """What happens."""
        return (self.play.__doc__ or self.name).partition("\n")[0].rstrip(".")


class Stage:
    """A running cluster with its crowd."""

    def __init__(self, cluster: Cluster, crowd: RemoteCrowd, *, players: int, full: bool, tell: Callable[[str], None]):
        """Take what runs; `tell` prints a moment of the timeline."""
        self.cluster = cluster
        self.crowd = crowd
        self.players = players
        self.full = full
        self._tell = tell
        self._begun = time.monotonic()

    def say(self, what: str) -> None:
        """Tell what happens now."""
        self._tell(f"    {time.monotonic() - self._begun:6.2f} s  {what}")

    def pick(self, *, quick: float, full: float) -> float:
        """Return the value for this form."""
        return full if self.full else quick

    def calm(self, seconds: float = CALM_S) -> None:
        """Let all fly for a while."""
        time.sleep(seconds)

    def begin(self) -> None:
        """Forget how all came here: the fault is next."""
        self.calm()
        self.crowd.mark()

    def wait_resumed(self) -> None:
        """Return when everybody has seen a frame since the crowd's last `note`."""
        self.crowd.wait_resumed(self.players, HANG_S)
        self.say("everybody sees the world move")

    def wait_renewed(self) -> None:
        """Return when everybody has seen the world of another tick since the crowd's last `mark`."""
        self.crowd.wait_renewed(self.players, HANG_S)
        self.say("everybody sees a new epoch")

    def seen(self) -> Observation:
        """Return what was seen, a while after the fault."""
        self.crowd.wait_live(self.players, HANG_S)
        self.calm()
        return self.crowd.report()

    def leader(self) -> Role:
        """Return the tick that moves the world."""
        deadline = time.monotonic() + HANG_S
        while time.monotonic() < deadline:
            if (leader := self.cluster.leader()) is not None:
                return leader
            time.sleep(0.05)
        raise SiteError("No tick says that it moves the world.")

    def timed(self, what: str, value: float, bound: float, unit: str = "s") -> Check:
        """Return the check of a time: in the quick form only that nothing hangs."""
        return at_most(what, value, bound if self.full else max(bound, QUICK_BOUND_S), unit)

    def same_processes(self, before: dict[str, int]) -> Check:
        """Return that no process had to be started again."""
        gone = [role.name for role in self.cluster.roles if not role.process.running or role.pid != before[role.name]]
        return Check("processes that ended", not gone, ", ".join(gone) or "none")

    def processes(self) -> dict[str, int]:
        """Return the ids of all roles."""
        return {role.name: role.pid for role in self.cluster.roles}


@contextlib.contextmanager
def staged(
    scenario: Scenario, *, full: bool, players: int | None, tell: Callable[[str], None], logs: Path | None = None
) -> Iterator[Stage]:
    """Hold the stage of a scenario within the block; its logs stay in `logs` if that is given."""
    count = players or (scenario.full_players if full else QUICK_PLAYERS)
    with tempfile.TemporaryDirectory(prefix="flotilla-", ignore_cleanup_errors=True) as scratch:
        folder = logs / scenario.name if logs else Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        with (
            running(folder.resolve(), replace(scenario.layout)) as cluster,
            joined(Door([cluster.socket_url]), folder, count) as crowd,
        ):
            yield Stage(cluster, crowd, players=count, full=full, tell=tell)
