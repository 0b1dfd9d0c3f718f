/** Thresholds, and k6's metrics as a result of loadtest/measure/result.py. Pure: tests run it with node. */

export const VERSION = "0.1.0"; // of Flotilla; a test compares it with the package
export const TRENDS = ["gap", "gap_raw", "lag", "handshake", "first_frame", "freeze", "arrivals_late"].map(
  (of) => `${of}_ms`,
);
export const COUNTERS = ["late", "frames", "opened", "closes", "abnormal_closes", "join_failures", "decode_errors"];
export const LATE_MS = [60, 100, 200];
export const KINDS = ["refused", "timeout", "tls", "name", "protocol", "closed"]; // of failed joins
export const CODES = [1000, 1001, 1006, 1009, 1011, 1012, 4001, 4002, 4003, 4004, 4005, 4500, 4501, 4504, "other"];
const STATUSES = [400, 401, 403, 404, 429, 500, 502, 503, 504];
const IN_TIME = ["gap_ms", "lag_ms", "frames", "opened", "closes", "join_failures"]; // metrics with a series
const EXCUSE = ", but k6 was late itself";
const TIMED = ["gap_ms", "first_frame_ms"]; // objectives that a late k6 can break

/** What must hold of k6 itself: otherwise nothing is known about the server. */
const GENERATOR = { lag_ms: ["p(99)<=10"], arrivals_late_ms: ["p(99)<=100"], dropped_iterations: ["count==0"] };

/** The objectives of loadtest/slo/ramp.toml: sentence, bound, figure and threshold. Of 1,000 joins one may fail. */
const objectives = ({ to }) => ({
  gap_ms: ["gap p99 at most 60 ms", 60, "p(99)", "p(99)<=60"],
  first_frame_ms: ["first frame p99 at most 1 s", 1000, "p(99)", "p(99)<=1000"],
  join_ok: ["every join succeeds", 1, "rate", to < 1000 ? "rate==1" : "rate>=0.999"],
  abnormal_closes: ["no socket closed", 0, "count", "count==0"],
  decode_errors: ["every frame decodes", 0, "count", "count==0"],
});

/** Returns the run in pieces of 5 s or longer, at most 60, as [from, to] in seconds. The last one takes the rest. */
export function pieces({ endS }) {
  const every = Math.max(5, Math.ceil(endS / 60));
  const count = Math.max(1, Math.floor(endS / every));
  return Array.from({ length: count }, (_, at) => [at * every, at + 1 === count ? endS : (at + 1) * every]);
}

/** k6 keeps a sub-metric only if it has a threshold, so every one that the result reads gets an empty threshold. */
export function thresholds(plan) {
  const late = (name, tag = "") => LATE_MS.map((over) => `late{of:${name},over:${over}${tag}}`);
  const read = [
    ...pieces(plan).flatMap((_, at) => [...IN_TIME.map((name) => `${name}{at:${at}}`), ...late("gap_ms", `,at:${at}`)]),
    ...TRENDS.flatMap((name) => late(name)),
    ...CODES.map((code) => `closes{code:${code}}`),
    ...KINDS.map((kind) => `join_failures{kind:${kind}}`),
    ...STATUSES.map((status) => `ws_sessions{status:${status}}`),
  ].map((name) => [name, []]);
  const bounds = Object.entries(objectives(plan)).map(([name, [, , , bound]]) => [name, [bound]]);
  return { ...Object.fromEntries([...read, ...bounds]), ...GENERATOR };
}

/**
 * Returns a duration of what is due every `everyMs`, and the ones that a stall hid (coordinated omission): a stall of
 * 2 s hides 39 frames, for which the player waited 1.95 s, 1.9 s and so on.
 */
export function paced(ms, everyMs) {
  const hidden = Math.max(0, Math.floor(ms / everyMs) - 1);
  return Array.from({ length: 1 + hidden }, (_, n) => ms - n * everyMs);
}

/** Returns the whole result. What k6 cannot measure is null or empty. */
export function result({ metrics, state }, plan) {
  const count = (name) => metrics[name]?.values.count ?? 0;
  const seen = (keys, tag) => keys.map((key) => [key, count(`${tag}:${key}}`)]).filter(([, times]) => times > 0);
  const spread = (name, tag = "") => {
    const at = (figure) => metrics[tag ? `${name}{${tag}}` : name]?.values[figure] ?? 0;
    const share = (over) => count(`late{of:${name},over:${over}${tag && `,${tag}`}}`) / (at("count") || 1);
    const [p50_ms, p95_ms, p99_ms, max_ms] = ["med", "p(95)", "p(99)", "max"].map(at);
    const [over_60_ms, over_100_ms, over_200_ms] = LATE_MS.map(share);
    return { count: at("count"), p50_ms, p95_ms, p99_ms, max_ms, over_60_ms, over_100_ms, over_200_ms };
  };
  let open = 0;
  const series = pieces(plan).map(([from_s, t_s], at) => {
    const [frames, opened, closes, failures] = IN_TIME.slice(2).map((name) => count(`${name}{at:${at}}`));
    open += opened - closes;
    const wanted = Math.min(plan.to, Math.floor(t_s * plan.rate + 1e-9));
    const [gap, lag_p99_ms] = [spread("gap_ms", `at:${at}`), spread("lag_ms", `at:${at}`).p99_ms];
    const moment = { t_s, wanted, open, frames, gap, failures, closes, lag_p99_ms, cpu: null };
    return { moment, step: { from_s, to_s: t_s, players: open, gap, lag_p99_ms } };
  });
  const { passes, fails } = metrics.join_ok?.values ?? { passes: 0, fails: 0 };
  const [seconds, dropped] = [state.testRunDurationMs / 1000, count("dropped_iterations")];
  const joins = passes + fails + dropped;
  const { url, protocol, inputs, to, rampS, holdS: hold_s } = plan;
  const points = [[0, 0], [rampS, to]]; // prettier-ignore
  const usual = { scenario: "k6", generator: "k6", processes: 1, seed: 0, moment_s: pieces(plan)[0][1] };
  const decode_errors = count("decode_errors");
  const late = { arrivals_late: spread("arrivals_late_ms"), arrivals_dropped: dropped };
  const started_at = new Date(Date.now() - state.testRunDurationMs).toISOString();
  return {
    ...{ schema: 1, version: VERSION, started_at, seconds, interrupted: joins < to || seconds < plan.endS },
    ...{ plan: { ...usual, url, protocol, inputs, points, hold_s }, machine: {}, players: [], histograms: {} },
    ...{ joins, joins_failed: fails, handshake: spread("handshake_ms"), first_frame: spread("first_frame_ms") },
    ...{ gap: spread("gap_ms"), gap_uncorrected: spread("gap_raw_ms"), freeze: spread("freeze_ms") },
    ...{ input_to_visible: null, frame_age: null, reconnects: 0, reconnects_max: 0 },
    ...{ bytes_received: count("data_received"), bytes_sent: count("data_sent"), decode_errors },
    closes: Object.fromEntries(seen(CODES, "closes{code")),
    errors: Object.fromEntries(seen(KINDS, "join_failures{kind")),
    refusals: Object.fromEntries(seen(STATUSES, "ws_sessions{status")),
    generator: { processes: 1, lag: spread("lag_ms"), cpu: null, cpu_max: null, ...late },
    ...{
      series: series.map(({ moment }) => moment),
      steps: series.map(({ step }) => step),
      verdict: verdict(metrics, plan),
    },
  };
}

/** A broken threshold fails the run. One on times proves nothing while k6 itself was late. */
function verdict(metrics, plan) {
  const late = Object.keys(GENERATOR).filter((name) => holds(metrics[name]) === false);
  const reasons = late.map((name) => `k6 did not keep up: ${name} broke ${GENERATOR[name].join()}.`);
  let failed = false;
  const checks = Object.entries(objectives(plan)).map(([name, [objective, bound, figure]]) => {
    const ok = holds(metrics[name]) ?? (figure === "count" ? true : null);
    const [value, excused] = [metrics[name]?.values[figure] ?? null, late.length > 0 && TIMED.includes(name)];
    const detail = ok === false ? String(Math.round(value * 1000) / 1000) : "";
    if (ok === null) reasons.unshift(`Not measured: ${objective}.`);
    if (ok === false) reasons.unshift(`Broken: ${objective}; it was ${detail}${excused ? EXCUSE : ""}.`);
    failed ||= ok === false && !excused;
    return { objective, value, bound, holds: ok, detail };
  });
  const outcome = failed ? "fail" : reasons.length > 0 ? "inconclusive" : "pass";
  if (outcome === "pass") reasons.push(`All ${checks.length} thresholds held.`);
  return { outcome, slo: "loadtest/k6/result.js", reasons, checks };
}

/** Returns whether the thresholds of a metric hold, or null if it has no sample. */
function holds(metric) {
  const bounds = Object.values(metric?.thresholds ?? {});
  const seen = metric !== undefined && (metric.type !== "trend" || metric.values.count > 0);
  return bounds.length > 0 && seen ? bounds.every(({ ok }) => ok) : null;
}
