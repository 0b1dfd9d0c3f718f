"""All scenarios, in the order in which they play: those that share a release and its values follow each other."""

from typing import Final

from loadtest.kubernetes.scenarios import (
    autoscaling,
    disruptions,
    missing,
    plain,
    policies,
    reinstall,
    rollouts,
    routing,
    smoke,
)
from loadtest.kubernetes.stage import Scenario

SMOKE: Final[dict[str, Scenario]] = {scenario.name: scenario for scenario in smoke.ALL}
ALL: Final[dict[str, Scenario]] = SMOKE | {
    scenario.name: scenario
    for scenario in (
        *rollouts.ALL,
        *disruptions.ALL,
        *reinstall.ALL,
        *plain.ALL,
        *missing.ALL,
        *routing.ALL,
        *autoscaling.ALL,
        *policies.ALL,
    )
}
