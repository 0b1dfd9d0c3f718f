/** loadtest/k6/protocol.js against the golden vectors of docs/protocol.md, as far as a load reads. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import test from "node:test";
import { Refusal, Tutorial, V1, facing } from "../../../loadtest/k6/protocol.js";

const blocks = JSON.parse(readFileSync(new URL("../../golden/protocol.json", import.meta.url), "utf8"));
const vectors = (direction, kind) =>
  blocks.filter((one) => one.direction === direction).flatMap((one) => one[kind] ?? []);
const buffer = (hex) => Uint8Array.from(Buffer.from(hex, "hex")).buffer;
const hexOf = (name) => vectors("client", "messages").find((one) => one.name === name).hex;

const INSIDE_RECORDS = ["keyframe_not_ascending", "keyframe_outside_the_arena"]; // records are not decoded
const HELD = { heading: 192, thrusting: true };

function player(Protocol) {
  const sent = [];
  const protocol = new Protocol((message) =>
    sent.push(typeof message === "string" ? JSON.parse(message) : Buffer.from(message).toString("hex")),
  );
  return { sent, protocol, take: (hex) => protocol.take(buffer(hex), HELD) };
}

test("a player's messages are the protocol's", () => {
  const { sent, protocol } = player(V1);
  protocol.greet();
  protocol.sequence = 6;
  protocol.steer(HELD);
  protocol.sequence = 254;
  protocol.steer({ heading: 0, thrusting: false });
  assert.deepEqual(sent, ["hello_empty", "input", "input_coasting"].map(hexOf));
});

for (const { name, hex, value } of vectors("server", "messages")) {
  test(`a server message is read: ${name}`, () => {
    const { sent, protocol, take } = player(V1);
    const framed = take(hex);
    const types = value.map((one) => one.type);
    const frames = value.filter((one) => ["keyframe", "full"].includes(one.type));
    assert.equal(framed, frames.length > 0);
    assert.deepEqual(sent, types.includes("welcome") ? ["0201c001"] : []); // INPUT with what the player holds
    assert.equal(protocol.goodbye, types.includes("goodbye"));
    if (framed) assert.equal(protocol.tick, frames.at(-1).tick);
  });
}

for (const { name, hex, reason } of vectors("server", "refused").filter((one) => !INSIDE_RECORDS.includes(one.name))) {
  test(`a damaged message is refused by its name: ${name}`, () => {
    assert.throws(
      () => player(V1).take(hex),
      (error) => error instanceof Refusal && error.message === reason,
    );
  });
}

test("a history of frames leads to the ticks that the protocol names", () => {
  const { protocol, take } = player(V1);
  for (const { hex, tick } of vectors("server", "history")) {
    assert.equal(take(hex), true);
    assert.equal(protocol.tick, tick);
  }
});

test("a delta that does not follow is refused once and a keyframe requested, which repairs the stream", () => {
  const [keyframe, , , later] = vectors("server", "history");
  const { sent, take } = player(V1);
  take(keyframe.hex);
  assert.throws(() => take(later.hex), /misfit/);
  assert.deepEqual(sent, [hexOf("resync")]);
  assert.equal(take(keyframe.hex), true);
});

test("any bytes are read or refused", () => {
  let state = 1; // a linear congruential generator: the same bytes in each run
  const random = () => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
  for (let round = 0; round < 5000; round++) {
    const message = Uint8Array.from({ length: Math.floor(random() * 40) }, () => Math.floor(random() * 256));
    if (message.length) message[0] = 0x80 + (message[0] % 12);
    try {
      player(V1).protocol.take(message.buffer, HELD);
    } catch (error) {
      assert.ok(error instanceof Refusal, String(error));
    }
  }
});

test("the tutorial's player sends nothing before it has an id, then what it holds", () => {
  const { sent, protocol } = player(Tutorial);
  protocol.greet();
  protocol.steer(HELD);
  assert.deepEqual(sent, []);
  assert.equal(protocol.take('{"type": "playerId", "playerId": "17"}', HELD), false);
  assert.deepEqual(sent, [
    { type: "mouseDown", playerId: "17" },
    { type: "facing", facing: -1.571, playerId: "17" },
  ]);
});

test("the button is sent when it changed", () => {
  const { sent, protocol } = player(Tutorial);
  protocol.take('{"type":"playerId","playerId":1}', { heading: 0, thrusting: false });
  for (const [heading, thrusting] of [[0, true], [1, true], [1, false]]) protocol.steer({ heading, thrusting }); // prettier-ignore
  assert.deepEqual(
    sent.map((one) => one.type),
    ["facing", "mouseDown", "facing", "facing", "mouseUp", "facing"],
  );
});

test("a state is a frame, with blanks and without, and a goodbye is remembered", () => {
  const { protocol } = player(Tutorial);
  assert.equal(protocol.take('{"type":"stateUpdate","objects":[]}', HELD), true);
  assert.equal(protocol.take('{"type": "stateUpdate", "objects": []}', HELD), true);
  assert.equal(protocol.take('{"type":"goodbye","reconnectAfterMs":250}', HELD), false);
  assert.equal(protocol.goodbye, true);
});

test("messages that are not JSON objects, or of the other protocol, are refused", () => {
  for (const damaged of ["{", "7", "null", buffer("04")]) {
    assert.throws(() => player(Tutorial).protocol.take(damaged, HELD), SyntaxError); // the base class of Refusal
  }
  assert.throws(() => player(V1).protocol.take("{}", HELD), Refusal);
});

test("angles are the tutorial's", () => {
  assert.deepEqual([0, 64, 128, 192].map(facing), [0, 1.571, 3.142, -1.571]);
});
