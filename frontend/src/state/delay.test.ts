import fc from "fast-check";
import { expect, it } from "vitest";
import { Delay } from "./delay";

/** Samples these latenesses again and again, one a tick, and draws a picture for each. */
function settled(late: readonly number[]): Delay {
  const delay = new Delay();
  for (let tick = 0; tick < 600; tick++) {
    delay.sample(late[tick % late.length]);
    delay.advance(50 * tick);
  }
  return delay;
}

it("is two ticks on a quiet network", () => {
  expect(settled([0, 10, 20, 40]).ticks).toBe(2);
});

it("covers the latest frames, and one tick more", () => {
  expect(settled([0, 50, 100, 150]).ticks).toBe(4);
});

it("ignores one frame in thirty", () => {
  expect(settled([...Array.from({ length: 31 }, () => 0), 400]).ticks).toBe(2);
});

it("is at most ten ticks", () => {
  expect(settled([5000]).ticks).toBe(10);
});

it("grows faster than it shrinks", () => {
  const delay = new Delay();
  for (let n = 0; n < 64; n++) delay.sample(150);
  delay.advance(0);
  delay.advance(500);
  expect(delay.ticks).toBe(3);
  for (let n = 0; n < 64; n++) delay.sample(0);
  delay.advance(1000);
  expect(delay.ticks).toBeCloseTo(2.7);
});

it("changes by at most a tenth of the time that passes", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(2000), fc.nat(100))), (steps) => {
      const delay = new Delay();
      let nowMs = 0;
      delay.advance(nowMs);
      for (const [lateMs, passedMs] of steps) {
        const before = delay.ticks;
        delay.sample(lateMs);
        nowMs += passedMs;
        delay.advance(nowMs);
        expect(Math.abs(delay.ticks - before)).toBeLessThanOrEqual((0.1 * passedMs) / 50 + 1e-9);
        expect(delay.ticks).toBeGreaterThanOrEqual(2);
        expect(delay.ticks).toBeLessThanOrEqual(10);
      }
    }),
  );
});
