"""Where a scenario plays: a release, its crowd, and what is around them."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from loadtest.judge.checks import Check
from loadtest.load.crowd_process import JOINS_PER_S, RemoteCrowd
from loadtest.measure.observation import Observation
from loadtest.players.door import Door
from loadtest.processes.process import SiteError
from loadtest.sites.kubernetes.helm import Values
from loadtest.sites.kubernetes.pod_history import Watch
from loadtest.sites.kubernetes.pod_watcher import Watcher
from loadtest.sites.kubernetes.release import Site
from loadtest.sites.kubernetes.tools import Tools

PLAYERS: Final = 50
CALM_S: Final = 2.0  # before something happens and after it: what is late shows
HANG_S: Final = 90.0  # longest wait for players: beyond, it hangs

Play = Callable[["Stage"], "Seen"]

# Small arenas, so that fifty players fly in several.
SMALL_ARENAS: Final[Values] = {"config": {"FLOTILLA_ARENA_CAPACITY": "20"}}


@dataclass(frozen=True, slots=True)
class Seen:
    """What a scenario found."""

    checks: Sequence[Check]
    observation: Observation | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """What is installed when a scenario begins."""

    values: Values | None = field(default_factory=lambda: dict(SMALL_ARENAS))  # None: as the scenario before left it
    release: str = "shared"  # scenarios that say the same share one, each with its values


@dataclass(frozen=True, slots=True)
class Scenario:
    """One thing that is done to a release; the first line of the docstring of `play` says which."""

    name: str
    play: Play
    layout: Layout = field(default_factory=Layout)
    needs: frozenset[str] = frozenset()

    @property
    def title(self) -> str:
        """What happens."""
        return (self.play.__doc__ or self.name).partition("\n")[0].rstrip(".")


class Stage:
    """One scenario's: the release, and those who fly in it."""

    def __init__(self, site: Site, tools: Tools, name: str, players: int, tell: Callable[[str], None]) -> None:
        """Take what runs; nobody flies yet. `tell` prints a moment of the timeline."""
        self.site = site
        self.tools = tools
        self.players = players
        self._name = name
        self._tell = tell
        self._begun = time.monotonic()
        self._crowds: list[RemoteCrowd] = []
        self._watcher: Watcher | None = None

    def close(self) -> None:
        """Let everybody go."""
        if self._watcher is not None:
            self._watcher.end()
        for crowd in self._crowds:
            crowd.__exit__(None, None, None)

    def say(self, what: str) -> None:
        """Tell what happens now."""
        self._tell(f"    {time.monotonic() - self._begun:6.2f} s  {what}")

    @property
    def crowd(self) -> RemoteCrowd:
        """Those who fly."""
        return self._crowds[0]

    def join(self, door: Door | None = None, players: int | None = None) -> RemoteCrowd:
        """Let a crowd come, by the gateways' Service unless told otherwise, until all fly; raises SiteError."""
        folder = self.tools.folder / self._name
        folder.mkdir(parents=True, exist_ok=True)
        count = players or self.players
        if not self._crowds:
            self.players = count
        crowd = RemoteCrowd(door or self.site.door(), folder, seed=len(self._crowds) + 1)
        self._crowds.append(crowd)
        crowd.join(count, JOINS_PER_S)
        crowd.wait_live(count, HANG_S)
        self.say(f"{count} players fly")
        return crowd

    def spread(self) -> None:
        """Let all come anew, so that gateways which joined since get their share."""
        self.calm()  # until balancers have heard of them
        self.crowd.storm()
        self.calm()
        self.crowd.wait_live(self.players, HANG_S)
        self.say("everybody came anew")

    def calm(self, seconds: float = CALM_S) -> None:
        """Let all fly for a while."""
        time.sleep(seconds)

    def begin(self) -> None:
        """Forget how all came here: something happens next."""
        self.calm()
        self._watcher = Watcher(self.site).start()
        self.crowd.mark()

    def seen(self) -> tuple[Observation, Watch]:
        """Return what players and pods went through since `begin`, a while after it."""
        if self._watcher is None:
            raise SiteError("Nothing was begun.")
        self.crowd.wait_live(self.players, HANG_S)
        self.calm()
        return self.crowd.report(), self._watcher.end()


def merged(*parts: dict[str, Any]) -> dict[str, Any]:
    """Return values in which later ones win, maps being merged. Pure."""
    whole: dict[str, Any] = {}
    for part in parts:
        for key, value in part.items():
            old = whole.get(key)
            whole[key] = merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return whole
