"""Makes the step vectors, steps.json, from the scalar model: `python -m tests.golden.steps`."""

import json
from dataclasses import asdict, replace
from pathlib import Path
from random import Random

from loadtest.players.scalar_model import CAP, SIZE, Ship, step

VECTORS = Path(__file__).parent / "steps.json"

_CORNERS = {
    "rest": (Ship(1, 5, 6), 1),
    "coasts_for_ever": (Ship(2, 0, 0, 1024, -1), 1000),
    "first_thrust_right": (Ship(3, 512000, 512000, heading=0, thrusting=True), 1),
    "first_thrust_down": (Ship(4, 512000, 512000, heading=64, thrusting=True), 1),
    "reaches_the_cap_right": (Ship(5, 0, 0, heading=0, thrusting=True), 40),
    "reaches_the_cap_diagonally": (Ship(6, 0, 0, heading=33, thrusting=True), 60),
    "turns_at_the_cap": (Ship(7, 100, 100, CAP, 0, heading=70, thrusting=True), 25),
    "brakes": (Ship(8, 100, 100, CAP, 0, heading=128, thrusting=True), 50),
    "wraps_right": (Ship(9, SIZE - 1, 0, CAP, 0), 1),
    "wraps_left_and_up": (Ship(10, 0, 0, -CAP, -1), 1),
    "rounds_towards_zero": (Ship(11, 9, 9, -5119, 77, heading=121, thrusting=True), 3),
}
_RANDOM_CASES = 200
_SEED = 20


def made() -> str:
    """Return the text of steps.json as the model makes it now."""
    cases = [_case(name, ship, steps) for name, (ship, steps) in _CORNERS.items()]
    random = Random(_SEED)
    cases += [_case(f"random_{i}", _random_ship(random), random.randint(1, 30)) for i in range(_RANDOM_CASES)]
    return '{"cases": [\n' + ",\n".join(json.dumps(case) for case in cases) + "\n]}\n"


def _case(name: str, before: Ship, steps: int) -> dict[str, object]:
    after = replace(before)
    for _ in range(steps):
        step(after)
    return {"name": name, "steps": steps, "before": asdict(before), "after": asdict(after)}


def _random_ship(random: Random) -> Ship:
    while True:
        vx, vy = random.randint(-CAP, CAP), random.randint(-CAP, CAP)
        if vx * vx + vy * vy <= CAP * CAP:
            break
    place = random.randrange(SIZE), random.randrange(SIZE)
    return Ship(
        random.randint(1, 65535), *place, vx, vy, random.randrange(256), random.random() < 0.8, random.randrange(256)
    )


if __name__ == "__main__":
    VECTORS.write_text(made())
