import { expect, it } from "vitest";
import { starField } from "./stars";

it("is the same sky for everyone", () => {
  expect(starField(50)).toEqual(starField(50));
});

it("has no star that is brighter than light or has no size", () => {
  for (const { radius, opacity } of starField(2000)) {
    expect(radius).toBeGreaterThan(0);
    expect(opacity).toBeLessThanOrEqual(1);
  }
});
