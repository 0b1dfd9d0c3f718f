"""`flotilla metrics`: the table of all metrics, and the page that is generated from it."""

from pathlib import Path

from app.commands.generated_section import replace_section
from app.commands.generating_command import GeneratingCommand
from app.observability import reference


class Command(GeneratingCommand):
    help = "Prints all metrics as a Markdown table, generated from the code that declares them."
    name = "metrics"

    def table(self) -> str:
        return reference.table()

    def updated(self, file: Path, text: str) -> str:
        return replace_section(text, reference.BEGIN, reference.END, reference.table())
