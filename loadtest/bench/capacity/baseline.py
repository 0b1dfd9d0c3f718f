"""Whether a fresh run lost more than it may against the ratios that are kept; pure, but for reading and writing."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from loadtest.bench.capacity.figures import SCHEMA, Report
from loadtest.paths import ROOT

BASELINE: Final = ROOT / "loadtest" / "baselines" / "capacity.json"
ALLOWED_LOSS: Final = {
    "node": 0.1,
    "picows": 0.1,
    "uvicorn": 0.1,
    "textbook": 0.3,  # a few dozen players: a step of one is some per cent
}


class BaselineError(Exception):
    """There is no baseline to compare with; the message says what to do."""


def losses(kept: Report, fresh: Report) -> Iterator[str]:
    """Say of each ratio that lost more than it may, in a sentence; a ratio that the baseline lacks has lost nothing."""
    for name, allowed in ALLOWED_LOSS.items():
        before, now = (one.ratios[name].value if name in one.ratios else None for one in (kept, fresh))
        if before is None:
            continue
        if now is None:
            yield f"The ratio to {name} is {before:.2f} in the baseline and was not measured now."
        elif now < before * (1 - allowed):
            yield f"The ratio to {name} fell from {before:.2f} to {now:.2f}: more than {allowed:.0%}."


def doubts(kept: Report, fresh: Report) -> Iterator[str]:
    """Say why the fresh run proves nothing."""
    if fresh.calibration is None or not fresh.calibration.held:
        yield "The generator was not fast enough to be sure: the run is inconclusive."
    for name in ALLOWED_LOSS:
        if name in kept.ratios and name in fresh.ratios and not fresh.ratios[name].conclusive:
            yield f"The ratio to {name} is inconclusive: the generator was the bottleneck."


def read(path: Path) -> Report:
    """Return the report in `path`."""
    try:
        kept = msgspec.json.decode(path.read_bytes(), type=Report)
    except FileNotFoundError:
        raise BaselineError(f"There is no {path.name} yet: make one with `make bench ARGS=--write-baseline`.") from None
    except msgspec.DecodeError as error:
        raise BaselineError(f"{path.name} cannot be read ({error}): make it anew.") from error
    if kept.schema != SCHEMA:
        raise BaselineError(f"{path.name} has schema {kept.schema}, this program writes {SCHEMA}: make it anew.")
    return kept


def write(report: Report, path: Path) -> None:
    """Keep `report`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n")
