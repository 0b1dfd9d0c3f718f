"""history.jsonl: one night a line, appended whole or not at all; a torn last line never spoils the next."""

import fcntl
import os
from pathlib import Path

import msgspec

from loadtest.measure.result import ResultError
from loadtest.report.history import SCHEMA, Night


class Row(Night, frozen=True):
    """One night, with what it was asked of and why it came out so; report/history.py says what the rest means."""

    target: str = "local"  # or the URL of a deployed release
    reasons: list[str] = msgspec.field(default_factory=list)


def append(path: Path, row: Row) -> None:
    """Add one line; raises ResultError, and then the file is as it was."""
    assert row.schema == SCHEMA
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)  # two nights may end at once
            _append(handle, msgspec.json.encode(row) + b"\n")
        finally:
            os.close(handle)
    except OSError as error:
        raise ResultError(f"{path} cannot be written: {error.strerror}.") from error


def _append(handle: int, line: bytes) -> None:
    size = os.fstat(handle).st_size
    torn = size > 0 and os.pread(handle, 1, size - 1) != b"\n"
    try:
        left = b"\n" + line if torn else line
        while left:
            left = left[os.write(handle, left) :]
        os.fsync(handle)
    except OSError:
        os.ftruncate(handle, size)
        raise
