/** One step of one ship, exactly as on the server: integers only, without machine-dependent rounding. */
import { THRUST_X, THRUST_Y } from "./headings";
import { CAP, SIZE } from "./rules";
import type { Ship } from "./ship";

const CAP_SQUARED = CAP * CAP;

/** Moves the ship in place by one tick. */
export function step(ship: Ship): void {
  if (ship.thrusting) accelerate(ship);
  ship.x = (ship.x + ship.vx + SIZE) % SIZE;
  ship.y = (ship.y + ship.vy + SIZE) % SIZE;
}

/** Moves every ship in place by some ticks. */
export function stepAll(ships: readonly Ship[], steps: number): void {
  for (let n = 0; n < steps; n++) {
    for (const ship of ships) step(ship);
  }
}

function accelerate(ship: Ship): void {
  ship.vx += THRUST_X[ship.heading];
  ship.vy += THRUST_Y[ship.heading];
  const squared = ship.vx * ship.vx + ship.vy * ship.vy;
  if (squared > CAP_SQUARED) limitSpeed(ship, squared);
}

/**
 * Double precision is exact here. squared < 2³², so roots of squares are integers and the ceiling of other roots is correct. The quotient
 * of a product < 2³¹ and a root < 2¹⁷ is never rounded up to an integer. `| 0` rounds towards zero and never gives −0.
 */
function limitSpeed(ship: Ship, squared: number): void {
  const speed = Math.ceil(Math.sqrt(squared));
  ship.vx = ((ship.vx * CAP) / speed) | 0;
  ship.vy = ((ship.vy * CAP) / speed) | 0;
}
