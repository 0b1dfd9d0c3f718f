"""The process of a crew: an assignment and commands come as lines on its input, reports go as lines to its output."""

import asyncio
import contextlib
import gc
import os
import sys
from typing import Final

import msgspec
import uvloop

from loadtest.load import crew_messages
from loadtest.load.crew import Crew
from loadtest.load.crew_messages import Assignment, Command
from loadtest.processes.machine import raise_file_limit

LIMIT_S: Final = 25 * 3600  # longest life of this process, whatever becomes of the one that started it
LINE_BYTES: Final = 1 << 26  # longest line: the arrivals of all players


async def main() -> None:
    """Play one test; end early when the input ends, since nobody would read what is said."""
    reader = asyncio.StreamReader(limit=LINE_BYTES)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(os.dup(0), "rb"))
    crew = Crew(msgspec.json.decode(await reader.readline(), type=Assignment), _tell)
    gc.collect()
    gc.freeze()
    gc.disable()  # a collection would be a freeze that nobody had but this process
    _tell(crew_messages.Ready())
    command = msgspec.json.decode(await reader.readline(), type=Command)
    stopped = asyncio.Event()
    stopper = asyncio.create_task(_until_stopped(reader, stopped))
    final = await crew.play(command.at, stopped)
    _tell(final)
    await crew.leave()
    stopper.cancel()


async def _until_stopped(reader: asyncio.StreamReader, stopped: asyncio.Event) -> None:
    await reader.readline()  # a stop, or the end
    stopped.set()


def _tell(report: crew_messages.Report) -> None:
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.write(msgspec.json.encode(report).decode() + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    raise_file_limit()
    uvloop.run(asyncio.wait_for(main(), LIMIT_S))
