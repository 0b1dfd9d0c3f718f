import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { step } from "../sim/movement";
import { SUBUNITS } from "../sim/rules";
import { shipWith } from "../testing/ships";
import { ShipsView } from "./interpolation";
import { Timeline } from "./timeline";

/** One ship that moves one unit per tick from x = 0 at tick 100, which arrives at 1000 ms. */
function played(ticks: number, lateMs: (tick: number) => number = () => 0): Timeline {
  const timeline = new Timeline();
  for (let n = 0; n < ticks; n++) timeline.push(100 + n, [shipAt(n)], 1000 + 50 * n + lateMs(n));
  return timeline;
}

function shipAt(units: number) {
  return shipWith({ x: units * SUBUNITS, vx: SUBUNITS });
}

function xAt(timeline: Timeline, nowMs: number): number {
  const view = new ShipsView();
  timeline.viewAt(nowMs, view);
  return view.x[0];
}

describe("the timeline", () => {
  it("shows nothing before the first frame", () => {
    const view = new ShipsView();
    new Timeline().viewAt(1000, view);
    expect(view.count).toBe(0);
  });

  it("shows the state of a tenth of a second ago", () => {
    expect(xAt(played(6), 1250)).toBe(3);
    expect(xAt(played(6), 1275)).toBe(3.5);
  });

  it("shows the first frame until older frames exist", () => {
    expect(xAt(played(1), 1000)).toBe(0);
  });

  it("continues for half a second if no more frames arrive", () => {
    const timeline = played(6);
    expect(xAt(timeline, 1600)).toBe(10);
    expect(xAt(timeline, 5000)).toBe(15);
  });

  it("lets a ship glide to its place if the guess was wrong", () => {
    const timeline = played(6);
    const view = new ShipsView();
    timeline.viewAt(1500, view);
    expect(view.x[0]).toBe(8);
    for (let n = 6; n < 11; n++) timeline.push(100 + n, [shipWith({ x: 5 * SUBUNITS })], 1500);
    let last = 8;
    for (let nowMs = 1510; nowMs <= 1800; nowMs += 10) {
      timeline.viewAt(nowMs, view);
      expect(Math.abs(view.x[0] - last)).toBeLessThan(0.5);
      last = view.x[0];
    }
    expect(last).toBeCloseTo(5, 1);
  });

  it("continues smoothly after a pause of the server", () => {
    const timeline = played(6);
    xAt(timeline, 5000);
    for (let n = 6; n < 10; n++) timeline.push(100 + n, [shipAt(n)], 6000 + 50 * (n - 6));
    expect(xAt(timeline, 6150)).toBe(7);
  });

  it("never plays backwards with any jitter", () => {
    const timeline = new Timeline();
    let last = -1;
    for (let n = 0; n < 200; n++) {
      timeline.push(100 + n, [shipAt(n)], 1000 + 50 * n + ((n * 37) % 45));
      for (let ms = 0; ms < 48; ms += 16) {
        const x = xAt(timeline, 1000 + 50 * n + ((n * 37) % 45) + ms);
        expect(x).toBeGreaterThanOrEqual(last);
        last = x;
      }
    }
  });

  it("moves uniformly if every third frame is 30 ms late", () => {
    const timeline = played(6);
    const steps: number[] = [];
    let last = xAt(timeline, 1250);
    for (let ms = 10; ms < 3000; ms += 10) {
      const n = 5 + ms / 50;
      if (n % 1 === 0 && n % 3 !== 0) timeline.push(100 + n, [shipAt(n)], 1250 + ms);
      const late = 5 + (ms - 30) / 50;
      if (late % 3 === 0) timeline.push(100 + late, [shipAt(late)], 1250 + ms);
      const x = xAt(timeline, 1250 + ms);
      steps.push(x - last);
      last = x;
    }
    expect(Math.max(...steps)).toBeLessThan(0.4); // 0.2 is uniform motion
  });

  it("interpolates over a skipped frame", () => {
    const timeline = new Timeline();
    timeline.push(100, [shipAt(0)], 1000);
    timeline.push(104, [shipAt(4)], 1200);
    expect(xAt(timeline, 1200)).toBe(2);
  });

  it("jumps over a gap of more than half a second", () => {
    const timeline = played(6);
    timeline.push(140, [shipAt(40)], 3000);
    expect(xAt(timeline, 3000)).toBe(40);
  });

  it("restarts when ticks go back", () => {
    const timeline = played(6);
    timeline.push(7, [shipAt(500)], 1300);
    expect(xAt(timeline, 1300)).toBe(500);
  });

  it("continues when the tick counter wraps", () => {
    const timeline = new Timeline();
    for (let n = 0; n < 6; n++) timeline.push((2 ** 32 - 3 + n) >>> 0, [shipAt(n)], 1000 + 50 * n);
    expect(xAt(timeline, 1250)).toBe(3);
  });
});

/** The share of pictures in which the ship stands still, while messages of `sizes` ticks arrive. */
function frozen(sizes: readonly number[]): number {
  const timeline = new Timeline();
  let tick = 0;
  let still = 0;
  let pictures = 0;
  let last = 0;
  for (let message = 0; message < 200; message++) {
    const size = sizes[message % sizes.length];
    for (let nowMs = tick * 50; nowMs < (tick + size) * 50; nowMs += 10) {
      const x = xAt(timeline, nowMs);
      pictures += message >= 100 ? 1 : 0;
      still += message >= 100 && x === last ? 1 : 0;
      last = x;
    }
    const arrivesMs = (tick + size) * 50;
    for (let n = 0; n < size; n++) timeline.push(++tick, [shipAt(tick)], arrivesMs);
  }
  return still / pictures;
}

describe("a picture of joined ticks", () => {
  it.each([1, 2, 3, 4])("moves in every picture with %i ticks in one message", (size) => {
    expect(frozen([size])).toBe(0);
  });

  it("moves in every picture while the number of ticks changes", () => {
    expect(frozen([1, 1, 1, 4, 2, 3, 1, 1])).toBe(0);
  });

  it("is exact through a silence, since ships keep their inputs", () => {
    const timeline = new Timeline();
    const burning = shipWith({ x: 5000, thrusting: true, heading: 8 });
    const ships = [burning];
    timeline.push(100, ships, 1000);
    for (let tick = 101; tick <= 130; tick++) {
      step(burning);
      if (tick % 5 === 0) timeline.push(tick, ships, 1000 + 50 * (tick - 100));
    }
    const exact = new ShipsView();
    const drawn = new ShipsView();
    const every = new Timeline();
    const again = shipWith({ x: 5000, thrusting: true, heading: 8 });
    every.push(100, [again], 1000);
    for (let tick = 101; tick <= 132; tick++) {
      step(again);
      every.push(tick, [again], 1000 + 50 * (tick - 100));
    }
    every.viewAt(2600, exact);
    timeline.viewAt(2600, drawn);
    expect(drawn.x[0]).toBeCloseTo(exact.x[0], 3);
  });

  it("jumps by no more than a ship's length for any lateness of the messages", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.nat(200)), { maxLength: 60 }), (messages) => {
        const timeline = new Timeline();
        const view = new ShipsView();
        let tick = 0;
        let nowMs = 0;
        let last: number | undefined;
        for (const [size, lateMs] of messages) {
          const arrives = Math.max(nowMs, (tick + size) * 50 + lateMs);
          for (; nowMs < arrives; nowMs += 10) {
            timeline.viewAt(nowMs, view);
            if (view.count === 0) continue;
            if (last !== undefined) expect(Math.abs(view.x[0] - last)).toBeLessThan(10);
            last = view.x[0];
          }
          for (let n = 0; n < size; n++) timeline.push(++tick, [shipAt(tick)], arrives);
        }
      }),
    );
  });
});
