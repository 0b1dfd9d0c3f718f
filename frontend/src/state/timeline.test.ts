import { describe, expect, it } from "vitest";
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

  it("stays at the newest frame if no more arrive", () => {
    const timeline = played(6);
    expect(xAt(timeline, 5000)).toBe(5);
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
