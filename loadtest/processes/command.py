"""One run of a program that ends. The time is bounded, and errors quote the end of its output."""

import subprocess
from collections.abc import Sequence
from typing import Final

from loadtest.processes.process import TAIL, SiteError

PATIENCE_S: Final = 60.0  # for short commands


def output(command: Sequence[str], *, stdin: str = "", patience_s: float = PATIENCE_S, with_errors: bool = True) -> str:
    """Return standard output, and standard error after it if `with_errors`.

    Raises SiteError with the end of both if the program fails or does not end in time.
    """
    done = _run(command, stdin, patience_s)
    if done.returncode != 0:
        text = (done.stdout + done.stderr)[-TAIL:].strip()
        raise SiteError(f"`{_name(command)}` ended with {done.returncode}:\n{text}")
    return done.stdout + (done.stderr if with_errors else "")


def attempt(command: Sequence[str], *, stdin: str = "", patience_s: float = PATIENCE_S) -> tuple[int, str]:
    """Return exit code and output, standard error last. Raises SiteError if the program does not end in time."""
    done = _run(command, stdin, patience_s)
    return done.returncode, done.stdout + done.stderr


def _run(command: Sequence[str], stdin: str, patience_s: float) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(  # noqa: S603  # command lines of this package
            list(command),
            input=stdin,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=patience_s,
            check=False,
            start_new_session=True,  # a Ctrl-C in our terminal does not reach it
        )
    except subprocess.TimeoutExpired as error:
        text = "".join(_text(part) for part in (error.stdout, error.stderr))
        raise SiteError(f"`{_name(command)}` did not end within {patience_s:g} s.\n{text[-TAIL:]}") from None


def _name(command: Sequence[str]) -> str:
    program, *words = command
    return " ".join([program.rpartition("/")[2], *words[:6]])


def _text(part: str | bytes | None) -> str:
    return part.decode(errors="replace") if isinstance(part, bytes) else part or ""
