"""The parent's side of a process of players: lines of JSON in both directions, and a bounded end."""

import contextlib
import queue
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import msgspec

from loadtest.load.messages import Command, Task
from loadtest.paths import ROOT

ANSWER_S: Final = 30.0  # longest wait for a line that is due
END_S: Final = 10.0  # from the end of the input to SIGKILL
TAIL: Final = 2000  # characters of its log that an error shows


class SilentProcessError(Exception):
    """The process ended, or sent nothing in time; the message is a sentence with the end of its log."""


class PlayerProcess:
    """A running process, which ends with the block."""

    def __init__(self, log: Path) -> None:
        """Start the process, which waits for its task."""
        self._log = log
        with log.open("ab") as output:
            self._process = subprocess.Popen(  # our own module
                [sys.executable, "-m", "loadtest.load"],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
                start_new_session=True,  # a Ctrl-C reaches the parent only, which then ends this process in order
            )
        self._lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, name="players", daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        try:
            self._process.wait(END_S if kind is None else 0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()
        self._process.stdout.close()

    @property
    def pid(self) -> int:
        return self._process.pid

    def send(self, message: Task | Command) -> None:
        """Send a line; an error shows in the next `receive`."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.write(msgspec.json.encode(message) + b"\n")
            self._process.stdin.flush()

    def receive(self, patience_s: float = 0.0) -> bytes:
        """Return the next line; raises SilentProcessError if none comes within `patience_s` and ANSWER_S."""
        try:
            line = self._lines.get(timeout=patience_s + ANSWER_S)
        except queue.Empty:
            raise SilentProcessError(f"A process of players does not answer. {self._tail()}") from None
        if not line:
            self._lines.put(b"")  # also for the next call
            raise SilentProcessError(f"A process of players ended by itself. {self._tail()}")
        return line

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.endswith(b"\n"):  # a process that was killed may leave half a line
                self._lines.put(line)
        self._lines.put(b"")

    def _tail(self) -> str:
        text = self._log.read_text(errors="replace").strip()
        return f"The end of its log: {text[-TAIL:]}" if text else "Its log is empty."
