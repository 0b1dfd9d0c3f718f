"""The files of a report: ramp.png, report.html and report.md, each written whole or not at all."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from matplotlib.figure import Figure

from loadtest.measure.result import Result, write_whole
from loadtest.report import ramp_chart
from loadtest.report.markdown import markdown
from loadtest.report.page import page

DOTS_PER_INCH: Final = 160  # twice the 830 points of a README's column


def write_report(result: Result, folder: Path) -> list[Path]:
    """Write the report of `result` into `folder` and return its files. Raises CannotRunError."""
    return write_all(
        folder,
        {
            "ramp.png": png(ramp_chart.ramp(result)),
            "report.html": page(result).encode(),
            "report.md": markdown(result).encode(),
        },
    )


def write_side_by_side(results: Sequence[tuple[str, Result]], target: Path) -> None:
    """Write one picture of named results on the same scales. Raises CannotRunError."""
    write_whole(target, png(ramp_chart.side_by_side(results)))


def write_all(folder: Path, files: Mapping[str, bytes]) -> list[Path]:
    """Write files by name into `folder` and return their paths. Raises CannotRunError."""
    for name, data in files.items():
        write_whole(folder / name, data)
    return [folder / name for name in files]


def png(figure: Figure) -> bytes:
    data = io.BytesIO()
    figure.savefig(data, format="png", dpi=DOTS_PER_INCH, metadata={"Software": None})
    return data.getvalue()
