"""A real redis-server on a private port, which a test may empty, pause, kill and bring back."""

import contextlib
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import redis

START_S: Final = 10.0  # longest start or end that a busy machine may need
_LOOK_AGAIN_S: Final = 0.02


class RedisServer:
    """One redis-server without persistence, always at the same address."""

    def __init__(self, folder: Path) -> None:
        """Start it, with its log in `folder`."""
        program = shutil.which("redis-server")
        assert program is not None, "redis-server is missing: run .ci/system-packages redis-server"
        self._program = program
        self._folder = folder
        self.port = _free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process = self._start()

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self._process.poll() is None

    @contextlib.contextmanager
    def client(self) -> "Iterator[redis.Redis]":
        """A client for the test itself; bytes come back as bytes."""
        with redis.Redis(port=self.port, socket_timeout=START_S) as client:
            yield client

    def flush(self) -> None:
        """Forget all keys."""
        with self.client() as client:
            client.flushall()

    def kill(self) -> None:
        """End it without a chance to say anything; every key is lost."""
        self._process.kill()
        self._process.wait(START_S)

    def restart(self) -> None:
        """Be there again, empty, at the same address; a running one is killed before."""
        if self.running:
            self.kill()
        self._process = self._start()

    def pause(self) -> None:
        """Stop the process; connections stay open and nobody answers."""
        self._process.send_signal(signal.SIGSTOP)

    def unpause(self) -> None:
        """Let it go on."""
        self._process.send_signal(signal.SIGCONT)

    def _start(self) -> "subprocess.Popen[bytes]":
        options = {
            "--port": str(self.port),
            "--bind": "127.0.0.1",
            "--save": "",
            "--appendonly": "no",
            "--dir": str(self._folder),
            "--logfile": str(self._folder / "redis.log"),
        }
        process = subprocess.Popen([self._program, *(word for option in options.items() for word in option)])
        try:
            self._await_answer(process)
        except BaseException:
            process.kill()
            process.wait(START_S)
            raise
        return process

    def _await_answer(self, process: "subprocess.Popen[bytes]") -> None:
        deadline = time.monotonic() + START_S
        while True:
            with contextlib.suppress(redis.ConnectionError), self.client() as client:
                client.ping()
                return
            assert process.poll() is None, (self._folder / "redis.log").read_text()
            assert time.monotonic() < deadline, "redis-server did not answer"
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_LOOK_AGAIN_S)


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port
