"""Starts a real server process, and gives access to its address, counters, log and end."""

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

from prometheus_client.parser import text_string_to_metric_families

from tests.end_to_end.served import PIPE_VARIABLE
from tests.pacing import until

ROOT: Final = Path(__file__).resolve().parents[2]
START_S: Final = 30.0  # longest start that a busy machine may need
STOP_S: Final = 10.0
ANSWER_S: Final = 10.0

SERVED: Final = ("-m", "tests.end_to_end.served")
COMMAND: Final = ("-m", "app", "run", "--bind")

REFUSALS: Final = "flotilla_refusals_total"
CLOSES: Final = "flotilla_closes_total"

Counts = dict[str, float]


class Server:
    """A process that serves the game on 127.0.0.1."""

    def __init__(self, folder: Path, *, port: int = 0, command: Sequence[str] = SERVED, **environment: str) -> None:
        """Start the process with its log in `folder`, and wait until it prints its address."""
        self._log = folder / "server.log"
        self._log_read = 0  # characters that a test has looked at
        self._pipe = folder / "pipe"
        if not self._pipe.exists():
            os.mkfifo(self._pipe)
        self._process = _start(command, port, self._log, {PIPE_VARIABLE: str(self._pipe), **environment})
        self.port = _announced_port(self._process, self._log)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"ws://{self.address}/ws/game/"

    def counters(self) -> Counts:
        """Return all samples by name and labels, for example `flotilla_refusals_total{reason="path"}`."""
        families = text_string_to_metric_families(self._ask(signal.SIGUSR1).decode())
        return {_name(sample): sample.value for family in families for sample in family.samples}

    def census(self) -> dict[str, int]:
        """Return the number of objects per class and of tasks, and the peak memory in KiB."""
        census: dict[str, int] = json.loads(self._ask(signal.SIGUSR2))
        return census

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal and return at once. Does nothing if the process has ended."""
        self._process.send_signal(number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def wait(self) -> int:
        """Wait for the end of the process. Return its exit code."""
        return self._process.wait(STOP_S)

    def kill(self) -> None:
        """End the process with SIGKILL if it is running."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait(STOP_S)
        if self._process.stdout is not None:
            self._process.stdout.close()

    def log(self) -> str:
        return self._log.read_text()

    def assert_clean_log(self) -> None:
        """Fail if the log since the last call contains an error."""
        log = self.log()
        news, self._log_read = log[self._log_read :], len(log)
        assert not re.search(r"Traceback|ERROR|CRITICAL", news), news

    async def settle(self, players: int = 0) -> None:
        """Wait until exactly `players` sockets are open, each with a ship."""
        await until(lambda: (players, players) == _population(self.counters()))

    @contextlib.asynccontextmanager
    async def expecting(
        self, *, refusals: Mapping[str, int] | None = None, closes: Mapping[int | str, int] | None = None
    ) -> AsyncIterator[None]:
        """Check that refusals and closes change by exactly these labels and amounts within the block."""
        expected = {f'{REFUSALS}{{reason="{reason}"}}': count for reason, count in (refusals or {}).items()}
        expected |= {f'{CLOSES}{{code="{code}"}}': count for code, count in (closes or {}).items()}
        before = self.counters()
        yield
        with contextlib.suppress(TimeoutError):
            await until(lambda: expected == _moved(before, self.counters()))
        assert expected == _moved(before, self.counters())

    def _ask(self, number: signal.Signals) -> bytes:
        pipe = os.open(self._pipe, os.O_RDONLY | os.O_NONBLOCK)
        try:
            self._process.send_signal(number)
            return b"".join(_read_all(pipe))
        finally:
            os.close(pipe)


@contextlib.contextmanager
def serving(folder: Path, **settings: Any) -> Iterator[Server]:
    """Serve within the block. Afterwards SIGTERM must end the process with exit code 0 and a clean log."""
    server = Server(folder, **settings)
    try:
        yield server
        server.terminate()
        assert 0 == server.wait()
        server.assert_clean_log()
    finally:
        server.kill()


def environment(**extra: str) -> dict[str, str]:
    """Return the environment of this process without settings of Flotilla, plus `extra`."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("FLOTILLA_")}
    return inherited | extra


def _start(command: Sequence[str], port: int, log: Path, extra: Mapping[str, str]) -> subprocess.Popen[str]:
    with log.open("a") as stderr:
        return subprocess.Popen(
            [sys.executable, *command, f"127.0.0.1:{port}"],
            cwd=ROOT,
            env=environment(**extra),
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )


def _announced_port(process: subprocess.Popen[str], log: Path) -> int:
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], START_S)
    sentence = process.stdout.readline() if ready else ""
    found = re.search(r"http://127\.0\.0\.1:(\d+)/", sentence)
    if found is None:
        process.kill()
        process.wait()
        process.stdout.close()
        raise AssertionError(f"The server did not print its address: {sentence!r}\n{log.read_text()}")
    return int(found[1])


def _read_all(pipe: int) -> Iterator[bytes]:
    """Yield chunks until the writer closes the pipe."""
    deadline = time.monotonic() + ANSWER_S
    while True:
        ready, _, _ = select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))
        assert ready, "the server did not answer"
        chunk = os.read(pipe, 1 << 16)
        if not chunk:
            return
        yield chunk


def _name(sample: Any) -> str:
    labels = ",".join(f'{name}="{value}"' for name, value in sorted(sample.labels.items()))
    return f"{sample.name}{{{labels}}}" if labels else str(sample.name)


def _population(counters: Counts) -> tuple[float, float]:
    return counters["flotilla_connections"], counters["flotilla_ships"]


def _moved(before: Counts, after: Counts) -> Counts:
    """Return the refusals and closes that changed, and the differences."""
    names = [name for name in after if name.startswith((REFUSALS, CLOSES))]
    return {name: grown for name in names if (grown := after[name] - before.get(name, 0))}
