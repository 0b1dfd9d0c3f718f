/** loadtest/k6/tongues.js and names.js: what a player says, and what things are called. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import test from "node:test";
import { kindOf } from "../../../loadtest/k6/names.js";
import { TONGUES, facing } from "../../../loadtest/k6/tongues.js";
import { Refusal } from "../../../loadtest/k6/wire.js";

const HELD = { heading: 192, thrusting: true };
const buffer = (hex) => Uint8Array.from(Buffer.from(hex, "hex")).buffer;

function speaker(protocol) {
  const said = [];
  const tongue = new TONGUES[protocol]((message) => said.push(message));
  return { said, tongue };
}

test("the tutorial's player says nothing before it has an id, then what it holds", () => {
  const { said, tongue } = speaker("json");
  tongue.greet();
  tongue.steer(HELD);
  assert.deepEqual(said, []);
  assert.equal(tongue.take('{"type": "playerId", "playerId": "17"}', HELD), false);
  assert.deepEqual(said.map(JSON.parse), [
    { type: "mouseDown", playerId: "17" },
    { type: "facing", facing: -1.571, playerId: "17" },
  ]);
});

test("the button is told where it moved", () => {
  const { said, tongue } = speaker("json");
  tongue.take('{"type":"playerId","playerId":1}', { heading: 0, thrusting: false });
  tongue.steer({ heading: 0, thrusting: true });
  tongue.steer({ heading: 1, thrusting: true });
  tongue.steer({ heading: 1, thrusting: false });
  assert.deepEqual(
    said.map((one) => JSON.parse(one).type),
    ["facing", "mouseDown", "facing", "facing", "mouseUp", "facing"],
  );
});

test("a state is a frame, with blanks and without, and a goodbye is kept", () => {
  const { tongue } = speaker("json");
  assert.equal(tongue.take('{"type":"stateUpdate","objects":[]}', HELD), true);
  assert.equal(tongue.take('{"type": "stateUpdate", "objects": []}', HELD), true);
  assert.equal(tongue.take('{"type":"goodbye","reconnectAfterMs":250}', HELD), false);
  assert.equal(tongue.goodbye, true);
});

test("what is neither JSON nor an object is refused, and so is the other kind of message", () => {
  for (const damaged of ["{", "7", "null", buffer("04")]) {
    assert.throws(() => speaker("json").tongue.take(damaged, HELD), Refusal);
  }
  assert.throws(() => speaker("v1").tongue.take("{}", HELD), Refusal);
});

test("the binary player greets, and answers a welcome with what it holds", () => {
  const { said, tongue } = speaker("v1");
  tongue.greet();
  tongue.take(buffer("81190114000400a00f0009000000ff00000003000000030074312d"), HELD);
  assert.deepEqual(
    said.map((one) => Buffer.from(one).toString("hex")),
    ["0100000000", "0201c001"],
  );
});

test("a frame that does not follow is refused, once, and a keyframe asked for", () => {
  const { said, tongue } = speaker("v1");
  tongue.take(buffer("82080900000000010000"), HELD);
  assert.throws(() => tongue.take(buffer("83020901"), HELD), Refusal);
  assert.deepEqual(Buffer.from(said.at(-1)).toString("hex"), "04");
});

test("angles are the tutorial's", () => {
  assert.deepEqual([0, 64, 128, 192].map(facing), [0, 1.571, 3.142, -1.571]);
});

test("a failed handshake has a name", () => {
  assert.deepEqual(
    [
      "x509: certificate signed by unknown authority",
      "dial: lookup x: no such host",
      "i/o timeout",
      "connection refused",
      "?",
    ].map(kindOf),
    ["tls", "name", "timeout", "refused", "protocol"],
  );
});
