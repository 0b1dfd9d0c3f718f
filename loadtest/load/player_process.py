"""The parent's side of a process of players: messages in both directions, and an orderly end."""

import contextlib
import sys
from pathlib import Path
from typing import Final

import msgspec

from loadtest.load.messages import Command, Task
from loadtest.processes.line_process import LineProcess
from loadtest.processes.process import SiteError

END_S: Final = 10.0  # from the end of the input to SIGTERM


class PlayerProcess(LineProcess):
    """A running process, which ends with the block."""

    def __init__(self, log: Path) -> None:
        """Start the process, which waits for its task."""
        super().__init__("A process of players", [sys.executable, "-m", "loadtest.load"], log)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            with contextlib.suppress(OSError, SiteError):
                self.stdin.close()
                self.wait(END_S)
        super().__exit__(kind)

    def send(self, message: Task | Command) -> None:
        """Send a message; an error shows in the next `receive`."""
        self.write(msgspec.json.encode(message))
