"""history.jsonl: one nightly run a line, appended whole or not at all; unreadable lines are counted."""

import fcntl
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from loadtest.outcome import CannotRunError

SCHEMA: Final = 1


class Night(msgspec.Struct, frozen=True):
    """One nightly run; null where it was not measured."""

    schema: int
    at: datetime
    version: str
    machine: str | dict[str, str]
    players: int | None  # that it carried
    ratio: float | None  # of these to the textbook server's in the same run
    verdict: str  # pass, fail, inconclusive
    gap_p99_ms: float | None = None  # at that size
    server_cpu: float | None = None  # cores
    target: str = "local"  # or the URL of a deployed release
    reasons: list[str] = []  # of the verdict


@dataclass(frozen=True, slots=True)
class History:
    """Nights in order of time."""

    nights: Sequence[Night]
    unreadable: int  # lines that are not a night, for example a line that a full disk cut off


def read(path: Path) -> History:
    """Return the history in `path`. Raises CannotRunError if the file or all of its lines cannot be read."""
    try:
        lines = [line for line in path.read_bytes().splitlines() if line.strip()]
    except OSError as error:
        raise CannotRunError(f"{path} cannot be read: {error.strerror}.") from error
    found = [night for night in map(_night, lines) if night is not None]
    if not found:
        raise CannotRunError(f"{path} has no line that is a nightly run.")
    return History(sorted(found, key=lambda night: night.at), len(lines) - len(found))


def append(path: Path, night: Night) -> None:
    """Add one line. Raises CannotRunError, and then the file is unchanged."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab+", buffering=0) as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # two runs may end at the same time
            _append(file.fileno(), msgspec.json.encode(night) + b"\n")
    except OSError as error:
        raise CannotRunError(f"{path} cannot be written: {error.strerror}.") from error


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


def _night(line: bytes) -> Night | None:
    try:
        night = msgspec.json.decode(line, type=Night)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    if night.schema != SCHEMA:
        return None
    return night if night.at.tzinfo else msgspec.structs.replace(night, at=night.at.replace(tzinfo=UTC))
