"""app.sim.thrust: the thrust of each heading."""

import json
import math
from pathlib import Path

from app.sim import thrust
from app.sim.rules import SUBUNITS
from app.sim.thrust import THRUST_X, THRUST_Y


def test_the_thrust_table_is_the_seeds_constant() -> None:
    """Each heading's thrust is 0.2 units per tick squared along it, rounded to a subunit."""
    for heading in range(256):
        angle = 2 * math.pi * heading / 256
        assert THRUST_X[heading] == round(0.2 * SUBUNITS * math.cos(angle))
        assert THRUST_Y[heading] == round(0.2 * SUBUNITS * math.sin(angle))


def test_the_golden_table_is_in_the_package() -> None:
    """The table that both languages read lies beside the code."""
    assert json.loads((Path(thrust.__file__).parent / "thrust.json").read_text()) == THRUST_X.tolist()
