/** loadtest/k6/paced.js, thresholds.js and summary.js: what is counted, what must hold, and what that means. */
import assert from "node:assert/strict";
import test from "node:test";
import { paced } from "../../../loadtest/k6/paced.js";
import { settings } from "../../../loadtest/k6/settings.js";
import { result, told } from "../../../loadtest/k6/summary.js";
import { budget, thresholds } from "../../../loadtest/k6/thresholds.js";

const PLAN = settings({ TO: "10", RATE: "2", HOLD: "5" });

const trend = (p99, ok, count = 100) => ({
  type: "trend",
  values: { count, med: p99 / 2, "p(95)": p99, "p(99)": p99, max: p99 },
  thresholds: { "p(99)<=x": { ok } },
});
const counter = (count, ok) => ({ type: "counter", values: { count }, thresholds: { "count==0": { ok } } });

function metrics(changes = {}) {
  return {
    gap_ms: trend(52, true),
    first_frame_ms: trend(90, true),
    lag_ms: trend(2, true),
    arrivals_late_ms: trend(3, true),
    join_ok: { type: "rate", values: { rate: 1, passes: 10, fails: 0 }, thresholds: { "rate==1": { ok: true } } },
    ...changes,
  };
}

function verdict(changes) {
  return result({ metrics: metrics(changes), state: { testRunDurationMs: 10_000 } }, PLAN).verdict;
}

test("a stall counts for every frame that it hid", () => {
  assert.deepEqual(paced(50, 50), [50]);
  assert.deepEqual(paced(99.9, 50), [99.9]);
  assert.deepEqual(paced(200, 50), [200, 150, 100, 50]);
  assert.equal(paced(2000, 50).length, 40);
});

test("every threshold of the budget is one that k6 is told", () => {
  const said = thresholds(PLAN);
  for (const [name, bounds] of Object.entries(budget(PLAN))) assert.deepEqual(said[name], bounds);
});

test("a failed join in a thousand is allowed, in fewer joins it is not", () => {
  assert.deepEqual(budget({ ...PLAN, to: 999 }).join_ok, ["rate==1"]);
  assert.deepEqual(budget({ ...PLAN, to: 1000 }).join_ok, ["rate>=0.999"]);
});

test("a run within its budget passes", () => {
  const found = verdict({});
  assert.deepEqual([found.outcome, found.reasons], ["pass", ["All 5 thresholds held."]]);
});

test("late frames fail, and the reason names them", () => {
  const found = verdict({ gap_ms: trend(81, false) });
  assert.equal(found.outcome, "fail");
  assert.deepEqual(found.reasons, ["Broken: gap p99 at most 60 ms; it was 81."]);
});

test("late frames prove nothing while k6 was late itself", () => {
  const found = verdict({ gap_ms: trend(81, false), lag_ms: trend(30, false) });
  assert.equal(found.outcome, "inconclusive");
  assert.deepEqual(found.reasons, [
    "Broken: gap p99 at most 60 ms; it was 81, but k6 was late itself.",
    "k6 did not keep up: lag_ms broke p(99)<=10.",
  ]);
});

test("who is thrown out is thrown out, however late k6 was", () => {
  assert.equal(verdict({ abnormal_closes: counter(3, false), lag_ms: trend(30, false) }).outcome, "fail");
});

test("a late k6 whose figures are good proves nothing either", () => {
  assert.equal(verdict({ lag_ms: trend(30, false) }).outcome, "inconclusive");
});

test("a run without a frame is no pass", () => {
  assert.equal(verdict({ gap_ms: trend(0, true, 0) }).outcome, "inconclusive");
});

test("what a person reads says the outcome and why", () => {
  const text = told(result({ metrics: metrics({ gap_ms: trend(81, false) }), state: { testRunDurationMs: 1 } }, PLAN));
  assert.match(text, /FAIL\n {2}Broken: gap p99 at most 60 ms; it was 81\./);
});

test("players are counted as connected until the server or the network ends them", () => {
  const seen = { "opened{at:0}": counter(9), "opened{at:1}": counter(1), "closes{at:1}": counter(3) };
  const found = result({ metrics: metrics(seen), state: { testRunDurationMs: 10_000 } }, PLAN);
  assert.deepEqual(
    found.series.map(({ t_s, wanted, open, closes }) => [t_s, wanted, open, closes]),
    [
      [5, 10, 9, 0],
      [10, 10, 7, 3],
    ],
  );
});
