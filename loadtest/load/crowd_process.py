"""A crowd in a process of its own, as its parent sees it."""

import contextlib
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import msgspec

from loadtest.load.crowd.crowd_messages import Answer
from loadtest.measure.observation import Observation
from loadtest.paths import ROOT
from loadtest.players.door import Door
from loadtest.processes.process import SiteError

ANSWER_S: Final = 30.0
END_S: Final = 10.0
LOOK_AGAIN_S: Final = 0.05
JOINS_PER_S: Final = 100.0


class CrowdError(SiteError):
    """A crowd that is not where it should be; the message is for a person."""


class RemoteCrowd:
    """A running crowd process."""

    def __init__(self, door: Door, folder: Path, seed: int = 1) -> None:
        """Start it; nobody joins yet."""
        self._log = folder / f"crowd-{seed}.log"
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603  # our own module
                [sys.executable, "-m", "loadtest.load.crowd", msgspec.json.encode(door).decode(), str(seed)],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
            )

    def __enter__(self) -> Self:
        """Give it to the block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it with the block."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        try:
            self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    @property
    def pid(self) -> int:
        """The id of its process."""
        return self._process.pid

    def join(self, players: int, per_second: float = JOINS_PER_S) -> None:
        """Let players come; return at once."""
        self._ask("join", players=players, per_second=per_second)

    def churn(self, per_second: float, seconds: float) -> None:
        """Let players come and go; return at once."""
        self._ask("churn", per_second=per_second, seconds=seconds)

    def mark(self) -> None:
        """Begin a phase."""
        self._ask("mark")

    def note(self) -> None:
        """Remember this moment, to tell when each player saw the world again."""
        self._ask("note")

    def storm(self) -> None:
        """Let all lose their sockets and come back at once."""
        self._ask("storm")

    def leave(self) -> None:
        """Let all go for ever."""
        self._ask("leave")

    def report(self) -> Observation:
        """Return what was seen in this phase."""
        observation = self._ask("report").observation
        assert observation is not None
        return observation

    def wait_live(self, players: int, patience_s: float) -> None:
        """Return when so many see the world move; raises CrowdError when they do not in time."""
        self._wait(lambda answer: answer.live >= players, patience_s, f"{players} players live")

    def wait_resumed(self, players: int, patience_s: float) -> None:
        """Return when so many have seen a frame since `note`; raises CrowdError when they did not in time."""
        self._wait(lambda answer: answer.resumed >= players, patience_s, f"{players} players with a new frame")

    def wait_renewed(self, players: int, patience_s: float) -> None:
        """Return when so many have seen a new epoch since `mark`; raises CrowdError when they did not in time."""
        self._wait(lambda answer: answer.renewed >= players, patience_s, f"{players} players with a new epoch")

    def _wait(self, done: Callable[[Answer], bool], patience_s: float, what: str) -> None:
        deadline = time.monotonic() + patience_s
        while not done(answer := self._ask("look")):
            if time.monotonic() > deadline:
                seen = msgspec.json.encode(self.report()).decode()
                raise CrowdError(
                    f"Not {what} within {patience_s:g} s: {answer.live} live, {answer.resumed} new. {seen}"
                )
            time.sleep(LOOK_AGAIN_S)

    def _ask(self, do: str, **details: Any) -> Answer:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(msgspec.json.encode({"do": do, **details}) + b"\n")
            self._process.stdin.flush()
            ready, _, _ = select.select([self._process.stdout], [], [], ANSWER_S)
            line = self._process.stdout.readline() if ready else b""
        except OSError:
            line = b""
        if not line:
            raise CrowdError(f"The crowd does not answer.\n{self._log.read_text()[-2000:]}")
        return msgspec.json.decode(line, type=Answer)


@contextlib.contextmanager
def joined(door: Door, folder: Path, players: int, patience_s: float = 60.0, seed: int = 1) -> Iterator[RemoteCrowd]:
    """Hold a crowd that flies, within the block."""
    with RemoteCrowd(door, folder, seed) as crowd:
        crowd.join(players)
        crowd.wait_live(players, patience_s)
        yield crowd
