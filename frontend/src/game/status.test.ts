import { expect, it } from "vitest";
import { INITIAL_STATUS, reasonOf, sameStatus } from "./status";

it.each([
  [1006, "network"],
  [1012, "restart"],
  [4001, "restart"],
  [4002, "too_slow"],
  [4003, "expired"],
  [4005, "full"],
  [4504, "superseded"],
  [4505, "flood"],
  [4777, "network"],
])("finds the reason behind %i", (code, reason) => {
  expect(reasonOf(code)).toBe(reason);
});

it("compares every field", () => {
  expect(sameStatus(INITIAL_STATUS, { ...INITIAL_STATUS })).toBe(true);
  expect(sameStatus(INITIAL_STATUS, { ...INITIAL_STATUS, pingMs: 1 })).toBe(false);
});
