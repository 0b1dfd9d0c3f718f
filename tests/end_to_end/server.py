"""A real server process: its address, its counters, its log and its end."""

import contextlib
import json
import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from loadtest import paths
from loadtest.measure.metrics_page import parse
from loadtest.processes import process
from loadtest.processes.process import Process, clean_environment
from tests.end_to_end.served import PIPE_VARIABLE
from tests.pacing import until

ROOT: Final = paths.ROOT
START_S: Final = process.START_S
STOP_S: Final = 10.0
ANSWER_S: Final = 10.0

SERVED: Final = ("-m", "tests.end_to_end.served")
COMMAND: Final = ("-m", "app", "run", "--bind")

REFUSALS: Final = "flotilla_refusals_total"
CLOSES: Final = "flotilla_closes_total"

Counts = dict[str, float]


environment: Final = clean_environment


class Server:
    """One process that serves the game on 127.0.0.1."""

    def __init__(self, folder: Path, *, port: int = 0, command: Sequence[str] = SERVED, **extra: str) -> None:
        """Start it, with its log in `folder`, and wait until it prints its address."""
        self._log = folder / "server.log"
        self._log_read = 0  # characters that a test has checked
        self._pipe = folder / "pipe"
        if not self._pipe.exists():
            os.mkfifo(self._pipe)
        settings = {PIPE_VARIABLE: str(self._pipe), **extra}
        self._process = started(self._log, *command, f"127.0.0.1:{port}", **settings)
        try:
            self.port = int(self._process.wait_for(r"http://127\.0\.0\.1:(\d+)/")[1])
        except BaseException:
            self._process.kill()
            raise

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"ws://{self.address}/ws/game/"

    def counters(self) -> Counts:
        """Return all samples by name and labels, as in `flotilla_refusals_total{reason="path"}`."""
        return parse(self._ask(signal.SIGUSR1).decode())

    def census(self) -> dict[str, int]:
        """Return the numbers of objects by class, of tasks, and KiB of memory."""
        census: dict[str, int] = json.loads(self._ask(signal.SIGUSR2))
        return census

    def garbage(self) -> dict[str, int]:
        """Return the bytes of cyclic garbage by class since the last call, and as "open" the number of sockets.

        After the first call, nothing else collects garbage in that process.
        """
        sizes: dict[str, int] = json.loads(self._ask(signal.SIGWINCH))
        return sizes

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal and return at once. If the process has ended, nothing happens."""
        self._process.signal(number)

    def terminate(self) -> None:
        """Send SIGTERM and return at once."""
        self.send_signal(signal.SIGTERM)

    def wait(self) -> int:
        """Return the exit code after the end."""
        return self._process.wait(STOP_S)

    def kill(self) -> None:
        """Send SIGKILL and wait for the end."""
        self._process.kill()

    def log(self) -> str:
        return self._log.read_text()

    def assert_clean_log(self) -> None:
        """Fail if the log since the last call has an error."""
        log = self.log()
        news, self._log_read = log[self._log_read :], len(log)
        assert not re.search(r"Traceback|ERROR|CRITICAL", news), news

    async def settle(self, players: int = 0) -> None:
        """Wait until there are exactly `players` sockets, each with its ship."""
        await until(lambda: (players, players) == _population(self.counters()))

    @contextlib.asynccontextmanager
    async def expecting(
        self, *, refusals: Mapping[str, int] | None = None, closes: Mapping[int | str, int] | None = None
    ) -> AsyncIterator[None]:
        """Fail unless refusals and closes grow within the block by exactly these numbers."""
        expected = {f'{REFUSALS}{{reason="{reason}"}}': count for reason, count in (refusals or {}).items()}
        expected |= {f'{CLOSES}{{code="{code}"}}': count for code, count in (closes or {}).items()}
        before = self.counters()
        yield
        with contextlib.suppress(TimeoutError):
            await until(lambda: expected == _moved(before, self.counters()))
        assert expected == _moved(before, self.counters())

    def _ask(self, window: signal.Signals) -> bytes:
        pipe = os.open(self._pipe, os.O_RDONLY | os.O_NONBLOCK)
        try:
            self._process.signal(window)
            return b"".join(_read_all(pipe))
        finally:
            os.close(pipe)


@contextlib.contextmanager
def serving(folder: Path, **settings: Any) -> Iterator[Server]:
    """Serve within the block. After it, SIGTERM must end the process with 0, and its log must be clean."""
    server = Server(folder, **settings)
    try:
        yield server
        server.terminate()
        assert 0 == server.wait()
        server.assert_clean_log()
    finally:
        server.kill()


def started(log: Path, *words: str, **settings: str) -> Process:
    """Start Python with these words, and with these settings of Flotilla only."""
    return Process("the server", [sys.executable, *words], log, environment(PYTHONUNBUFFERED="1", **settings))


def ran(*words: str, limit_s: float = START_S, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run Python with these words, and with these settings of Flotilla only, until it ends."""
    return subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        env=environment(**settings),
        capture_output=True,
        text=True,
        timeout=limit_s,
        check=False,
    )


def _read_all(pipe: int) -> Iterator[bytes]:
    """Read until the writer closes. The first wait is for the writer to open the pipe."""
    deadline = time.monotonic() + ANSWER_S
    while True:
        ready, _, _ = select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))
        assert ready, "the server did not answer"
        chunk = os.read(pipe, 1 << 16)
        if not chunk:
            return
        yield chunk


def _population(counters: Counts) -> tuple[float, float]:
    return counters["flotilla_connections"], counters["flotilla_ships"]


def _moved(before: Counts, after: Counts) -> Counts:
    """Return the refusals and closes that grew, and by how much."""
    names = [name for name in after if name.startswith((REFUSALS, CLOSES))]
    return {name: grown for name in names if (grown := after[name] - before.get(name, 0))}
