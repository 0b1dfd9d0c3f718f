/** Thresholds, and k6's metrics as a result of loadtest/measure/result.py. Pure: tests run it with node. */

export const VERSION = "0.1.0"; // of Flotilla; a test compares it with the package
export const TRENDS = ["gap_ms", "lag_ms", "handshake_ms", "first_frame_ms", "arrivals_late_ms"];
export const COUNTERS = ["frames", "opened", "closes", "abnormal_closes", "decode_errors"];
export const FIGURES = ["count", "med", "p(95)", "p(99)", "max"]; // of each trend
export const CODES = [1000, 1001, 1006, 1009, 1011, 1012, 4001, 4002, 4003, 4004, 4005, 4500, 4501, 4504, "other"];
const UNMEASURED = {
  ...{ machine: {}, players: [], histograms: {}, errors: {}, refusals: {}, steps: [], freeze: spread() },
  ...{ input_to_visible: null, frame_age: null, reconnects: 0, reconnects_max: 0, gap_uncorrected: spread() },
};

/** What must hold for k6 itself. Otherwise a run proves nothing about the server. */
const GENERATOR = { lag_ms: ["p(99)<=10"], arrivals_late_ms: ["p(99)<=100"], dropped_iterations: ["count==0"] };

/** The objectives of loadtest/slo/ramp.toml: sentence, bound, figure and threshold. Of 1,000 joins one may fail. */
const objectives = ({ to }) => ({
  gap_ms: ["gap p99 at most 60 ms", 60, "p(99)", "p(99)<=60"],
  first_frame_ms: ["first frame p99 at most 1 s", 1000, "p(99)", "p(99)<=1000"],
  join_ok: ["every join succeeds", 1, "rate", to < 1000 ? "rate==1" : "rate>=0.999"],
  abnormal_closes: ["no socket closed", 0, "count", "count==0"],
  decode_errors: ["every frame decodes", 0, "count", "count==0"],
});

/** Returns all thresholds. k6 keeps a sub-metric only if it has one, so those that the result reads get an empty one. */
export function thresholds(plan) {
  const read = CODES.map((code) => [`closes{code:${code}}`, []]);
  const bounds = Object.entries(objectives(plan)).map(([name, figures]) => [name, figures.slice(3)]);
  return { ...Object.fromEntries([...read, ...bounds]), ...GENERATOR };
}

/** Returns a duration of what is due every `everyMs`, and the ones that a stall hid: of 200 ms also 150, 100 and 50. */
export function paced(ms, everyMs) {
  const hidden = Math.max(0, Math.floor(ms / everyMs) - 1);
  return Array.from({ length: 1 + hidden }, (_, n) => ms - n * everyMs);
}

/** Returns the whole result. What k6 cannot measure is null or empty, and its series is one stretch: the run. */
export function result({ metrics, state }, plan) {
  const count = (name) => metrics[name]?.values.count ?? 0;
  const times = (name) => spread(metrics[name]?.values);
  const { passes, fails } = metrics.join_ok?.values ?? { passes: 0, fails: 0 };
  const [seconds, dropped] = [state.testRunDurationMs / 1000, count("dropped_iterations")];
  const joins = passes + fails + dropped;
  const { url, protocol, inputs, to, holdS: hold_s, endS } = plan;
  const run = { scenario: "k6", generator: "k6", processes: 1, seed: 0, moment_s: endS, url, protocol, inputs, hold_s };
  const [gap, lag, arrivals_late] = ["gap_ms", "lag_ms", "arrivals_late_ms"].map(times);
  const begin = { t_s: 0, wanted: 0, open: 0, frames: 0, gap, cpu: null };
  const [opened, closes, frames, decode_errors] = ["opened", "closes", "frames", "decode_errors"].map(count);
  const end = { ...begin, t_s: endS, wanted: to, open: opened - closes, frames, failures: fails, closes };
  return {
    ...{ ...UNMEASURED, schema: 1, version: VERSION, seconds, interrupted: joins < to || seconds < endS },
    started_at: new Date(Date.now() - state.testRunDurationMs).toISOString(),
    plan: { ...run, points: [0, 1].map((share) => [share * (endS - hold_s), share * to]) },
    ...{ joins, joins_failed: fails, handshake: times("handshake_ms"), first_frame: times("first_frame_ms") },
    ...{ gap, decode_errors, bytes_received: count("data_received"), bytes_sent: count("data_sent") },
    closes: Object.fromEntries(CODES.map((code) => [code, count(`closes{code:${code}}`)]).filter(([, n]) => n > 0)),
    generator: { processes: 1, lag, cpu: null, cpu_max: null, arrivals_late, arrivals_dropped: dropped },
    ...{ series: [begin, { ...end, lag_p99_ms: lag.p99_ms }], verdict: verdict(metrics, plan) },
  };
}

/** Returns a spread. k6 keeps no distribution, so the shares over 60, 100 and 200 ms are what its percentiles prove. */
function spread({ count = 0, med: p50_ms = 0, "p(95)": p95_ms = 0, "p(99)": p99_ms = 0, max: max_ms = 0 } = {}) {
  const over = (ms) => (p50_ms > ms ? 0.5 : p95_ms > ms ? 0.05 : p99_ms > ms ? 0.01 : max_ms > ms ? 1 / count : 0);
  const shares = { over_60_ms: over(60), over_100_ms: over(100), over_200_ms: over(200) };
  return { count, p50_ms, p95_ms, p99_ms, max_ms, ...shares };
}

/** A broken threshold fails the run. A late k6 proves nothing about times, and passes nothing. */
function verdict(metrics, plan) {
  const late = Object.keys(GENERATOR).filter((name) => holds(metrics[name]) === false);
  let failed = false;
  const reasons = late.map((name) => `k6 did not keep up: ${name} broke ${GENERATOR[name].join()}.`);
  const checks = Object.entries(objectives(plan)).map(([name, [objective, bound, figure]]) => {
    const value = metrics[name]?.values[figure] ?? null;
    const ok = holds(metrics[name]) ?? (figure === "count" ? true : null);
    if (!ok) reasons.unshift(ok === null ? `Not measured: ${objective}.` : `Broken: ${objective}; it was ${value}.`);
    failed ||= ok === false && (late.length === 0 || !name.endsWith("_ms"));
    return { objective, value, bound, holds: ok };
  });
  const outcome = failed ? "fail" : reasons.length > 0 ? "inconclusive" : "pass";
  return { outcome, slo: "loadtest/k6/result.js", reasons, checks };
}

/** Returns whether the thresholds of a metric hold, or null if it has no sample. */
function holds({ type, values, thresholds: bounds = {} } = {}) {
  const seen = type !== undefined && (type !== "trend" || values.count > 0);
  return seen ? Object.values(bounds).every(({ ok }) => ok) : null;
}
