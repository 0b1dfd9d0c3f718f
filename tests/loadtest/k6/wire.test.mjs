/** loadtest/k6/wire.js agrees with the golden vectors of docs/protocol.md, as far as a load reads. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import test from "node:test";
import { Refusal, Stream, hello, input, resync } from "../../../loadtest/k6/wire.js";

const blocks = JSON.parse(readFileSync(new URL("../../golden/protocol.json", import.meta.url), "utf8"));
const vectors = (direction, kind) =>
  blocks.filter((one) => one.direction === direction).flatMap((one) => one[kind] ?? []);
const bytes = (hex) => Uint8Array.from(Buffer.from(hex, "hex"));
const hexOf = (name) => vectors("client", "messages").find((one) => one.name === name).hex;
const hex = (message) => Buffer.from(message).toString("hex");

const INSIDE_RECORDS = ["keyframe_not_ascending", "keyframe_outside_the_arena"]; // a load does not look so deep
const MOMENTS = ["keyframe", "full", "welcome"];

test("what a player says is what the protocol says", () => {
  assert.equal(hex(hello()), hexOf("hello_empty"));
  assert.equal(hex(input(7, 192, true)), hexOf("input"));
  assert.equal(hex(input(255, 0, false)), hexOf("input_coasting"));
  assert.equal(hex(resync()), hexOf("resync"));
});

for (const { name, hex, value } of vectors("server", "messages")) {
  test(`a server message is read: ${name}`, () => {
    const stream = new Stream();
    const framed = stream.take(bytes(hex));
    const said = value.map((one) => one.type);
    assert.equal(framed, said.includes("keyframe") || said.includes("full"));
    assert.equal(stream.welcomed, said.includes("welcome"));
    assert.equal(stream.goodbye, said.includes("goodbye"));
    const moment = value.findLast((one) => MOMENTS.includes(one.type));
    if (moment) assert.deepEqual([stream.epoch, stream.tick], [moment.epoch, moment.tick]);
  });
}

for (const { name, hex, reason } of vectors("server", "refused").filter((one) => !INSIDE_RECORDS.includes(one.name))) {
  test(`a damaged message is refused by its name: ${name}`, () => {
    assert.throws(
      () => new Stream().take(bytes(hex)),
      (error) => error instanceof Refusal && error.message === reason,
    );
  });
}

test("a history of frames leads to the ticks that the protocol says", () => {
  const stream = new Stream();
  for (const { hex, tick } of vectors("server", "history")) {
    assert.equal(stream.take(bytes(hex)), true);
    assert.equal(stream.tick, tick);
    assert.equal(stream.fits, true);
  }
});

test("a delta that does not follow the frame before it is noticed, and a keyframe makes it good", () => {
  const [keyframe, , , later] = vectors("server", "history");
  const stream = new Stream();
  stream.take(bytes(keyframe.hex));
  stream.take(bytes(later.hex));
  assert.equal(stream.fits, false);
  stream.take(bytes(keyframe.hex));
  assert.equal(stream.fits, true);
});

test("any bytes at all are read or refused", () => {
  let state = 1; // a linear congruential generator: the same bytes in each run
  const random = () => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
  for (let round = 0; round < 5000; round++) {
    const message = Uint8Array.from({ length: Math.floor(random() * 40) }, () => Math.floor(random() * 256));
    if (message.length) message[0] = 0x80 + (message[0] % 12);
    try {
      new Stream().take(message);
    } catch (error) {
      assert.ok(error instanceof Refusal, String(error));
    }
  }
});
