"""A container of the image: as nobody in particular, read-only, without a capability, on the host's network."""

import json
import os
import subprocess
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from loadtest.processes.private_port import ask
from loadtest.processes.process import LOOK_AGAIN_S, START_S

DOCKER: Final = os.environ.get("DOCKER") or "docker"
IMAGE: Final = os.environ.get("IMAGE_UNDER_TEST", "")
SOMEBODY: Final = "54321:12345"  # whom no file of the image knows

_SIGTERM_BIT: Final = 1 << 14
_HARDENED: Final = ("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--user", SOMEBODY)


def docker(*words: str) -> str:
    """What it says."""
    done = subprocess.run([DOCKER, *words], capture_output=True, text=True, check=False)
    assert 0 == done.returncode, f"docker {' '.join(words)}\n{done.stderr}"
    return done.stdout.strip()


def once(
    *words: str, options: Sequence[str] = (), environment: dict[str, str] | None = None, image: str = IMAGE
) -> tuple[int, str]:
    """Run the image with a command until it ends; exit code, and all it said."""
    command = [DOCKER, "run", "--rm", *_HARDENED, *_settings(environment or {}), *options, image, *words]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return done.returncode, done.stdout


def inspected(image: str) -> dict[str, Any]:
    """What the engine knows about an image."""
    (found,) = json.loads(docker("image", "inspect", image))
    return dict(found)


class Container:
    """One role that runs."""

    def __init__(self, *words: str, options: Sequence[str] = (), environment: dict[str, str]) -> None:
        """Start it."""
        words = ("run", "--detach", "--network", "host", *_HARDENED, *_settings(environment), *options, IMAGE, *words)
        self._id = docker(*words)

    def log(self) -> str:
        """All it said."""
        done = subprocess.run([DOCKER, "logs", self._id], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)  # noqa: PLW1510  # of one that ended too
        return done.stdout

    def wait_until_ready(self, private_port: int) -> None:
        """Return when it says so on its private port."""
        deadline = time.monotonic() + START_S
        while ask(private_port, "/readyz")[0] != 200:
            assert self.running, self.log()
            assert time.monotonic() < deadline, self.log()
            _pause()

    def wait_until_it_hears_sigterm(self) -> None:
        """Return when its first process has a handler."""
        deadline = time.monotonic() + START_S
        while not self._caught() & _SIGTERM_BIT:
            assert time.monotonic() < deadline, self.log()
            _pause()

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return docker("inspect", "--format", "{{.State.Running}}", self._id) == "true"

    def terminate(self) -> None:
        """Send SIGTERM and return at once."""
        docker("kill", "--signal", "TERM", self._id)

    def ended(self, patience_s: float) -> int:
        """Its exit code."""
        done = subprocess.run(
            [DOCKER, "wait", self._id], capture_output=True, text=True, timeout=patience_s, check=True
        )
        return int(done.stdout)

    def run(self, *words: str) -> tuple[int, str]:
        """Run something else in it; exit code, and all it said."""
        command = [DOCKER, "exec", self._id, *words]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        return done.returncode, done.stdout

    def remove(self) -> None:
        """Leave nothing."""
        docker("rm", "--force", self._id)

    def _caught(self) -> int:
        pid = docker("inspect", "--format", "{{.State.Pid}}", self._id)
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
        return next(int(line.split()[1], 16) for line in status.splitlines() if line.startswith("SigCgt:"))


def _settings(environment: dict[str, str]) -> list[str]:
    return [word for name, text in environment.items() for word in ("--env", f"{name}={text}")]


def _pause() -> None:
    threading.Event().wait(LOOK_AGAIN_S)
