"""A Redis of our own: it can be killed, come back empty or with its data, be stopped, and lose its subscribers."""

import time
from pathlib import Path
from typing import Any, Final

from redis import Redis
from redis.exceptions import RedisError

from loadtest.processes.ports import HOST, free_port
from loadtest.processes.process import LOOK_AGAIN_S, START_S, Process, SiteError, program

_COMMON: Final = (
    *("--bind", HOST, "--daemonize", "no", "--protected-mode", "no"),
    *("--maxclients", "1000", "--save", ""),
)


class RedisServer:
    """One redis-server. With `keeps` it has its data again after it was killed, else it comes back empty."""

    def __init__(self, folder: Path, environment: dict[str, str], *, keeps: bool = False) -> None:
        """Start it with its files in `folder`."""
        self.port = free_port()
        self._folder = folder
        self._environment = environment
        self._keeps = keeps
        self.process = self._started()

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"redis://{HOST}:{self.port}/0"

    def start_again(self) -> None:
        """Start it after it ended, on the same port."""
        self.process = self._started()

    def stop(self) -> None:
        """End it kindly, then in any way."""
        self.process.stop()

    def drop_subscribers(self) -> int:
        """Cut the connection of every subscriber; return how many."""
        with self.client() as client:
            dropped: Any = client.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
            return int(dropped)

    def pause(self, seconds: float) -> None:
        """Let it answer nobody for a while."""
        with self.client() as client:
            client.execute_command("CLIENT", "PAUSE", int(seconds * 1000), "ALL")

    def keys(self) -> int:
        """Return the number of its keys."""
        with self.client() as client:
            count: Any = client.dbsize()
            return int(count)

    def client(self) -> "Redis":
        """Return a client with short timeouts."""
        return Redis(host=HOST, port=self.port, socket_timeout=5, socket_connect_timeout=1)

    def _started(self) -> Process:
        keeping = ("--appendonly", "yes", "--appendfsync", "always") if self._keeps else ("--appendonly", "no")
        command = [program("redis-server"), "--port", str(self.port), "--dir", str(self._folder), *_COMMON, *keeping]
        process = Process("redis", command, self._folder / "redis.log", self._environment)
        try:
            self._wait_for_answer(process)
        except BaseException:  # also a Ctrl-C: nobody else knows the process yet
            process.stop()
            raise
        return process

    def _wait_for_answer(self, process: Process) -> None:
        deadline = time.monotonic() + START_S
        while not self._answers():
            if not process.running or time.monotonic() > deadline:
                raise SiteError(f"redis-server did not start.\n{process.tail()}")
            time.sleep(LOOK_AGAIN_S)

    def _answers(self) -> bool:
        try:
            with self.client() as client:
                return bool(client.ping())
        except (RedisError, OSError):
            return False
