"""What was played, for people: printed as it happens, and kept so that a page can be made of the newest of each."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from loadtest.judge.scenario_result import ScenarioResult


@dataclass(frozen=True, slots=True)
class Results:
    """A folder with the newest outcome of each scenario."""

    folder: Path

    def keep(self, outcome: ScenarioResult) -> None:
        """Keep this one instead of the one before."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / f"{outcome.name}.json").write_bytes(
            msgspec.json.format(msgspec.json.encode(outcome), indent=2) + b"\n"
        )

    def kept(self, names: Iterable[str]) -> list[ScenarioResult]:
        """Return those of these names that there are."""
        files = (self.folder / f"{name}.json" for name in names)
        return [msgspec.json.decode(file.read_bytes(), type=ScenarioResult) for file in files if file.exists()]


def show(outcome: ScenarioResult) -> None:
    """Print what was checked, and what the players saw."""
    for check in outcome.checks:
        say(f"    {check}")
    seen = outcome.observation
    if seen is not None:
        say(
            f"    freeze p50 {seen.freeze.p50:.2f} p99 {seen.freeze.p99:.2f} max {seen.freeze.max:.2f} s,"
            f" closes {seen.closes or 'none'}, refused {seen.refusals or 'none'}, reconnects {seen.reconnects}"
            f" (at most {seen.reconnects_max}), gap p99 {seen.gap_p99_ms:.0f} ms, late p99 {seen.lag_p99_ms:.0f} ms"
        )
        for words, count in seen.refused_because.items():
            say(f"    refused {count} times: {words}")
    say(f"  {outcome.verdict} after {outcome.seconds:.0f} s")


def say(line: str) -> None:
    """Print at once."""
    print(line, flush=True)
