"""Compiles the load generator and the broadcaster if their sources are newer than the programs."""

import os
import shutil
from pathlib import Path
from typing import Final

from loadtest.outcome import CannotRunError
from loadtest.processes.command import output

SOURCES: Final = Path(__file__).resolve().parent / "generator"
FLAGS: Final = ("-std=c11", "-D_GNU_SOURCE", "-O2", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow")
LIBRARIES: Final = ("-lm",)
PROGRAMS: Final = {
    "generator": ("generator.c", "client.c", "tally.c", "options.c", "pilot.c", "histogram.c", "reader.c", "writer.c"),
    "broadcaster": ("broadcaster.c",),
}


def build(program: str, folder: Path) -> Path:
    """Return the path of `program` in `folder`, compiled if it is missing or old; raises CannotRunError."""
    target = folder / program
    if not _is_fresh(target):
        folder.mkdir(parents=True, exist_ok=True)
        _compile(program, target)
    return target


def _is_fresh(target: Path) -> bool:
    if not target.exists():
        return False
    made = target.stat().st_mtime
    return all(source.stat().st_mtime < made for source in SOURCES.glob("*.[ch]"))


def _compile(program: str, target: Path) -> None:
    compiler = shutil.which(os.environ.get("CC", "cc"))
    if compiler is None:
        raise CannotRunError(
            "The load generator needs a C compiler: install gcc or clang (on Debian: gcc and libc6-dev)."
        )
    sources = [str(SOURCES / source) for source in PROGRAMS[program]]
    fresh = target.with_suffix(f".{os.getpid()}")  # renamed at the end, so that no process runs half of it
    command = [compiler, *FLAGS, "-o", str(fresh), *sources, *LIBRARIES]
    output(command)
    fresh.replace(target)
