import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesOf, hexOf, serverHistory, serverMessages, serverRefused } from "../testing/golden";
import { decode } from "./decode";
import type { ServerMessage } from "./messages";
import { Refusal } from "./refusal";

/** A message with the field names and hex texts of the golden file. */
function asGolden(message: ServerMessage): unknown {
  if (message.type === "goodbye") return { type: "goodbye", reconnect_after_ms: message.reconnectAfterMs };
  if (message.type !== "welcome") return message;
  const { tickRate, ticket, ...rest } = message;
  return { ...rest, tick_rate: tickRate, ticket: hexOf(ticket) };
}

function decoded(bytes: Uint8Array): ServerMessage[] {
  const messages = decode(bytes);
  if (messages instanceof Refusal) throw messages;
  return messages;
}

describe("decode", () => {
  it.each(serverMessages)("reads the golden bytes: $name", ({ hex, value }) => {
    expect(decoded(bytesOf(hex)).map(asGolden)).toEqual(value);
  });

  it.each(serverRefused)("refuses by the golden name: $name", ({ hex, reason }) => {
    expect(decode(bytesOf(hex))).toMatchObject({ reason });
  });

  it.each([
    ["an empty message", "", "empty"],
    ["a ship record with a reserved flag", `8219${"00".repeat(8)}0100${"00".repeat(13)}0200`, "reserved_bits"],
    ["a ship whose id is 0", `8219${"00".repeat(8)}0000${"00".repeat(15)}`, "range"],
    ["the same ship twice", `822a${"00".repeat(8)}${`0100${"00".repeat(15)}`.repeat(2)}`, "order"],
    ["a picture outside the arena", `8410${"00".repeat(8)}010000fa00000000`, "range"],
    ["a world of another size", "81160114000400a00e0009000000ff000000030000000000", "range"],
    ["a ticket that is longer than its message", "81160114000400a00f0009000000ff000000030000000100", "length"],
  ])("refuses %s", (_, hex, reason) => {
    expect(decode(bytesOf(hex))).toMatchObject({ reason });
  });

  it("gives messages or a named refusal for any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const result = decode(bytes);
        expect(result instanceof Refusal || Array.isArray(result)).toBe(true);
      }),
    );
  });

  it("gives messages or a named refusal for any damaged message", () => {
    const valid = [...serverMessages, ...serverHistory].map(({ hex }) => bytesOf(hex));
    const damage = fc.tuple(fc.constantFrom(...valid), fc.nat(), fc.nat(255), fc.nat(60));
    fc.assert(
      fc.property(damage, ([bytes, at, byte, cut]) => {
        const damaged = Uint8Array.from(bytes).subarray(0, Math.max(1, bytes.length - (cut > 50 ? cut - 50 : 0)));
        damaged[at % damaged.length] = byte;
        const result = decode(damaged);
        expect(result instanceof Refusal || Array.isArray(result)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});
