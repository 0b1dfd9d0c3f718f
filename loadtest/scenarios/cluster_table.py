"""All scenarios, in the order in which they play: those that share a release and its values follow each other."""

from typing import Final

from loadtest.scenarios.cluster_stage import Scenario
from loadtest.scenarios.releases import (
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
