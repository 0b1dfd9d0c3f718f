"""Plays one scenario and judges it."""

import time
from collections.abc import Callable
from typing import Final

from loadtest.judge.checks import Verdict, conclusion
from loadtest.judge.scenario_result import ScenarioResult
from loadtest.processes.process import SiteError
from loadtest.scenarios.cluster_stage import Scenario, Stage
from loadtest.scenarios.shared_release import Theatre
from loadtest.sites.kubernetes.tools import Tools

NOT_RUN: Final = "not run"


def play(
    scenario: Scenario, theatre: Theatre, tools: Tools, *, players: int, tell: Callable[[str], None]
) -> ScenarioResult:
    """Play and judge; what cannot be played has failed and says why, unless something is missing on this machine."""
    begun = time.monotonic()
    outcome = ScenarioResult(scenario.name, scenario.title, Verdict.FAILED, 0.0, [])
    if missing := tools.missing(scenario.needs):
        outcome.verdict, outcome.checks = NOT_RUN, [f"not run: needs {', '.join(missing)}"]
        return outcome
    try:
        _played(scenario, theatre, tools, outcome, players, tell)
    except SiteError as error:
        outcome.checks.append(f"NOT played to the end: {error}")
        outcome.verdict = Verdict.FAILED
    if outcome.verdict == Verdict.FAILED:
        theatre.clear()  # what a failure leaves behind is not the next scenario's
    outcome.seconds = time.monotonic() - begun
    return outcome


def _played(
    scenario: Scenario,
    theatre: Theatre,
    tools: Tools,
    outcome: ScenarioResult,
    players: int,
    tell: Callable[[str], None],
) -> None:
    stage = Stage(theatre.site(scenario.layout), tools, scenario.name, players, tell)
    try:
        seen = scenario.play(stage)
    finally:
        stage.close()
    outcome.observation = seen.observation
    outcome.checks = [str(check) for check in seen.checks]
    lag_ms = seen.observation.lag_p99_ms if seen.observation else 0.0
    # Bounds are seconds here, which a crowd that is late by milliseconds measures well: what holds, holds.
    outcome.verdict = conclusion(list(seen.checks), lag_ms, times_judged=False)
