"""`flotilla metrics` prints the table of all metrics; with --check or --write it compares or updates a page."""

from app.commands.table_command import TableCommand
from app.observability import reference
from app.settings import markers


class Command(TableCommand):
    help = "Prints all metrics as a Markdown table, made from the code that declares them."
    name = "metrics"

    def table(self) -> str:
        return reference.table()

    def updated(self, text: str) -> str:
        return markers.filled(text, reference.BEGIN, reference.END, reference.table())
