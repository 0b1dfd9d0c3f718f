/** loadtest/k6/protocol.js against the golden vectors of docs/protocol.md, as far as a load reads. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import test from "node:test";
import { Tutorial, V1 } from "../../../loadtest/k6/protocol.js";

const blocks = JSON.parse(readFileSync(new URL("../../golden/protocol.json", import.meta.url), "utf8"));
const vectors = (direction, kind) =>
  blocks.filter((one) => one.direction === direction).flatMap((one) => one[kind] ?? []);
const buffer = (hex) => Uint8Array.from(Buffer.from(hex, "hex")).buffer;
const hexOf = (name) => vectors("client", "messages").find((one) => one.name === name).hex;

const STRUCTURE = ["length", "empty", "text"]; // other reasons are about contents, which a load does not decode

function player(Protocol) {
  const sent = [];
  const protocol = new Protocol((message) =>
    sent.push(typeof message === "string" ? JSON.parse(message) : Buffer.from(message).toString("hex")),
  );
  return { sent, protocol, take: (hex) => protocol.take(buffer(hex)) };
}

test("a player's messages are the protocol's", () => {
  const { sent, protocol } = player(V1);
  protocol.greet();
  protocol.sequence = 6;
  protocol.steer(192, true);
  protocol.sequence = 254;
  protocol.steer(0, false);
  assert.deepEqual(sent, ["hello_empty", "input", "input_coasting"].map(hexOf));
});

for (const { name, hex, value } of vectors("server", "messages")) {
  test(`a server message is read: ${name}`, () => {
    const { protocol, take } = player(V1);
    const framed = take(hex);
    const types = value.map((one) => one.type);
    const frames = value.filter((one) => ["keyframe", "full"].includes(one.type));
    assert.equal(framed, frames.length > 0);
    assert.equal(protocol.goodbye, types.includes("goodbye"));
  });
}

for (const { name, hex } of vectors("server", "refused").filter((one) => STRUCTURE.includes(one.reason))) {
  test(`a damaged message is refused: ${name}`, () => assert.throws(() => player(V1).take(hex), SyntaxError));
}

test("each message of a history of frames is a frame", () => {
  const { take } = player(V1);
  for (const { hex } of vectors("server", "history")) assert.equal(take(hex), true);
});

test("any bytes are read or refused", () => {
  let state = 1; // a linear congruential generator: the same bytes in each run
  const random = () => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
  for (let round = 0; round < 5000; round++) {
    const message = Uint8Array.from({ length: Math.floor(random() * 40) }, () => Math.floor(random() * 256));
    if (message.length) message[0] = 0x80 + (message[0] % 12);
    try {
      player(V1).protocol.take(message.buffer);
    } catch (error) {
      assert.ok(error instanceof SyntaxError, String(error));
    }
  }
});

test("the tutorial's player sends nothing before it has an id, then what it holds", () => {
  const { sent, protocol } = player(Tutorial);
  protocol.steer(192, true);
  assert.deepEqual(sent, []);
  assert.equal(protocol.take('{"type": "playerId", "playerId": "17"}'), false);
  protocol.steer(192, true);
  assert.deepEqual(sent, [
    { type: "mouseDown", playerId: "17" },
    { type: "facing", facing: -Math.PI / 2, playerId: "17" },
  ]);
});

test("a state is a frame, with blanks and without, and a goodbye is remembered", () => {
  const { protocol } = player(Tutorial);
  assert.equal(protocol.take('{"type":"stateUpdate","objects":[]}'), true);
  assert.equal(protocol.take('{"type": "stateUpdate", "objects": []}'), true);
  assert.equal(protocol.take('{"type":"goodbye","reconnectAfterMs":250}'), false);
  assert.equal(protocol.goodbye, true);
});

test("messages that are not JSON objects, or of the other protocol, are refused", () => {
  for (const damaged of ["{", "7", "null", buffer("04")]) {
    assert.throws(() => player(Tutorial).protocol.take(damaged), SyntaxError);
  }
  assert.throws(() => player(V1).protocol.take("{}"), SyntaxError);
});

test("angles are the tutorial's, from minus pi to pi", () => {
  const { sent, protocol } = player(Tutorial);
  protocol.take('{"type":"playerId","playerId":1}');
  for (const heading of [0, 64, 128, 192]) protocol.steer(heading, false);
  const angles = sent.filter((one) => one.type === "facing").map((one) => one.facing);
  assert.deepEqual(angles, [0, Math.PI / 2, Math.PI, -Math.PI / 2]);
});
