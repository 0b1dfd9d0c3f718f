"""What commands have in common that print a table for a page of docs/, put it there, or check that it is there."""

from abc import ABC, abstractmethod
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError


class TableCommand(BaseCommand, ABC):
    """Prints `table()`; with --check or --write it compares or updates a page."""

    requires_system_checks = ()
    name: str  # as it is called

    @abstractmethod
    def table(self) -> str:
        """Return the table as Markdown."""

    @abstractmethod
    def updated(self, text: str) -> str:
        """Return the page with its table as it should be. Raises ValueError if it has no place for it."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        action = parser.add_mutually_exclusive_group()
        action.add_argument(
            "--check", type=Path, metavar="PAGE", help="exit with 1 if the table in PAGE is not this one"
        )
        action.add_argument("--write", type=Path, metavar="PAGE", help="put the table into PAGE, between its markers")

    def handle(self, *, check: Path | None, write: Path | None, **options: Any) -> None:
        if check:
            self._check(check)
        elif write:
            write.write_text(self._updated(write))
        else:
            self.stdout.write(self.table())

    def _check(self, page: Path) -> None:
        if self._updated(page) != page.read_text():
            raise CommandError(f"{page} is out of date: run `flotilla {self.name} --write {page}`.")

    def _updated(self, page: Path) -> str:
        try:
            return self.updated(page.read_text())
        except (OSError, ValueError) as error:
            raise CommandError(f"{page}: {error}") from error
