"""A container of the image: as any user, read-only, without capabilities, on the network of the host."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from loadtest.measure.metrics_page import ask
from loadtest.processes.command import attempt, output
from loadtest.processes.process import START_S, wait_until

DOCKER: Final = os.environ.get("DOCKER") or "docker"
IMAGE: Final = os.environ.get("IMAGE_UNDER_TEST", "")
UNKNOWN_USER: Final = "54321:12345"  # no file of the image has this user or group
RUN_S: Final = 600.0  # longest run of a command in a container

_SIGTERM_BIT: Final = 1 << 14
_HARDENED: Final = ("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--user", UNKNOWN_USER)


def docker(*words: str) -> str:
    """Return the output."""
    return output([DOCKER, *words], patience_s=RUN_S, with_errors=False).strip()


def once(
    *words: str, options: Sequence[str] = (), environment: dict[str, str] | None = None, image: str = IMAGE
) -> tuple[int, str]:
    """Run the image with a command until it ends. Return exit code and output."""
    command = [DOCKER, "run", "--rm", *_HARDENED, *_settings(environment or {}), *options, image, *words]
    return attempt(command, patience_s=RUN_S)


def inspected(image: str) -> dict[str, Any]:
    """Return the engine's record of an image."""
    (found,) = json.loads(docker("image", "inspect", image))
    return dict(found)


class Container:
    """One running role."""

    def __init__(self, *words: str, options: Sequence[str] = (), environment: dict[str, str]) -> None:
        words = ("run", "--detach", "--network", "host", *_HARDENED, *_settings(environment), *options, IMAGE, *words)
        self._id = docker(*words)

    def log(self) -> str:
        """Return the output of the container, also after its end."""
        return attempt([DOCKER, "logs", self._id])[1]

    def wait_until_ready(self, private_port: int) -> None:
        """Return when its private port answers so."""

        def ready() -> bool:
            assert self.running, self.log()
            return ask(f"http://127.0.0.1:{private_port}/readyz")[0] == 200

        wait_until(ready, START_S, self.log)

    def wait_until_it_handles_sigterm(self) -> None:
        """Return when its first process has a handler."""
        wait_until(lambda: self._caught() & _SIGTERM_BIT, START_S, self.log)

    @property
    def running(self) -> bool:
        return docker("inspect", "--format", "{{.State.Running}}", self._id) == "true"

    def terminate(self) -> None:
        """Send SIGTERM and return at once."""
        docker("kill", "--signal", "TERM", self._id)

    def ended(self, patience_s: float) -> int:
        """Return the exit code after the end."""
        return int(output([DOCKER, "wait", self._id], patience_s=patience_s, with_errors=False))

    def run(self, *words: str) -> tuple[int, str]:
        """Run another command in it. Return exit code and output."""
        return attempt([DOCKER, "exec", self._id, *words], patience_s=RUN_S)

    def remove(self) -> None:
        docker("rm", "--force", self._id)

    def _caught(self) -> int:
        pid = docker("inspect", "--format", "{{.State.Pid}}", self._id)
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
        return next(int(line.split()[1], 16) for line in status.splitlines() if line.startswith("SigCgt:"))


def _settings(environment: dict[str, str]) -> list[str]:
    return [word for name, text in environment.items() for word in ("--env", f"{name}={text}")]
