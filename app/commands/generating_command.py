"""Base of the commands that print a table and keep files that are generated from the same source."""

from abc import ABC, abstractmethod
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError


class GeneratingCommand(BaseCommand, ABC):
    """Without an option it prints `table()`. With --check or --write it compares or updates files."""

    requires_system_checks = ()
    name: str  # of the command

    @abstractmethod
    def table(self) -> str:
        """Return the table as Markdown."""

    @abstractmethod
    def updated(self, file: Path, text: str) -> str:
        """Return the up-to-date content of a file. Raises ValueError if this command generates no such file."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        action = parser.add_mutually_exclusive_group()
        action.add_argument(
            "--check", nargs="+", type=Path, metavar="FILE", help="exit with 1 if a FILE is not up to date"
        )
        action.add_argument("--write", nargs="+", type=Path, metavar="FILE", help="update each FILE")

    def handle(self, *, check: Sequence[Path] | None, write: Sequence[Path] | None, **options: Any) -> None:
        if check:
            self._check(check)
        elif write:
            for file in write:
                file.write_text(self._updated(file))
        else:
            self.stdout.write(self.table())

    def _check(self, files: Sequence[Path]) -> None:
        stale = [str(file) for file in files if self._updated(file) != file.read_text()]
        if stale:
            verb = "are" if len(stale) > 1 else "is"
            remedy = f"run `flotilla {self.name} --write {' '.join(stale)}`"
            raise CommandError(f"{', '.join(stale)} {verb} out of date: {remedy}.")

    def _updated(self, file: Path) -> str:
        try:
            return self.updated(file, file.read_text())
        except (OSError, ValueError) as error:
            raise CommandError(f"{file}: {error}") from error
