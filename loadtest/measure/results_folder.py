"""The folder of one test's results: checked before the load begins, and removed if it stays empty."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from loadtest.outcome import CannotRunError

RESULT: Final = "result.json"
HOME: Final = "loadtest-results"
ROOM_BYTES: Final = 16 << 20  # a large result with its pictures


def dated(scenario: str, now: datetime) -> Path:
    """Return the default folder."""
    return Path(HOME) / f"{now:%Y-%m-%dT%H-%M-%S}-{scenario}"


@contextlib.contextmanager
def prepared(folder: Path) -> Iterator[Path]:
    """Create the folder, and remove it after the block if it is empty; raises CannotRunError."""
    if (folder / RESULT).exists():
        raise CannotRunError(f"{folder} already has a {RESULT}: choose another folder with --out.")
    made = [one for one in (folder, *folder.parents) if not one.exists()]
    try:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _try(folder)
        except OSError as error:
            raise CannotRunError(f"Results cannot be written to {folder}: {error.strerror}.") from None
        yield folder
    finally:
        for one in made:
            with contextlib.suppress(OSError):  # it is not empty
                one.rmdir()


def _try(folder: Path) -> None:
    with tempfile.TemporaryFile(dir=folder) as file:
        os.posix_fallocate(file.fileno(), 0, ROOM_BYTES)  # fails if the disk has less room
