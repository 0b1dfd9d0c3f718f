"""`flotilla configuration` prints the table of all settings; with --check or --write it compares or updates a page."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from app.config.reference import table, updated


class Command(BaseCommand):
    help = "Prints all settings as a Markdown table, made from the code that reads them."
    requires_system_checks = ()

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
            write.write_text(_updated(write))
        else:
            self.stdout.write(table())

    def _check(self, page: Path) -> None:
        if _updated(page) != page.read_text():
            raise CommandError(f"{page} is out of date: run `flotilla configuration --write {page}`.")


def _updated(page: Path) -> str:
    try:
        return updated(page.read_text())
    except (OSError, ValueError) as error:
        raise CommandError(f"{page}: {error}") from error
