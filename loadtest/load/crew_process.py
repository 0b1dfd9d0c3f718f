"""A crew in a process of its own, as the conductor sees it: one that does not answer is a sentence, never a wait."""

import asyncio
import contextlib
import sys
import tempfile
from types import TracebackType
from typing import Final, Self

import msgspec

from loadtest.load.__main__ import LINE_BYTES
from loadtest.load.crew_messages import Assignment, Command, Report
from loadtest.outcome import CannotRunError

ANSWER_S: Final = 30.0  # longest silence where something is due
END_S: Final = 5.0
TAIL: Final = 300  # characters of its last words that are shown


class RemoteCrew:
    """One such process, within a block."""

    def __init__(self, assignment: Assignment) -> None:
        """Take what it is to do."""
        self._assignment = assignment
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  # ends with the block of this object
        self._process: asyncio.subprocess.Process

    async def __aenter__(self) -> Self:
        """Start it, and return when it is ready."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "loadtest.load"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=self._log,
            limit=LINE_BYTES,
            start_new_session=True,  # a Ctrl-C is ours: we tell it to stop, and it tells what it saw
        )
        self._write(self._assignment)
        await self.report()  # ready
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it with the block."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            async with asyncio.timeout(END_S if kind is None else 0):
                await self._process.wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
        self._log.close()

    def begin(self, at: float) -> None:
        """Let it begin at that moment of time.monotonic."""
        self._write(Command("begin", at))

    def stop(self) -> None:
        """Let it end early."""
        self._write(Command("stop"))

    async def report(self, patience_s: float = 0.0) -> Report:
        """Return the next thing that it says; raises CannotRunError when nothing comes in `patience_s` and a while."""
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(patience_s + ANSWER_S):
                line = await self._process.stdout.readline()
            report: Report = msgspec.json.decode(line, type=Report)
        except TimeoutError:
            raise CannotRunError(f"A process of players says nothing any more. {self._last_words()}") from None
        except (msgspec.DecodeError, ValueError):
            raise CannotRunError(f"A process of players ended by itself. {self._last_words()}") from None
        return report

    def _last_words(self) -> str:
        self._log.seek(0)
        words = self._log.read().decode(errors="replace").strip()
        return f"Its last words: {words[-TAIL:]}" if words else "It left no word."

    def _write(self, message: Assignment | Command) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(msgspec.json.encode(message) + b"\n")
