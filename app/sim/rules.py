"""The constants of the world, all integers; docs/protocol.md states the same numbers for clients."""

from typing import Final

TICK_RATE: Final = 20  # ticks per second; the budget of one tick is therefore 50 ms
SUBUNITS: Final = 1024  # subunits per unit: a power of two, so that floats of units are exact too
SIZE: Final = 1000 * SUBUNITS  # subunits; width and height of the torus
CAP: Final = 5 * SUBUNITS  # subunits per tick; greatest speed
HEADINGS: Final = 256  # directions; heading h is the angle 2*pi*h/256, 0 right, 64 down

SPAWN_RADIUS: Final = 150 * SUBUNITS  # subunits around the centre: new ships see each other at once and rarely overlap

MAX_ID: Final = 65_535  # ids are u16 on the wire; 0 means no ship
MAX_SHIPS: Final = 32_767  # half of all ids, so that at least as many rest between two ships
ID_REST_TICKS: Final = 200  # ticks (10 s) that an id rests after its ship left: longer than clients keep a stale frame
