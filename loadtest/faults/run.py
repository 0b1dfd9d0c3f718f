"""Plays one scenario and judges it."""

import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from loadtest.cluster.process import ClusterError
from loadtest.faults.observation import Observation
from loadtest.faults.stage import Scenario, staged
from loadtest.faults.verdict import Verdict, conclusion


class Outcome(msgspec.Struct):
    """One scenario that was played."""

    name: str
    title: str
    verdict: str
    seconds: float
    checks: list[str]
    observation: Observation | None = None


def play(
    scenario: Scenario, *, full: bool, players: int | None, tell: Callable[[str], None], logs: Path | None = None
) -> Outcome:
    """Play and judge; what cannot be played has failed, and says why."""
    begun = time.monotonic()
    outcome = Outcome(scenario.name, scenario.title, Verdict.FAILED, 0.0, [])
    try:
        with staged(scenario, full=full, players=players, tell=tell, logs=logs) as stage:
            seen = scenario.play(stage)
            outcome.observation = seen.observation
            outcome.checks = [str(check) for check in seen.checks]
            outcome.verdict = conclusion(list(seen.checks), seen.observation.lag_p99_ms, times_judged=full)
    except ClusterError as error:
        outcome.checks = [f"NOT played to the end: {error}"]
    outcome.seconds = time.monotonic() - begun
    return outcome
