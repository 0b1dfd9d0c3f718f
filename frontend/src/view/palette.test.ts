import { expect, it } from "vitest";
import { LIVERY_COUNT, OWN, liveryAt, liveryIndex } from "./palette";

it("spreads the ships over every colour", () => {
  const used = new Set(Array.from({ length: 200 }, (_, n) => liveryIndex(n + 1)));
  expect(used.size).toBe(LIVERY_COUNT);
});

it("reserves the colour of the player's ship", () => {
  const others = Array.from({ length: LIVERY_COUNT }, (_, n) => liveryAt(n).light);
  expect(others).not.toContain(OWN.light);
});
