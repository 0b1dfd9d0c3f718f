/** loadtest/k6/settings.js and stretches.js: what a run does, and where in it a moment lies. */
import assert from "node:assert/strict";
import test from "node:test";
import { lengthS, planOr, settings } from "../../../loadtest/k6/settings.js";
import { indexOf, steps, stretches, wanted } from "../../../loadtest/k6/stretches.js";

test("without settings it is the seed's ramp: one player a second for 90 s", () => {
  const plan = settings({});
  assert.deepEqual([plan.rate, plan.to, plan.holdS, plan.protocol, plan.inputsPerS], [1, 90, 0, "v1", null]);
  assert.equal(lengthS(plan), 90);
});

for (const [name, value, sentence] of [
  ["URL", "http://127.0.0.1/", /URL must be/],
  ["URL", "ws://user@127.0.0.1/", /URL must be/],
  ["URL", "ws://game.example/", /another machine/],
  ["URL", "ws://127.0.0.1.evil.example/", /another machine/],
  ["PROTOCOL", "v2", /PROTOCOL must be json or v1/],
  ["RATE", "0", /RATE must be a number/],
  ["RATE", "fast", /RATE must be a number/],
  ["TO", "100000", /TO must be a number/],
  ["TO", " ", /TO must be a number/],
  ["HOLD", "-1", /HOLD must be a number/],
  ["RATE", "0.01", /A ramp may take/],
  ["INPUTS", "often", /INPUTS must be a number/],
]) {
  test(`${name}=${value} is refused in a sentence`, () => {
    const [plan, refusal] = planOr({ [name]: value });
    assert.equal(plan, null);
    assert.match(refusal, sentence);
  });
}

test("another machine may be loaded by who owns it", () => {
  assert.equal(
    settings({ URL: "wss://game.example/ws/game/", I_OWN_THIS_TARGET: "1" }).url,
    "wss://game.example/ws/game/",
  );
});

test("inputs of a machine may be written with and without their unit", () => {
  assert.deepEqual([settings({ INPUTS: "20" }).inputsPerS, settings({ INPUTS: "20/s" }).inputsPerS], [20, 20]);
});

test("stretches and steps cover a run without a hole, and never too many", () => {
  for (const words of [{}, { TO: "4", RATE: "4", HOLD: "1" }, { TO: "300", RATE: "0.1", HOLD: "3600" }]) {
    const plan = settings(words);
    for (const pieces of [stretches(plan), steps(plan)]) {
      assert.ok(pieces.length <= 61);
      assert.equal(pieces[0][0], 0);
      assert.equal(pieces.at(-1)[1], lengthS(plan));
      pieces.slice(1).forEach(([from], i) => assert.equal(from, pieces[i][1]));
    }
  }
});

test("a hold is one step after those of the ramp", () => {
  assert.deepEqual(steps(settings({ TO: "20", HOLD: "60" })), [
    [0, 10],
    [10, 20],
    [20, 80],
  ]);
});

test("a moment belongs to the piece that it lies in, and a late one to the last", () => {
  const pieces = stretches(settings({ TO: "10" }));
  assert.deepEqual(
    [0, 4.99, 5, 10, 99].map((second) => indexOf(pieces, second)),
    [0, 0, 1, 1, 1],
  );
});

test("players are wanted by the schedule, and no more than all", () => {
  const plan = settings({ TO: "10", RATE: "2" });
  assert.deepEqual(
    [0, 2.5, 5, 9].map((second) => wanted(plan, second)),
    [0, 5, 10, 10],
  );
});
