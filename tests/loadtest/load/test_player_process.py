import os
import signal
import time
from pathlib import Path

import pytest

from loadtest.load.messages import Command, CrewTask
from loadtest.load.player_process import PlayerProcess
from loadtest.players.door import Door
from loadtest.processes.ports import HOST, free_port
from loadtest.processes.process import SiteError

TASK = CrewTask(Door([f"ws://{HOST}:{free_port()}/ws/game/"]), "v1", "people", [], [], 0.0, 1.0, 1)


def test_a_crew_is_ready_and_its_last_line_is_final(tmp_path: Path) -> None:
    """A test without players ends at once; after the last line there is an error."""
    with PlayerProcess(tmp_path / "log") as process:
        process.send(TASK)
        assert b'{"type":"Ready"}\n' == process.receive()
        process.send(Command("begin", time.monotonic()))
        assert process.receive().startswith(b'{"type":"Final"')
        with pytest.raises(SiteError, match="ended by itself"):
            process.receive()


def test_an_error_has_the_end_of_the_log(tmp_path: Path) -> None:
    """The process of a task that is not one ends with a traceback."""
    with PlayerProcess(tmp_path / "log") as process:
        process.send(Command("begin"))
        for _ in range(2):
            with pytest.raises(SiteError, match=r"(?s)ended by itself\..*ValidationError"):
                process.receive()


def test_a_killed_process_is_an_error(tmp_path: Path) -> None:
    """At once, without a wait, and a message to it is no error."""
    with PlayerProcess(tmp_path / "log") as process:
        process.send(TASK)
        process.receive()
        os.kill(process.pid, signal.SIGKILL)
        with pytest.raises(SiteError, match="ended by itself"):
            process.receive()
        process.send(Command("stop"))


def test_an_error_in_the_block_ends_the_process(tmp_path: Path) -> None:
    """It does not wait for the end of the task."""
    process = PlayerProcess(tmp_path / "log")

    def block() -> None:
        with process:
            process.send(TASK)
            process.receive()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        block()
    assert -signal.SIGTERM == process.wait()
