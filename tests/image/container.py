"""A container of the image: an unknown user, a read-only file system, no capabilities, the host's network."""

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from loadtest.processes.private_port import ask
from loadtest.processes.process import START_S
from tests.pacing import wait_until

DOCKER: Final = os.environ.get("DOCKER") or "docker"
IMAGE: Final = os.environ.get("IMAGE_UNDER_TEST", "")
UNKNOWN_USER: Final = "54321:12345"  # owns no file of the image

_SIGTERM_BIT: Final = 1 << 14
_HARDENED: Final = ("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--user", UNKNOWN_USER)


def docker(*words: str) -> str:
    """Return what the command printed. Fails if the command fails."""
    done = subprocess.run([DOCKER, *words], capture_output=True, text=True, check=False)
    assert 0 == done.returncode, f"docker {' '.join(words)}\n{done.stderr}"
    return done.stdout.strip()


def once(
    *words: str, options: Sequence[str] = (), environment: dict[str, str] | None = None, image: str = IMAGE
) -> tuple[int, str]:
    """Run a command in a new container until it ends. Return its exit code and its output."""
    command = [DOCKER, "run", "--rm", *_HARDENED, *_settings(environment or {}), *options, image, *words]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return done.returncode, done.stdout


def inspected(image: str) -> dict[str, Any]:
    (found,) = json.loads(docker("image", "inspect", image))
    return dict(found)


class Container:
    def __init__(self, *words: str, options: Sequence[str] = (), environment: dict[str, str]) -> None:
        words = ("run", "--detach", "--network", "host", *_HARDENED, *_settings(environment), *options, IMAGE, *words)
        self._id = docker(*words)

    def log(self) -> str:
        done = subprocess.run([DOCKER, "logs", self._id], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)  # noqa: PLW1510  # of one that ended too
        return done.stdout

    def wait_until_ready(self, private_port: int) -> None:
        """Return when the private port reports that the role is ready. Fails if the role ends or needs too long."""
        wait_until(lambda: ask(private_port, "/readyz")[0] == 200 or not self.running, START_S)
        assert self.running, self.log()

    def wait_until_it_handles_sigterm(self) -> None:
        wait_until(lambda: bool(self._caught() & _SIGTERM_BIT), START_S)

    @property
    def running(self) -> bool:
        return docker("inspect", "--format", "{{.State.Running}}", self._id) == "true"

    def terminate(self) -> None:
        docker("kill", "--signal", "TERM", self._id)

    def ended(self, patience_s: float) -> int:
        """Wait for the end of the container. Return its exit code."""
        done = subprocess.run(
            [DOCKER, "wait", self._id], capture_output=True, text=True, timeout=patience_s, check=True
        )
        return int(done.stdout)

    def run(self, *words: str) -> tuple[int, str]:
        """Run another command in the container. Return its exit code and its output."""
        command = [DOCKER, "exec", self._id, *words]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        return done.returncode, done.stdout

    def remove(self) -> None:
        docker("rm", "--force", self._id)

    def _caught(self) -> int:
        pid = docker("inspect", "--format", "{{.State.Pid}}", self._id)
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
        return next(int(line.split()[1], 16) for line in status.splitlines() if line.startswith("SigCgt:"))


def _settings(environment: dict[str, str]) -> list[str]:
    return [word for name, text in environment.items() for word in ("--env", f"{name}={text}")]
