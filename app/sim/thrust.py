"""The thrust of each heading in subunits per tick squared, from the table that the TypeScript client reads too."""

import json
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from app.sim.rules import HEADINGS

_table: list[int] = json.loads(files("app.sim").joinpath("thrust.json").read_text())

THRUST_X: NDArray[np.int32] = np.array(_table, dtype=np.int32)
"""Shape (256,): thrust to the right along each heading."""

THRUST_Y: NDArray[np.int32] = np.roll(THRUST_X, HEADINGS // 4)
"""Shape (256,): thrust downwards along each heading, the same table a quarter turn later."""
