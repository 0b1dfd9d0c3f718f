"""The sizes of the chart's production values follow from what one core was measured to carry.

`production_sizes.py` prints them as they stand in `helm/flotilla/ci/production-values.yaml`; a test compares the two.
"""

import json
import math
import sys
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
CAPACITY: Final = ROOT / "loadtest" / "baselines" / "capacity.json"

FILL: Final = (
    0.65  # of the measured capacity, at which another gateway is added: sockets that are open do not move there
)
BASE_MIB: Final = 96  # memory of a gateway without players, and of a tick with 20,000 ships (94), as measured
MAX_SHIPS: Final = 20_000  # default of FLOTILLA_MAX_SHIPS, which the most gateways carry together
STEP_PLAYERS: Final = 100  # rounding: finer than this two measurements do not agree
STEP_MILLICORES: Final = 50
STEP_MIB: Final = 32


def sizes(capacity: dict[str, Any]) -> dict[str, Any]:
    """Return values of the chart. `capacity` is what `make bench` measured of the whole product on one core.

    Tick and gateway shared that core, so each is sized with something to spare.
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
                # Twice what a full one needs: slow readers may each have up to 64 KiB waiting.
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
    """Print what the measurement of this tree asks for."""
    json.dump(sizes(json.loads(CAPACITY.read_text(encoding="utf-8"))), sys.stdout, indent=2)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
