import { describe, expect, it } from "vitest";
import { PointerInput } from "./pointer";
import type { Point } from "./pointer";

interface Fields {
  offsetX?: number;
  offsetY?: number;
  button?: number;
  pointerId?: number;
  isPrimary?: boolean;
}

function steered(ship: Point | undefined = { x: 100, y: 100 }) {
  const [surface, page] = [new EventTarget(), new EventTarget()];
  const wishes: [heading: number, thrusting: boolean][] = [];
  const place: { ship: Point | undefined } = { ship };
  const input = new PointerInput(surface, page, {
    ship: () => place.ship,
    steer: (heading, thrusting) => wishes.push([heading, thrusting]),
  });
  const fire = (type: string, fields: Fields = {}) => {
    const defaults = { offsetX: 200, offsetY: 100, button: 0, pointerId: 1, isPrimary: true };
    const event = Object.assign(new Event(type, { cancelable: true }), defaults, fields);
    surface.dispatchEvent(event);
    return event;
  };
  return { input, page, place, fire, wishes, last: () => wishes.at(-1) };
}

describe("the pointer", () => {
  it.each([
    ["right of", 300, 100, 0],
    ["below", 100, 300, 64],
    ["left of", 0, 100, 128],
    ["above", 100, 0, 192],
  ])("%s the ship turns it there", (_, offsetX, offsetY, heading) => {
    const { fire, last } = steered();
    fire("pointermove", { offsetX, offsetY });
    expect(last()).toEqual([heading, false]);
  });

  it("turns and thrusts while it is pressed", () => {
    const { fire, wishes } = steered();
    fire("pointerdown", { offsetX: 100, offsetY: 200 });
    fire("pointermove", { offsetX: 100, offsetY: 0 });
    fire("pointerup", { offsetX: 100, offsetY: 0 });
    expect(wishes).toEqual([
      [64, true],
      [192, true],
      [192, false],
    ]);
  });

  it.each(["pointercancel", "lostpointercapture"])("that is taken away by %s releases", (type) => {
    const { fire, last } = steered();
    fire("pointerdown");
    fire(type);
    expect(last()).toEqual([0, false]);
  });

  it("is released when the page loses the focus", () => {
    const { fire, page, last } = steered();
    fire("pointerdown");
    page.dispatchEvent(new Event("blur"));
    expect(last()).toEqual([0, false]);
  });

  it("ignores other buttons", () => {
    const { fire, wishes, last } = steered();
    fire("pointerdown", { button: 2 });
    expect(wishes).toEqual([]);
    fire("pointerdown");
    fire("pointerup", { button: 2 });
    expect(last()).toEqual([0, true]);
  });

  it("follows the first finger only", () => {
    const { fire, wishes } = steered();
    fire("pointerdown");
    fire("pointermove", { isPrimary: false, pointerId: 2, offsetX: 0 });
    fire("pointerup", { isPrimary: false, pointerId: 2 });
    expect(wishes).toEqual([[0, true]]);
  });

  it("turns a thrusting ship while it rests", () => {
    const { fire, input, place, last } = steered();
    fire("pointerdown");
    place.ship = { x: 300, y: 100 };
    input.follow();
    expect(last()).toEqual([128, true]);
  });

  it("does not turn a coasting ship while it rests", () => {
    const { fire, input, place, wishes } = steered();
    fire("pointermove");
    place.ship = { x: 300, y: 100 };
    input.follow();
    expect(wishes).toHaveLength(1);
  });

  it("sends nothing without a ship, and thrusts when a ship appears while it is held", () => {
    const { fire, input, place, wishes } = steered();
    place.ship = undefined;
    fire("pointerdown");
    input.follow();
    expect(wishes).toEqual([]);
    place.ship = { x: 100, y: 100 };
    input.follow();
    expect(wishes).toEqual([[0, true]]);
  });

  it("opens no menu after a long touch", () => {
    expect(steered().fire("contextmenu").defaultPrevented).toBe(true);
  });

  it("is ignored after the end", () => {
    const { fire, input, wishes } = steered();
    input.dispose();
    fire("pointerdown");
    expect(wishes).toEqual([]);
  });
});
