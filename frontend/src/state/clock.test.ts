import { expect, it } from "vitest";
import { TickClock } from "./clock";

it("has no tick before the first frame", () => {
  expect(new TickClock().tickAt(1000)).toBeUndefined();
});

it("continues between frames at 20 ticks a second", () => {
  const clock = new TickClock();
  clock.sample(100, 1000);
  expect(clock.tickAt(1000)).toBe(100);
  expect(clock.tickAt(1025)).toBe(100.5);
});

it("changes by a tenth of the delay of a late frame", () => {
  const clock = new TickClock();
  clock.sample(100, 1000);
  clock.sample(101, 1050 + 40);
  expect(clock.tickAt(1100)).toBeCloseTo(102 - 0.08);
});

it("follows a shift of more than a quarter of a second at once", () => {
  const clock = new TickClock();
  clock.sample(100, 1000);
  clock.sample(101, 9000);
  expect(clock.tickAt(9000)).toBe(101);
});
