"""app.sim.spawn: the position of a new ship."""

from random import Random

from app.sim.rules import SIZE, SPAWN_RADIUS
from app.sim.spawn import scattered


def test_new_ships_lie_in_a_disc_around_the_centre() -> None:
    """All of it: some lie near its edge, some near the centre, and in every quarter."""
    random = Random(1)
    places = [(x - SIZE // 2, y - SIZE // 2) for x, y in (scattered(random) for _ in range(1000))]
    distances = sorted(dx * dx + dy * dy for dx, dy in places)
    assert distances[-1] <= SPAWN_RADIUS**2
    assert distances[-1] > (0.95 * SPAWN_RADIUS) ** 2
    assert distances[0] < (0.1 * SPAWN_RADIUS) ** 2
    assert 4 == len({(dx > 0, dy > 0) for dx, dy in places})
