"""`flotilla configuration`: the table of all settings, and the files that are generated from it."""

from pathlib import Path

from app.commands.generated_section import replace_section
from app.commands.generating_command import GeneratingCommand
from app.settings import chart, reference


class Command(GeneratingCommand):
    help = (
        "Prints all settings as a Markdown table, generated from the code that reads them. --check and --write take "
        "configuration.md, and the chart's config.schema.json and _settings.tpl."
    )
    name = "configuration"

    def table(self) -> str:
        return reference.table()

    def updated(self, file: Path, text: str) -> str:
        if file.suffix == ".md":
            return replace_section(text, reference.BEGIN, reference.END, reference.table())
        if file.name == "config.schema.json":
            return chart.config_schema()
        if file.name == "_settings.tpl":
            return chart.names_template()
        raise ValueError("this command generates no such file")
