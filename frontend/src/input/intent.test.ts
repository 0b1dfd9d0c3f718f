import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Input } from "../net/messages";
import { Intent } from "./intent";

describe("the intent", () => {
  it("sends nothing before the first controls", () => {
    expect(new Intent().dueInMs(1000)).toBeUndefined();
  });

  it("sends the first controls at once, with sequence 1", () => {
    const intent = new Intent();
    intent.want(64, true);
    expect(intent.take(1000)).toEqual({ type: "input", sequence: 1, heading: 64, thrusting: true });
  });

  it("sends nothing twice", () => {
    const intent = new Intent();
    intent.want(64, true);
    intent.take(1000);
    intent.want(64, true);
    expect(intent.take(9000)).toBeUndefined();
  });

  it("waits for a tick after a send, and then sends the newest controls", () => {
    const intent = new Intent();
    intent.want(1, false);
    intent.take(1000);
    intent.want(2, false);
    intent.want(3, true);
    expect(intent.dueInMs(1020)).toBe(30);
    expect(intent.take(1020)).toBeUndefined();
    expect(intent.take(1050)).toEqual({ type: "input", sequence: 2, heading: 3, thrusting: true });
  });

  it("sends nothing if the controls are the sent ones again", () => {
    const intent = new Intent();
    intent.want(1, false);
    intent.take(1000);
    intent.want(2, false);
    intent.want(1, false);
    expect(intent.dueInMs(2000)).toBeUndefined();
  });

  it("repeats the controls for a new ship, within the rate limit", () => {
    const intent = new Intent();
    intent.want(1, true);
    intent.take(1000);
    intent.forgetSent();
    expect(intent.dueInMs(1010)).toBe(40);
    expect(intent.take(1050)).toMatchObject({ heading: 1, thrusting: true, sequence: 2 });
  });

  it("has a sequence of one byte", () => {
    const intent = new Intent();
    let last: Input | undefined;
    for (let n = 0; n < 256; n++) {
      intent.want(n, false);
      last = intent.take(1000 + 50 * n);
    }
    expect(last?.sequence).toBe(0);
  });
});

describe("any player", () => {
  const anyWish = fc.record({ afterMs: fc.nat(120), heading: fc.nat(255), thrusting: fc.boolean() });

  it("sends at most 20 inputs a second, and always the last controls", () => {
    fc.assert(
      fc.property(fc.array(anyWish, { minLength: 1, maxLength: 200 }), (wishes) => {
        const intent = new Intent();
        const sent: { at: number; input: Input }[] = [];
        let now = 1000;
        const take = (at: number) => {
          const input = intent.take(at);
          if (input) sent.push({ at, input });
        };
        for (const { afterMs, heading, thrusting } of wishes) {
          const due = intent.dueInMs(now);
          if (due !== undefined && due <= afterMs) take(now + due);
          now += afterMs;
          intent.want(heading, thrusting);
          take(now);
        }
        take(now + (intent.dueInMs(now) ?? 0));
        const { heading, thrusting } = wishes[wishes.length - 1];
        expect(sent.at(-1)?.input).toMatchObject({ heading, thrusting });
        for (let n = 1; n < sent.length; n++) expect(sent[n].at - sent[n - 1].at).toBeGreaterThanOrEqual(50);
      }),
    );
  });
});
