"""The parent's side of a process of players: lines of JSON in both directions, and a bounded end."""

import contextlib
import os
import queue
import sys
import threading
from pathlib import Path
from typing import Final, Self

import msgspec

from loadtest.load.messages import Command, Task
from loadtest.processes.process import Process, SiteError

ANSWER_S: Final = 30.0  # longest wait for a line that is due
END_S: Final = 10.0  # from the end of the input to SIGKILL


class PlayerProcess(Process):
    """A running process, which ends with the block."""

    def __init__(self, log: Path) -> None:
        """Start the process, which waits for its task."""
        super().__init__("A process of players", [sys.executable, "-m", "loadtest.load"], log, os.environ, piped=True)
        self._lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, name="players", daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with contextlib.suppress(OSError):
            self.stdin.close()
        try:
            self.wait(END_S if kind is None else 0)
        except SiteError:
            self.kill()
        self._reader.join()
        self.stdout.close()

    def send(self, message: Task | Command) -> None:
        """Send a line; an error shows in the next `receive`."""
        with contextlib.suppress(OSError):
            self.stdin.write(msgspec.json.encode(message) + b"\n")
            self.stdin.flush()

    def receive(self, patience_s: float = 0.0) -> bytes:
        """Return the next line.

        Raises SiteError, with the end of the log, if none comes within `patience_s` and ANSWER_S.
        """
        try:
            line = self._lines.get(timeout=patience_s + ANSWER_S)
        except queue.Empty:
            raise SiteError(f"{self.name} does not answer.\n{self.tail()}") from None
        if not line:
            self._lines.put(b"")  # also for the next call
            raise SiteError(f"{self.name} ended by itself.\n{self.tail()}")
        return line

    def _read(self) -> None:
        for line in self.stdout:
            if line.endswith(b"\n"):  # a process that was killed may leave half a line
                self._lines.put(line)
        self._lines.put(b"")
