/** loadtest/k6/result.js: what is counted, what must hold, and the verdict. */
import assert from "node:assert/strict";
import test from "node:test";
import { paced, result, thresholds } from "../../../loadtest/k6/result.js";

const PLAN = { to: 10, rate: 2, holdS: 5, endS: 10 };

const trend = (p99, ok, count = 100) => ({
  type: "trend",
  values: { count, med: p99 / 2, "p(95)": p99, "p(99)": p99, max: p99 },
  thresholds: { "p(99)<=x": { ok } },
});
const counter = (count, ok) => ({ type: "counter", values: { count }, thresholds: { "count==0": { ok } } });

function found(changes) {
  const metrics = {
    gap_ms: trend(52, true),
    first_frame_ms: trend(90, true),
    lag_ms: trend(2, true),
    arrivals_late_ms: trend(3, true),
    join_ok: { type: "rate", values: { rate: 1, passes: 10, fails: 0 }, thresholds: { "rate==1": { ok: true } } },
    ...changes,
  };
  return result({ metrics, state: { testRunDurationMs: 10_000 } }, PLAN);
}

test("a stall counts for every frame that it hid", () => {
  assert.deepEqual(paced(50, Number.MAX_VALUE), [50]); // nothing is due
  assert.deepEqual(paced(50, 50), [50]);
  assert.deepEqual(paced(99.9, 50), [99.9]);
  assert.deepEqual(paced(200, 50), [200, 150, 100, 50]);
  assert.equal(paced(2000, 50).length, 40);
});

test("the thresholds are the objectives of ramp.toml, and three for k6 itself", () => {
  const bounds = Object.entries(thresholds(PLAN)).filter(([, bound]) => bound.length > 0);
  assert.deepEqual(Object.fromEntries(bounds), {
    gap_ms: ["p(99)<=60"],
    first_frame_ms: ["p(99)<=1000"],
    join_ok: ["rate==1"],
    abnormal_closes: ["count==0"],
    decode_errors: ["count==0"],
    lag_ms: ["p(99)<=10"],
    arrivals_late_ms: ["p(99)<=100"],
    dropped_iterations: ["count==0"],
  });
});

test("one failed join in a thousand is allowed, in fewer joins none", () => {
  assert.deepEqual(thresholds({ ...PLAN, to: 999 }).join_ok, ["rate==1"]);
  assert.deepEqual(thresholds({ ...PLAN, to: 1000 }).join_ok, ["rate>=0.999"]);
});

function judged(title, changes, outcome, ...reasons) {
  test(title, () => {
    const { verdict } = found(changes);
    assert.deepEqual([verdict.outcome, verdict.reasons], [outcome, reasons]);
  });
}

const [SLOW, LATE] = [{ gap_ms: trend(81, false) }, { lag_ms: trend(30, false) }];
const BROKEN = "Broken: gap p99 at most 60 ms; it was 81";
const NOT_KEPT_UP = "k6 did not keep up: lag_ms broke p(99)<=10.";
const CLOSED = { abnormal_closes: counter(3, false), ...LATE };

judged("a run within its bounds passes", {}, "pass");
judged("late frames fail, and the reason names them", SLOW, "fail", `${BROKEN}.`);
judged("late frames prove nothing while k6 was late", { ...SLOW, ...LATE }, "inconclusive", `${BROKEN}.`, NOT_KEPT_UP);
judged("a close fails, however late k6 was", CLOSED, "fail", "Broken: no socket closed; it was 3.", NOT_KEPT_UP);
judged("good figures of a late k6 prove nothing either", LATE, "inconclusive", NOT_KEPT_UP);
judged(
  "a run without a frame does not pass",
  { gap_ms: trend(0, true, 0) },
  "inconclusive",
  "Not measured: gap p99 at most 60 ms.",
);

test("players count as connected until the server or the network closes their sockets", () => {
  const { series } = found({ opened: counter(10), closes: counter(3) });
  assert.deepEqual(
    series.map(({ t_s, wanted, open, closes = 0 }) => [t_s, wanted, open, closes]),
    [
      [0, 0, 0, 0],
      [10, 10, 7, 3],
    ],
  );
});

test("shares of late gaps are what the percentiles prove", () => {
  const { gap } = found({ gap_ms: trend(81, false) });
  assert.deepEqual([gap.over_60_ms, gap.over_100_ms], [0.05, 0]); // p95 is 81 ms as well
});
