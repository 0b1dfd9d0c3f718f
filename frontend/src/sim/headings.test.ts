import { describe, expect, it } from "vitest";
import { THRUST_X, THRUST_Y, headingOf, radiansOf } from "./headings";

describe("the thrust table", () => {
  it("is 204.8 times the cosine and the sine, rounded", () => {
    const angles = Array.from({ length: 256 }, (_, heading) => radiansOf(heading));
    expect([...THRUST_X]).toEqual(angles.map((angle) => Math.round(204.8 * Math.cos(angle)) + 0));
    expect([...THRUST_Y]).toEqual(angles.map((angle) => Math.round(204.8 * Math.sin(angle)) + 0));
  });
});

describe("the heading of a vector", () => {
  it.each([
    ["right", 1, 0, 0],
    ["down", 0, 1, 64],
    ["left", -1, 0, 128],
    ["up", 0, -1, 192],
    ["just above right", 1000, -1, 0],
    ["nowhere", 0, 0, 0],
  ])("points %s", (_, dx, dy, heading) => {
    expect(headingOf(dx, dy)).toBe(heading);
  });

  it("returns every heading for its own angle", () => {
    for (let heading = 0; heading < 256; heading++) {
      expect(headingOf(Math.cos(radiansOf(heading)), Math.sin(radiansOf(heading)))).toBe(heading);
    }
  });
});
