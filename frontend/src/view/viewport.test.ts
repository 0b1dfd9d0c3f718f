import { expect, it } from "vitest";
import { fit } from "./viewport";

it("puts the arena into the middle of a wide canvas", () => {
  expect(fit(1280, 800, 1)).toMatchObject({ left: 240, top: 0, edge: 800, scale: 0.8 });
});

it("puts the arena into the middle of a tall canvas, in device pixels", () => {
  expect(fit(390, 844, 2)).toMatchObject({ width: 780, height: 1688, left: 0, top: 454, edge: 780 });
});

it("draws at most two device pixels per CSS pixel, and at least one", () => {
  expect([fit(100, 100, 3).ratio, fit(100, 100, 0.5).ratio]).toEqual([2, 1]);
});

it("accepts a canvas without size", () => {
  expect(fit(0, 0, 1)).toMatchObject({ width: 1, height: 1 });
});
