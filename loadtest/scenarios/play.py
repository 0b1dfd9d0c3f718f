"""Runs one scenario and judges it."""

import contextlib
import time
from collections.abc import Callable
from pathlib import Path

from loadtest.judge.checks import conclusion
from loadtest.judge.scenario_result import ScenarioResult
from loadtest.outcome import Outcome
from loadtest.processes.process import SiteError
from loadtest.scenarios.stage import Scenario, Stage
from loadtest.sites.site import CLUSTER, SiteProvider

Log = Callable[[str], None]


def play(
    scenario: Scenario, provider: SiteProvider, folder: Path, *, full: bool, players: int | None, log: Log
) -> ScenarioResult:
    """Return the result. A scenario that does not reach its end has failed, with the reason as a check."""
    begun = time.monotonic()
    result = ScenarioResult(scenario.name, scenario.title, Outcome.NOT_RUN, 0.0, [])
    if missing := provider.missing(scenario.needs):
        result.checks = [f"not run: needs {', '.join(missing)}"]
        return result
    full = full or provider.kind == CLUSTER  # one form only: the bounds are the promises
    count = players or (scenario.full_players if full and provider.kind != CLUSTER else provider.players)
    folder = folder / scenario.name
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with provider.site(scenario.layout(provider.kind), folder, log) as site, contextlib.ExitStack() as stack:
            seen = scenario.run(Stage(site, folder, stack, count, full, log))
            result.observation = seen.observation
            result.checks = [str(check) for check in seen.checks]
            lag_ms = seen.observation.lag_p99_ms if seen.observation else 0.0
            result.outcome = conclusion(seen.checks, lag_ms, times_judged=provider.judges_times)
    except SiteError as error:
        result.outcome = Outcome.FAIL
        result.checks.append(f"NOT completed: {error}")
    if result.outcome == Outcome.FAIL:
        provider.discard()  # so that the next scenario does not inherit the failure
    result.seconds = time.monotonic() - begun
    return result
