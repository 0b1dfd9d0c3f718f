"""A real Redis that can be killed, paused and started again, empty or with its data."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from redis import Redis
from redis.exceptions import RedisError

from loadtest.processes.ports import HOST, free_port
from loadtest.processes.process import clean_environment, program
from loadtest.processes.service import Service

_COMMON: Final = (
    *("--bind", HOST, "--daemonize", "no", "--protected-mode", "no"),
    *("--maxclients", "1000", "--save", ""),
)


class RedisServer(Service):
    """One redis-server. With `keeps` it has its data again after a restart, without it is empty."""

    def __init__(self, folder: Path, environment: Mapping[str, str] | None = None, *, keeps: bool = False) -> None:
        """Start it with its files in `folder`."""
        self.port = free_port()
        keeping = ("--appendonly", "yes", "--appendfsync", "always") if keeps else ("--appendonly", "no")
        command = [program("redis-server"), "--port", str(self.port), "--dir", str(folder), *_COMMON, *keeping]
        super().__init__("redis", command, folder, environment or clean_environment())

    @property
    def url(self) -> str:
        return f"redis://{HOST}:{self.port}/0"

    def client(self) -> "Redis":
        """Return a client with short timeouts."""
        return Redis(host=HOST, port=self.port, socket_timeout=5, socket_connect_timeout=1)

    def drop_subscribers(self) -> int:
        """Close the connection of every subscriber. Return their number."""
        return int(self._do("CLIENT", "KILL", "TYPE", "pubsub"))

    def pause_clients(self, seconds: float) -> None:
        """Answer no client for a while (CLIENT PAUSE)."""
        self._do("CLIENT", "PAUSE", int(seconds * 1000), "ALL")

    def flush(self) -> None:
        """Delete all keys."""
        self._do("FLUSHALL")

    def keys(self) -> int:
        """Return the number of keys."""
        return int(self._do("DBSIZE"))

    def wait_until_up(self) -> None:
        self.process.wait_until(self._answers, "did not answer")

    def _answers(self) -> bool:
        try:
            return bool(self._do("PING"))
        except (RedisError, OSError):
            return False

    def _do(self, *words: Any) -> Any:
        with self.client() as client:
            return client.execute_command(*words)
