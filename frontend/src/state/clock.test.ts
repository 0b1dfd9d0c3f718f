import fc from "fast-check";
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

it("is not moved by a late frame", () => {
  const clock = new TickClock();
  clock.sample(100, 1000);
  expect(clock.sample(101, 1050 + 40)).toBe(40);
  expect(clock.tickAt(1100)).toBe(102);
});

it("moves slowly to a frame that is earlier than all before", () => {
  const clock = new TickClock();
  clock.sample(100, 1030);
  expect(clock.sample(101, 1050)).toBe(0);
  expect(clock.tickAt(1100)).toBeCloseTo(101.4 + 0.02);
  for (let tick = 102; tick < 140; tick++) clock.sample(tick, tick * 50 - 4000);
  expect(clock.tickAt(3000)).toBe(140);
});

it("follows a network that became slower within four seconds", () => {
  const clock = new TickClock();
  for (let tick = 0; tick < 40; tick++) clock.sample(tick, tick * 50);
  for (let tick = 40; tick < 160; tick++) clock.sample(tick, tick * 50 + 20);
  expect(clock.tickAt(8020)).toBe(160);
});

it("is not moved by a burst after a stall", () => {
  const clock = new TickClock();
  clock.sample(0, 0);
  for (let tick = 1; tick <= 20; tick++) clock.sample(tick, 1000);
  expect(clock.tickAt(1000)).toBe(20);
  expect(clock.snaps).toBe(1);
});

it("starts again when the world stood still", () => {
  const clock = new TickClock();
  clock.sample(100, 1000);
  for (let n = 0; n < 4; n++) clock.sample(101 + n, 9000 + 50 * n);
  expect(clock.tickAt(9150)).toBe(104);
  expect(clock.snaps).toBe(2);
});

it("moves by at most one millisecond a frame for any jitter", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(240), { minLength: 1, maxLength: 200 }), (late) => {
      const clock = new TickClock();
      let last: number | undefined;
      late.forEach((lateMs, tick) => {
        clock.sample(tick, tick * 50 + lateMs);
        const origin = (clock.tickAt(0) ?? NaN) * -50;
        if (last !== undefined) expect(Math.abs(origin - last)).toBeLessThan(1.001);
        last = origin;
      });
    }),
  );
});
