"""A program that gets orders and sends answers as lines on its input and output."""

import contextlib
import os
import queue
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Self

from loadtest.processes.process import Process, SiteError

ANSWER_S: Final = 30.0  # longest wait for a line that is due


class LineProcess(Process):
    """Such a program, which ends with the block. `receive` is for use within the block."""

    def __init__(self, name: str, command: Sequence[str], log: Path) -> None:
        super().__init__(name, command, log, os.environ, piped=True)
        self._lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, name="lines", daemon=True)

    def __enter__(self) -> Self:
        self._reader.start()  # not earlier: a thread inherits the core of the thread that starts it
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.stop()
        self._reader.join()
        for stream in (self.stdin, self.stdout):
            with contextlib.suppress(OSError):  # it ended before it read everything
                stream.close()

    def write(self, line: bytes) -> None:
        """Send a line; an error shows in the next `receive`."""
        with contextlib.suppress(OSError):
            self.stdin.write(line + b"\n")
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
