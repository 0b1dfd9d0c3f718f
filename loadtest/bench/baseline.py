"""The report of a run as a file, and the one that later runs are compared with."""

from pathlib import Path
from typing import Final

import msgspec

from loadtest.bench.capacity_report import SCHEMA, Report
from loadtest.measure.result import write_whole
from loadtest.outcome import CannotRunError
from loadtest.paths import ROOT

BASELINE: Final = ROOT / "loadtest" / "baselines" / "capacity.json"


def read(path: Path) -> Report:
    """Return the report in `path`. Raises CannotRunError."""
    try:
        kept = msgspec.json.decode(path.read_bytes(), type=Report)
    except OSError as error:
        reason = f"{path} cannot be read ({error.strerror})"
        raise CannotRunError(f"{reason}: make it with `make bench ARGS=--write-baseline`.") from None
    except msgspec.DecodeError as error:
        raise CannotRunError(f"{path} is no report of a benchmark ({error}): make it again.") from None
    if kept.schema != SCHEMA:
        raise CannotRunError(f"{path} has schema {kept.schema}, this program reads {SCHEMA}: make it again.")
    return kept


def write(report: Report, path: Path) -> None:
    """Keep `report` at `path`, whole or not at all. Raises CannotRunError."""
    write_whole(path, msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n")
