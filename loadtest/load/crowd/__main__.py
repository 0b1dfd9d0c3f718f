"""The process of a crowd: commands come as lines of JSON on its input, answers go as lines of JSON to its output."""

import asyncio
import gc
import os
import sys
from typing import Final

import msgspec
import uvloop

from loadtest.load.crowd.crowd import Crowd
from loadtest.load.crowd.crowd_messages import Answer, Command
from loadtest.players.door import Door
from loadtest.processes.machine import raise_file_limit

LIMIT_S: Final = 6 * 3600  # longest life of this process, whatever becomes of the one that started it


async def main(door: Door, seed: int) -> None:
    """Obey until the input ends."""
    crowd = Crowd(door, seed)
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(os.dup(0), "rb"))
    tasks = {asyncio.create_task(crowd.steer_for_ever()), asyncio.create_task(crowd.watch_lag_for_ever())}
    while line := await reader.readline():
        command = msgspec.json.decode(line, type=Command)
        if (work := _work(crowd, command)) is not None:
            tasks.add(work)
        observation = crowd.observation() if command.do == "report" else None
        answer = Answer(crowd.live(), crowd.resumed(), crowd.renewed(), observation)
        sys.stdout.write(msgspec.json.encode(answer).decode() + "\n")
        sys.stdout.flush()


def _work(crowd: Crowd, command: Command) -> "asyncio.Task[None] | None":
    match command.do:
        case "join":
            return asyncio.create_task(crowd.join(command.players, command.per_second))
        case "churn":
            return asyncio.create_task(crowd.churn(command.per_second, command.seconds))
        case "mark":
            crowd.mark()
        case "note":
            crowd.note()
        case "storm":
            crowd.storm()
        case "leave":
            crowd.leave()
    return None


if __name__ == "__main__":
    raise_file_limit()
    gc.freeze()
    gc.disable()  # a collection would be a freeze that nobody had but this process; players are few and keep no garbage
    uvloop.run(asyncio.wait_for(main(msgspec.json.decode(sys.argv[1], type=Door), int(sys.argv[2])), LIMIT_S))
