import { describe, expect, it } from "vitest";
import { bytesOf, clientMessages, hexOf } from "../testing/golden";
import { encode } from "./encode";
import type { ClientMessage } from "./messages";

/** The encoder cannot write unknown capabilities, so this vector is only decoded. */
const READ_ONLY = "hello_unknown_capabilities_are_ignored";

function messageOf(value: unknown): ClientMessage {
  const message = value as ClientMessage & { ticket: string };
  return message.type === "hello" ? { ...message, ticket: bytesOf(message.ticket) } : message;
}

describe("encode", () => {
  it.each(clientMessages.filter(({ name }) => name !== READ_ONLY))(
    "writes the golden bytes: $name",
    ({ hex, value }) => {
      expect(hexOf(encode(messageOf(value)))).toBe(hex);
    },
  );

  it.each<[string, ClientMessage]>([
    ["a name of 33 bytes", { type: "hello", name: "x".repeat(33), ticket: new Uint8Array(), full: false }],
    ["a control character", { type: "hello", name: "a\nb", ticket: new Uint8Array(), full: false }],
    ["a ticket of 513 bytes", { type: "hello", name: "", ticket: new Uint8Array(513), full: false }],
    ["a heading of 256", { type: "input", sequence: 0, heading: 256, thrusting: false }],
    ["half a sequence", { type: "input", sequence: 0.5, heading: 0, thrusting: false }],
    ["a negative nonce", { type: "ping", nonce: -1 }],
  ])("throws at what the server would refuse: %s", (_, message) => {
    expect(() => encode(message)).toThrow(RangeError);
  });
});
