import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SIZE, SUBUNITS } from "../sim/rules";
import type { Ship } from "../sim/ship";
import { shipWith } from "../testing/ships";
import { ShipsView, interpolate, shortestWay } from "./interpolation";
import { Snapshot } from "./snapshot";

function snapshot(tick: number, ...ships: Ship[]): Snapshot {
  const made = new Snapshot();
  made.record(tick, ships);
  return made;
}

function drawn(from: Ship[], to: Ship[], share: number): ShipsView {
  const view = new ShipsView();
  interpolate(snapshot(10, ...from), snapshot(11, ...to), share, view);
  return view;
}

describe("the shortest way on a circle", () => {
  it("is at most half of it, and ends at the target", () => {
    fc.assert(
      fc.property(fc.nat(SIZE - 1), fc.nat(SIZE - 1), (from, to) => {
        const way = shortestWay(from, to, SIZE);
        expect(Math.abs(way)).toBeLessThanOrEqual(SIZE / 2);
        expect((from + way + SIZE) % SIZE).toBe(to);
      }),
    );
  });
});

describe("a ship between two frames", () => {
  it("is on the straight line between them, in units", () => {
    const view = drawn(
      [shipWith({ x: 1000 * SUBUNITS - 4096, y: 0 })],
      [shipWith({ x: 999 * SUBUNITS, y: 2048 })],
      0.5,
    );
    expect([view.x[0], view.y[0]]).toEqual([997.5, 1]);
  });

  it.each([
    ["right", SIZE - 2048, 2048, 0.75, 1],
    ["left", 2048, SIZE - 2048, 0.75, 999],
  ])("crosses the edge to the %s instead of the arena", (_, from, to, share, x) => {
    const view = drawn([shipWith({ x: from, y: from })], [shipWith({ x: to, y: to })], share);
    expect([view.x[0], view.y[0]]).toEqual([x, x]);
  });

  it("turns the short way through heading 0", () => {
    const view = drawn([shipWith({ heading: 250 })], [shipWith({ heading: 6 })], 0.75);
    expect(view.heading[0] % 256).toBe(3);
  });

  it("has a flame if it thrusts between the frames", () => {
    expect(drawn([shipWith()], [shipWith({ thrusting: true })], 0.1).burning[0]).toBe(1);
  });

  it("is not interpolated over an impossible distance", () => {
    const view = drawn([shipWith({ x: 0 })], [shipWith({ x: SIZE / 2 })], 0.5);
    expect(view.x[0]).toBe(0);
  });

  it("is drawn until the frame without it, and from the frame with it", () => {
    const view = drawn([shipWith({ id: 2 })], [shipWith({ id: 1 }), shipWith({ id: 3 })], 0.9);
    expect([...view.ids.subarray(0, view.count)]).toEqual([2]);
  });

  it("is found by its id", () => {
    const view = drawn([shipWith({ id: 2 }), shipWith({ id: 7 })], [], 0);
    expect([view.indexOf(7), view.indexOf(3)]).toEqual([1, -1]);
  });

  it("reuses its arrays", () => {
    const view = drawn([shipWith()], [shipWith()], 0);
    const { x } = view;
    interpolate(snapshot(1, shipWith()), snapshot(2, shipWith()), 0.5, view);
    expect(view.x).toBe(x);
  });
});
