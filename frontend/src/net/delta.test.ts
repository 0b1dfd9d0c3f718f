import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesOf } from "../testing/golden";
import { decodeDelta } from "./delta";
import { Refusal, refusalOr } from "./refusal";

describe("the body of a delta", () => {
  it.each([
    ["nothing", "", "length"],
    ["no steps", "0100", "range"],
    ["the reserved bit", "0181", "reserved_bits"],
    ["bytes after its end", "010100", "length"],
    ["a count of no departures", "011100", "range"],
    ["departures out of order", "01110205000300", "order"],
    ["more departures than ships", "01110401000200030004 00".replaceAll(" ", ""), "unknown_ship"],
    ["changes without ships", "012100", "range"],
    ["a group without members", "01210100", "range"],
    ["a rank beyond the last ship", "0121010807000000", "reserved_bits"],
    ["a group beyond the last", "012102010700", "reserved_bits"],
    ["an unused half that is not zero", "012101010722", "reserved_bits"],
    ["a missing sequence", "012101010700", "length"],
    ["arrivals out of order", `0141020200${"00".repeat(15)}0100${"00".repeat(15)}`, "order"],
  ])("is refused with %s", (_, hex, reason) => {
    expect(refusalOr(() => decodeDelta(bytesOf(hex), 3))).toMatchObject({ reason });
  });

  it("can contain a new sequence after any number of skipped inputs", () => {
    const { changes } = decodeDelta(bytesOf("01210105c04017c8"), 3);
    expect(changes).toEqual([
      { rank: 0, heading: 192, thrusting: true, advance: 3, sequence: 0 },
      { rank: 2, heading: 64, thrusting: true, advance: 0, sequence: 200 },
    ]);
  });

  it("gives a delta or a named refusal for any bytes and any arena", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(200), (bytes, population) => {
        const result = refusalOr(() => decodeDelta(bytes, population));
        expect(result instanceof Refusal || result.steps > 0).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});
