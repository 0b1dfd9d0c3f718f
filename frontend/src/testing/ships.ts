import fc from "fast-check";
import { CAP, SIZE } from "../sim/rules";
import type { Ship } from "../sim/ship";

/** A ship at rest in the middle, with fields that the test sets. */
export function shipWith(fields: Partial<Ship> = {}): Ship {
  return { id: 1, x: 512_000, y: 512_000, vx: 0, vy: 0, heading: 0, thrusting: false, sequence: 0, ...fields };
}

const byte = fc.nat(255);
const place = fc.nat(SIZE - 1);
const speed = fc.integer({ min: -CAP, max: CAP });

/** An arbitrary ship that a record can hold, with an id up to a maximum. */
export function anyShip(ids: number): fc.Arbitrary<Ship> {
  return fc.record({
    id: fc.integer({ min: 1, max: ids }),
    x: place,
    y: place,
    vx: speed,
    vy: speed,
    heading: byte,
    thrusting: fc.boolean(),
    sequence: byte,
  });
}
