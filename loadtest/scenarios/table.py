"""All scenarios in the order in which they run. Neighbours share a release on a cluster where they can."""

from typing import Final

from loadtest.scenarios.faults import cost, edge, gateway, peers, redis, tick, versions
from loadtest.scenarios.releases import autoscaling, disruptions, installs, plain, policies, rollouts, routing
from loadtest.scenarios.stage import Scenario

SMOKE: Final = frozenset(scenario.name for scenario in installs.SMOKE)

_ALL: Final = (
    *installs.SMOKE,
    *tick.ALL,
    *gateway.ALL,
    *versions.ALL,
    *redis.ALL,
    *edge.ALL,
    *peers.ALL,
    *cost.ALL,
    *rollouts.ALL,
    *disruptions.ALL,
    *installs.ALL,
    *plain.ALL,
    *routing.ALL,
    *autoscaling.ALL,
    *policies.ALL,
)


def scenarios(kind: str) -> dict[str, Scenario]:
    """Return all scenarios that run on that kind of site, by name."""
    return {scenario.name: scenario for scenario in _ALL if scenario.layout(kind) is not None}
