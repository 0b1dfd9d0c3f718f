"""A crowd in a separate process, for the scenarios."""

import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

from loadtest.load.messages import Answer, Command, CrowdTask
from loadtest.load.player_process import PlayerProcess
from loadtest.measure.observation import Observation
from loadtest.players.door import Door
from loadtest.processes.process import SiteError

LOOK_AGAIN_S: Final = 0.05
JOINS_PER_S: Final = 100.0


class RemoteCrowd(PlayerProcess):
    """A running crowd; all methods but `report` and the waits return at once."""

    def __init__(self, door: Door, folder: Path, seed: int = 1) -> None:
        """Start the process without players; its log goes to `folder`."""
        super().__init__(folder / f"crowd-{seed}.log")
        self.send(CrowdTask(door, seed))

    def join(self, players: int, per_second: float = JOINS_PER_S) -> None:
        self._command("join", players=players, per_second=per_second)

    def churn(self, per_second: float, seconds: float) -> None:
        """Replace ordinary players at an even rate."""
        self._command("churn", per_second=per_second, seconds=seconds)

    def mark(self) -> None:
        """Begin a phase."""
        self._command("mark")

    def note(self) -> None:
        """Measure from now on how long each player waits for its next frame."""
        self._command("note")

    def storm(self) -> None:
        """Close all sockets; all players reconnect at once."""
        self._command("storm")

    def leave(self) -> None:
        self._command("leave")

    def report(self) -> Observation:
        """Return the figures of this phase."""
        observation = self._command("report").observation
        assert observation is not None
        return observation

    def wait_live(self, players: int, patience_s: float) -> None:
        """Return when so many players get frames; raises SiteError if they do not in time."""
        self._wait(lambda answer: answer.live >= players, patience_s, f"{players} players live")

    def wait_resumed(self, players: int, patience_s: float) -> None:
        """Return when so many players got a frame since `note`; raises SiteError if they did not in time."""
        self._wait(lambda answer: answer.resumed >= players, patience_s, f"{players} players with a new frame")

    def wait_renewed(self, players: int, patience_s: float) -> None:
        """Return when so many players got a new epoch since `mark`; raises SiteError if they did not in time."""
        self._wait(lambda answer: answer.renewed >= players, patience_s, f"{players} players with a new epoch")

    def _wait(self, done: Callable[[Answer], bool], patience_s: float, what: str) -> None:
        deadline = time.monotonic() + patience_s
        while not done(answer := self._command("look")):
            if time.monotonic() > deadline:
                seen = msgspec.json.encode(self.report()).decode()
                raise SiteError(f"Not {what} within {patience_s:g} s: {answer.live} live, {answer.resumed} new. {seen}")
            time.sleep(LOOK_AGAIN_S)

    def _command(self, do: str, **details: Any) -> Answer:
        self.send(Command(do, **details))
        return msgspec.json.decode(self.receive(), type=Answer)


@contextlib.contextmanager
def joined(door: Door, folder: Path, players: int, patience_s: float = 60.0, seed: int = 1) -> Iterator[RemoteCrowd]:
    """Run a crowd within the block, which begins when all its players get frames."""
    with RemoteCrowd(door, folder, seed) as crowd:
        crowd.join(players)
        crowd.wait_live(players, patience_s)
        yield crowd
