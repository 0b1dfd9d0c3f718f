"""One run of a program that ends: bounded in time, and what it said is kept for the sentence of an error."""

import subprocess
from collections.abc import Sequence
from typing import Final

from loadtest.processes.process import TAIL, SiteError

PATIENCE_S: Final = 60.0  # for a program that only asks or tells the cluster something


def said(command: Sequence[str], *, given: str = "", patience_s: float = PATIENCE_S) -> str:
    """Return what it printed; raises SiteError with its last words if it fails, or does not end in time."""
    code, output = attempted(command, given=given, patience_s=patience_s)
    if code != 0:
        raise SiteError(f"`{_name(command)}` ended with {code}:\n{output[-TAIL:].strip()}")
    return output


def attempted(command: Sequence[str], *, given: str = "", patience_s: float = PATIENCE_S) -> tuple[int, str]:
    """Return exit code and what it printed, errors last; raises SiteError if it does not end in time."""
    try:
        done = subprocess.run(  # noqa: S603  # command lines of this package
            list(command),
            input=given,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=patience_s,
            check=False,
            start_new_session=True,  # a Ctrl-C meant for us does not reach it behind our back
        )
    except subprocess.TimeoutExpired as error:
        told = "".join(_text(part) for part in (error.stdout, error.stderr))
        raise SiteError(f"`{_name(command)}` did not end within {patience_s:g} s.\n{told[-TAIL:]}") from None
    return done.returncode, done.stdout + done.stderr


def _name(command: Sequence[str]) -> str:
    program, *words = command
    return " ".join([program.rpartition("/")[2], *words[:6]])


def _text(part: str | bytes | None) -> str:
    return part.decode(errors="replace") if isinstance(part, bytes) else part or ""
