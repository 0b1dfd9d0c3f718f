"""`flotilla configuration` prints the table of all settings; with --check or --write it compares or updates a page."""

from app.commands.table_command import TableCommand
from app.settings import reference


class Command(TableCommand):
    help = "Prints all settings as a Markdown table, made from the code that reads them."
    name = "configuration"

    def table(self) -> str:
        return reference.table()

    def updated(self, text: str) -> str:
        return reference.updated(text)
