"""Calculates the sizes in the chart's production values from the measured capacity of one core.

`production_sizes.py` prints them for `helm/flotilla/ci/production-values.yaml`. A test compares the two.
"""

import json
import math
import sys
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
CAPACITY: Final = ROOT / "loadtest" / "baselines" / "capacity.json"

FILL: Final = 0.65  # part of the capacity at which a gateway is added, because open sockets do not move to new ones
BASE_MIB: Final = 96  # measured memory of a gateway without players, and of a tick with 20,000 ships (94)
MAX_SHIPS: Final = 20_000  # default of FLOTILLA_MAX_SHIPS: capacity of all gateways together
STEP_PLAYERS: Final = 100  # rounding; two measurements differ by about this much
STEP_MILLICORES: Final = 50
STEP_MIB: Final = 32


def sizes(capacity: dict[str, Any]) -> dict[str, Any]:
    """Return values of the chart. `capacity` is the result of `make bench` for the whole product on one core.

    Tick and gateway shared that core, so both sizes contain a reserve.
    """
    product = capacity["servers"]["product"]
    most = _down(product["capacity"], STEP_PLAYERS)
    target = _down(product["capacity"] * FILL, STEP_PLAYERS)
    cores_per_player = product["at"]["server_cpu"] / product["at"]["players"]
    mib_per_player = product["at"]["kib_per_connection"] / 1024
    return {
        "config": {"FLOTILLA_SOCKETS_PER_PROCESS": most},
        "gateway": {
            "autoscaling": {"connections": target, "maxReplicas": math.ceil(MAX_SHIPS / target) + 1},
            "resources": {
                "requests": {
                    "cpu": f"{_up(target * cores_per_player * 1000, STEP_MILLICORES)}m",
                    "memory": f"{_up(BASE_MIB + target * mib_per_player, STEP_MIB)}Mi",
                },
                # Twice the need of a full gateway: each slow reader may have up to 64 KiB of unsent data.
                "limits": {"memory": f"{_up(2 * (BASE_MIB + most * mib_per_player), STEP_MIB)}Mi"},
            },
        },
        "tick": {
            "resources": {
                "requests": {"cpu": "1", "memory": f"{4 * BASE_MIB}Mi"},
                "limits": {"cpu": "1", "memory": f"{4 * BASE_MIB}Mi"},
            }
        },
    }


def _down(number: float, step: int) -> int:
    return int(number // step) * step


def _up(number: float, step: int) -> int:
    return math.ceil(number / step) * step


def main() -> None:
    json.dump(sizes(json.loads(CAPACITY.read_text(encoding="utf-8"))), sys.stdout, indent=2)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
