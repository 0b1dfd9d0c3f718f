"""The position of a new ship: evenly distributed over a disc around the centre."""

from random import Random

from app.sim.rules import SIZE, SPAWN_RADIUS


def scattered(random: Random) -> tuple[int, int]:
    """Return a position (x, y) in subunits at most SPAWN_RADIUS from the centre."""
    while True:
        dx = random.randint(-SPAWN_RADIUS, SPAWN_RADIUS)
        dy = random.randint(-SPAWN_RADIUS, SPAWN_RADIUS)
        if dx * dx + dy * dy <= SPAWN_RADIUS * SPAWN_RADIUS:
            return SIZE // 2 + dx, SIZE // 2 + dy
