import { describe, expect, it } from "vitest";
import { stepsCases } from "../testing/golden";
import { shipWith } from "../testing/ships";
import { step, stepAll } from "./movement";

describe("a step", () => {
  it.each(stepsCases)("ends bit for bit where the server's does: $name", ({ steps, before, after }) => {
    const ship = { ...before };
    stepAll([ship], steps);
    expect(ship).toEqual(after);
  });

  it("never gives negative zero, which differs from zero", () => {
    const ship = shipWith({ vx: -1, vy: 5120, heading: 64, thrusting: true });
    step(ship);
    expect(Object.is(ship.vx, -0)).toBe(false);
  });
});
