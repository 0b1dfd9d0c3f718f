import { expect, it } from "vitest";
import { starField } from "./stars";

it("is the same for every player", () => {
  expect(starField(50)).toEqual(starField(50));
});

it("has stars with a valid brightness and size", () => {
  for (const { radius, opacity } of starField(2000)) {
    expect(radius).toBeGreaterThan(0);
    expect(opacity).toBeLessThanOrEqual(1);
  }
});
