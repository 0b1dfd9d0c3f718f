"""The report of a run as a file, and the one that later runs are compared with."""

from pathlib import Path
from typing import Final

from loadtest.bench.capacity_report import SCHEMA, Report
from loadtest.measure.result import read_json
from loadtest.paths import ROOT

BASELINE: Final = ROOT / "loadtest" / "baselines" / "capacity.json"


def read(path: Path) -> Report:
    """Return the report in `path`. Raises CannotRunError."""
    remedy = "; make it with `make bench ARGS=--write-baseline`"
    return read_json(path, Report, SCHEMA, "no report of a benchmark", remedy)
