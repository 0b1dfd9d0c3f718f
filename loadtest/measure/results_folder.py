"""The folder of one test's results: fit to be written before the load begins, and gone again if nothing came of it."""

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
    """Return where a result goes if nobody says so."""
    return Path(HOME) / f"{now:%Y-%m-%dT%H-%M-%S}-{scenario}"


@contextlib.contextmanager
def prepared(folder: Path) -> Iterator[Path]:
    """Make the folder for the block and remove it if it stays empty; raises CannotRunError."""
    if (folder / RESULT).exists():
        raise CannotRunError(f"{folder} has a {RESULT} already: name another folder with --out.")
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
            with contextlib.suppress(OSError):  # it holds something: then it is to stay
                one.rmdir()


def _try(folder: Path) -> None:
    with tempfile.TemporaryFile(dir=folder) as file:
        os.posix_fallocate(file.fileno(), 0, ROOM_BYTES)  # asks for the room, whatever the disk says of itself
