"""Results of scenarios: printed when they are there, and kept, so that a page has the newest of each."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from loadtest.judge.scenario_result import ScenarioResult
from loadtest.measure.result import write_json


@dataclass(frozen=True, slots=True)
class Results:
    """A folder with the newest result of each scenario."""

    folder: Path

    def keep(self, result: ScenarioResult) -> None:
        write_json(result, self.folder / f"{result.name}.json")

    def kept(self, names: Iterable[str]) -> list[ScenarioResult]:
        """Return the kept results with these names."""
        files = (self.folder / f"{name}.json" for name in names)
        return [msgspec.json.decode(file.read_bytes(), type=ScenarioResult) for file in files if file.exists()]


def show(result: ScenarioResult) -> None:
    """Print the checks and what the players saw."""
    for check in result.checks:
        log(f"    {check}")
    seen = result.observation
    if seen is not None:
        log(
            f"    freeze p50 {seen.freeze.p50:.2f} p99 {seen.freeze.p99:.2f} max {seen.freeze.max:.2f} s,"
            f" closes {seen.closes or 'none'}, refused {seen.refusals or 'none'}, reconnects {seen.reconnects}"
            f" (at most {seen.reconnects_max}), gap p99 {seen.gap_p99_ms:.0f} ms, late p99 {seen.lag_p99_ms:.0f} ms"
        )
        for reason, count in seen.refused_because.items():
            log(f"    refused {count} times: {reason}")
    log(f"  {result.outcome} after {result.seconds:.0f} s")


def log(line: str) -> None:
    """Print without a delay."""
    print(line, flush=True)
