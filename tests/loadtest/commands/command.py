"""The command line of the laboratory in a separate process."""

import asyncio
import contextlib
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from typing import Any

from loadtest.outcome import ExitCode
from loadtest.paths import ROOT

PATIENCE_S = 60  # for a whole run on a busy machine
COMMAND = (sys.executable, "-m", "loadtest")


def run(*words: str, **options: Any) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end."""
    line = [*COMMAND, *words]
    return subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S, check=False, **options)


@contextlib.asynccontextmanager
async def running(line: str, *words: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a command within the block, which begins when stderr has `line`. SIGINT is ignored at its start."""
    pipe = asyncio.subprocess.PIPE
    given = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as a shell does for background jobs
    try:
        process = await asyncio.create_subprocess_exec(*COMMAND, *words, cwd=ROOT, stdout=pipe, stderr=pipe)
    finally:
        signal.signal(signal.SIGINT, given)
    assert process.stderr is not None
    async with asyncio.timeout(PATIENCE_S):
        try:
            while line.encode() not in await process.stderr.readline():
                assert not process.stderr.at_eof()
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


async def trouble(process: asyncio.subprocess.Process) -> str:
    """Return stderr after the end. Fail unless the exit code is 2 and there is no traceback."""
    _, complained = await process.communicate()
    assert ExitCode.COULD_NOT_RUN == process.returncode
    assert b"Traceback" not in complained
    return complained.decode()
