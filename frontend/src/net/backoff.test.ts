import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Backoff } from "./backoff";

const ALMOST_ONE = 1 - 2 ** -53;

describe("the wait before an attempt", () => {
  it("doubles its ceiling from one second and never passes twenty", () => {
    const backoff = new Backoff(() => ALMOST_ONE);
    const waits = Array.from({ length: 8 }, () => Math.round(backoff.next()));
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16000, 20000, 20000, 20000]);
  });

  it("is between zero and the ceiling of the attempt, for any random number", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: ALMOST_ONE, noNaN: true }), { maxLength: 40 }), (chances) => {
        const draws = [...chances];
        const backoff = new Backoff(() => draws.shift() ?? 0);
        chances.forEach((_, n) => {
          const wait = backoff.next();
          expect(wait).toBeGreaterThanOrEqual(0);
          expect(wait).toBeLessThanOrEqual(Math.min(20_000, 500 * 2 ** (n + 1)));
        });
      }),
    );
  });

  it("is the server's hint if there is one", () => {
    expect(new Backoff(() => ALMOST_ONE).next(250)).toBe(250);
  });

  it("is reset only after a connection that lasted ten seconds", () => {
    const backoff = new Backoff(() => ALMOST_ONE);
    backoff.next();
    backoff.ended(9_999);
    expect(Math.round(backoff.next())).toBe(2000);
    backoff.ended(10_000);
    expect(Math.round(backoff.next())).toBe(1000);
  });

  it("is longer if the world is full", () => {
    const backoff = new Backoff(() => ALMOST_ONE);
    backoff.later();
    expect(Math.round(backoff.next())).toBe(8000);
  });
});
