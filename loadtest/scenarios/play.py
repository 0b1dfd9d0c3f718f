"""Plays one scenario and judges it."""

import time
from collections.abc import Callable
from pathlib import Path

from loadtest.judge.checks import Verdict, conclusion
from loadtest.judge.scenario_result import ScenarioResult
from loadtest.processes.process import SiteError
from loadtest.scenarios.stage import Scenario, staged


def play(
    scenario: Scenario, *, full: bool, players: int | None, tell: Callable[[str], None], logs: Path | None = None
) -> ScenarioResult:
    """Play and judge; what cannot be played has failed, and says why."""
    begun = time.monotonic()
    outcome = ScenarioResult(scenario.name, scenario.title, Verdict.FAILED, 0.0, [])
    try:
        with staged(scenario, full=full, players=players, tell=tell, logs=logs) as stage:
            seen = scenario.play(stage)
            outcome.observation = seen.observation
            outcome.checks = [str(check) for check in seen.checks]
            outcome.verdict = conclusion(list(seen.checks), seen.observation.lag_p99_ms, times_judged=full)
    except SiteError as error:
        outcome.checks = [f"NOT played to the end: {error}"]
    outcome.seconds = time.monotonic() - begun
    return outcome
