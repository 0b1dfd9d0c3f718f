"""All scenarios, in the order in which they play."""

from typing import Final

from loadtest.scenarios.faults import edge, gateway, load, peers, redis, tick, versions
from loadtest.scenarios.stage import Scenario

ALL: Final[dict[str, Scenario]] = {
    scenario.name: scenario
    for scenario in (*tick.ALL, *gateway.ALL, *versions.ALL, *redis.ALL, *edge.ALL, *peers.ALL, *load.ALL)
}
