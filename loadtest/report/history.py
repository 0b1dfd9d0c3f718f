"""The rows of a history.jsonl, one nightly run a line: what can be read of it, and how many lines cannot."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from loadtest.measure.result import ResultError

SCHEMA: Final = 1


class Night(msgspec.Struct, frozen=True):
    """One nightly run; null where it was not measured."""

    schema: int
    at: datetime
    version: str
    machine: str | dict[str, str]
    players: int | None  # that it carried
    ratio: float | None  # of that to the textbook server in the same run
    verdict: str  # pass, fail, inconclusive
    gap_p99_ms: float | None = None
    server_cpu: float | None = None  # cores


@dataclass(frozen=True, slots=True)
class History:
    """Nights in order of time."""

    nights: Sequence[Night]
    unreadable: int  # lines that are no night, such as one that a full disk cut off


def read(path: Path) -> History:
    """Return the history in `path`; raises ResultError if it cannot be read, or no line of it can."""
    try:
        lines = [line for line in path.read_bytes().splitlines() if line.strip()]
    except OSError as error:
        raise ResultError(f"{path} cannot be read: {error.strerror}.") from error
    found = [night for night in map(_night, lines) if night is not None]
    if not found:
        raise ResultError(f"{path} has no line that is a nightly run.")
    return History(sorted(found, key=lambda night: night.at), len(lines) - len(found))


def _night(line: bytes) -> Night | None:
    try:
        night = msgspec.json.decode(line, type=Night)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    if night.schema != SCHEMA:
        return None
    return night if night.at.tzinfo else msgspec.structs.replace(night, at=night.at.replace(tzinfo=UTC))
