import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decode } from "../net/decode";
import type { Keyframe } from "../net/messages";
import { Refusal } from "../net/refusal";
import { Arena } from "../testing/arena";
import { bytesOf, serverHistory } from "../testing/golden";
import { anyShip, shipWith } from "../testing/ships";
import { Replica } from "./replica";
import type { Outcome } from "./replica";

/** Applies one WebSocket message. Returns the result of its last part. */
function feed(replica: Replica, bytes: Uint8Array): Outcome {
  const messages = decode(bytes);
  if (messages instanceof Refusal) throw messages;
  let outcome: Outcome = "ignored";
  for (const message of messages) {
    if (message.type === "keyframe") outcome = replica.keyframe(message);
    if (message.type === "delta") outcome = replica.delta(message.body);
    if (message.type === "checksum") outcome = replica.checksum(message.crc);
  }
  return outcome;
}

function following(...ships: Partial<ReturnType<typeof shipWith>>[]) {
  const arena = new Arena();
  ships.forEach((fields) => arena.join(shipWith(fields)));
  arena.advance(1);
  const replica = new Replica();
  feed(replica, arena.keyframe());
  return { arena, replica };
}

describe("the golden history", () => {
  it("gives exactly the golden states", () => {
    const replica = new Replica();
    for (const { hex, tick, ships } of serverHistory) {
      expect(feed(replica, bytesOf(hex))).toBe("applied");
      expect({ tick: replica.tick, ships: replica.ships }).toEqual({ tick, ships });
    }
  });
});

const IDS = 40; // few, so that ids are reused

type Event =
  | { kind: "join"; ship: ReturnType<typeof shipWith> }
  | { kind: "leave"; id: number }
  | { kind: "input"; id: number; heading: number; thrusting: boolean; sequence: number };

const anyId = fc.integer({ min: 1, max: IDS });
const anyEvent: fc.Arbitrary<Event> = fc.oneof(
  fc.record({ kind: fc.constant("join" as const), ship: anyShip(IDS) }),
  fc.record({ kind: fc.constant("leave" as const), id: anyId }),
  fc.record({
    kind: fc.constant("input" as const),
    id: anyId,
    heading: fc.nat(255),
    thrusting: fc.boolean(),
    sequence: fc.nat(255),
  }),
);

/** Actions before a frame, and the fate of the frame on the socket. */
const anyFrame = fc.record({
  events: fc.array(anyEvent, { maxLength: 12 }),
  steps: fc.integer({ min: 1, max: 15 }),
  checked: fc.boolean(),
  fate: fc.constantFrom("sent", "sent", "sent", "keyframe", "skipped"),
});

function happen(arena: Arena, event: Event): void {
  if (event.kind === "join") arena.join(event.ship);
  else if (event.kind === "leave") arena.leave(event.id);
  else arena.input(event.id, { heading: event.heading, thrusting: event.thrusting, sequence: event.sequence });
}

describe("any history", () => {
  const anyHistory = fc.array(anyFrame, { minLength: 1, maxLength: 30 });
  const anyStart = fc.constantFrom(0, 250, 2 ** 32 - 20); // the low byte and the counter wrap

  it("keeps the replica equal to the server's arena after every received frame", () => {
    fc.assert(
      fc.property(anyHistory, anyStart, (history, start) => {
        const arena = new Arena(start);
        const replica = new Replica();
        feed(replica, arena.keyframe());
        let skipped = false;
        for (const { events, steps, checked, fate } of history) {
          events.forEach((event) => happen(arena, event));
          const delta = arena.advance(steps, checked);
          const wanted = fate === "keyframe" || skipped; // after a skipped frame the socket gets a keyframe
          skipped = fate === "skipped";
          if (skipped) continue;
          expect(feed(replica, wanted ? arena.keyframe() : delta)).toBe("applied");
          expect({ tick: replica.tick, ships: replica.ships }).toEqual({ tick: arena.tick, ships: arena.list() });
        }
      }),
      { numRuns: 300 },
    );
  });

  it("requests one keyframe after a lost frame with changes, and is equal again with it", () => {
    fc.assert(
      fc.property(anyHistory, (history) => {
        const arena = new Arena();
        const replica = new Replica();
        feed(replica, arena.keyframe());
        arena.advance(3); // lost
        const outcomes = history.map(({ events, steps, checked }) => {
          events.forEach((event) => happen(arena, event));
          return feed(replica, arena.advance(steps, checked));
        });
        expect(outcomes.filter((outcome) => outcome === "resync").length).toBeLessThanOrEqual(1);
        expect(outcomes).not.toContain("applied");
        feed(replica, arena.keyframe());
        expect(feed(replica, arena.advance(1, true))).toBe("applied");
        expect(replica.ships).toEqual(arena.list());
      }),
    );
  });
});

describe("a delta that does not match", () => {
  it.each([
    ["before any keyframe", new Replica(), "0101"],
    ["for another tick", following().replica, "0701"],
    ["that lets an unknown ship leave", following({ id: 4 }).replica, "0211010500"],
    ["that is damaged", following().replica, "0281"],
    ["that brings a ship that is there", following({ id: 4 }).replica, `0241010400${"00".repeat(15)}`],
  ])("requests a keyframe: %s", (_, replica, hex) => {
    expect(replica.delta(bytesOf(hex))).toBe("resync");
    expect(replica.delta(bytesOf(hex))).toBe("ignored");
  });

  it("may reuse an id in the frame in which its ship leaves", () => {
    const { arena, replica } = following({ id: 4 });
    arena.leave(4);
    arena.join(shipWith({ id: 4, x: 7 }));
    expect(feed(replica, arena.advance(1, true))).toBe("applied");
    expect(replica.ships).toEqual([shipWith({ id: 4, x: 7 })]);
  });

  it("invalidates checksums until the keyframe", () => {
    const { replica } = following();
    replica.delta(bytesOf("0701"));
    expect(replica.checksum(1)).toBe("ignored");
  });
});

describe("a wrong checksum", () => {
  it("requests one keyframe, and deltas are still applied", () => {
    const { arena, replica } = following({ id: 4, vx: 10 });
    expect(replica.checksum(1)).toBe("resync");
    expect(replica.checksum(1)).toBe("ignored");
    const body = arena.advance(1).subarray(2);
    expect(replica.delta(body)).toBe("applied");
    feed(replica, arena.keyframe());
    expect(replica.checksum(1)).toBe("resync");
  });
});

describe("a new socket", () => {
  it("starts with a keyframe, even if the old one had requested one", () => {
    const { arena, replica } = following();
    replica.checksum(1);
    replica.restart();
    expect(replica.delta(arena.advance(1).subarray(2))).toBe("resync");
    expect(replica.keyframe({ type: "keyframe", epoch: 1, tick: 1, ships: [] } satisfies Keyframe)).toBe("applied");
  });
});
