"""A process of players: a task and commands arrive as lines of JSON on its input, reports leave on its output."""

import asyncio
import contextlib
import gc
import os
import sys
from typing import Final

import msgspec
import uvloop

from loadtest.load import messages
from loadtest.load.crew import Crew
from loadtest.load.crowd import Crowd
from loadtest.load.group import watch_lag
from loadtest.load.messages import Answer, Command, CrewTask, CrowdTask, Task
from loadtest.measure.totals import LAG_PERIOD_S
from loadtest.processes.machine import raise_file_limit

LIMIT_S: Final = 25 * 3600  # longest life of this process, even if its parent never ends it
LINE_BYTES: Final = 1 << 26  # longest line: the arrivals of all players


async def main() -> None:
    """Run the task; both kinds end when the input ends, because no parent reads the reports any more."""
    reader = asyncio.StreamReader(limit=LINE_BYTES)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(os.dup(0), "rb"))
    task: Task = msgspec.json.decode(await reader.readline(), type=Task)
    gc.collect()
    gc.freeze()
    gc.disable()  # a collection would make this process late
    if isinstance(task, CrewTask):
        await _run_crew(task, reader)
    else:
        await _run_crowd(task, reader)


async def _run_crew(task: CrewTask, reader: asyncio.StreamReader) -> None:
    crew = Crew(task, _send)
    _send(messages.Ready())
    begin = msgspec.json.decode(await reader.readline(), type=Command)
    stopped = asyncio.Event()
    stopper = asyncio.create_task(_wait_for_line(reader, stopped))
    _send(await crew.play(begin.at, stopped))
    await crew.leave()
    stopper.cancel()


async def _wait_for_line(reader: asyncio.StreamReader, stopped: asyncio.Event) -> None:
    await reader.readline()  # `stop`, or the end of the input
    stopped.set()


async def _run_crowd(task: CrowdTask, reader: asyncio.StreamReader) -> None:
    crowd = Crowd(task.door, task.seed)
    loops = (crowd.group.steer(), watch_lag(LAG_PERIOD_S, crowd.lag.add))
    running = {asyncio.create_task(loop) for loop in loops}
    while line := await reader.readline():
        command = msgspec.json.decode(line, type=Command)
        _obey(crowd, command, running)
        observation = crowd.observation() if command.do == "report" else None
        _send(Answer(crowd.live(), crowd.resumed(), crowd.renewed(), observation))


def _obey(crowd: Crowd, command: Command, running: "set[asyncio.Task[None]]") -> None:
    match command.do:
        case "join":
            running.add(asyncio.create_task(crowd.join(command.players, command.per_second)))
        case "churn":
            running.add(asyncio.create_task(crowd.churn(command.per_second, command.seconds)))
        case "mark" | "note" | "storm" | "leave":
            getattr(crowd, command.do)()


def _send(report: messages.Report | Answer) -> None:
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.write(msgspec.json.encode(report).decode() + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    raise_file_limit()
    uvloop.run(asyncio.wait_for(main(), LIMIT_S))
