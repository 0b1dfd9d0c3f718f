/**
 * What k6 found as a result of loadtest/measure/result.py, so that the same report draws it. What k6 cannot know is empty or
 * null: single players, its own processor time, the server's word, how old a frame is. Pure: also node runs it.
 */
import { CODES, KINDS, LATE_MS, OTHER, STATUSES } from "./names.js";
import { lengthS, rampS } from "./settings.js";
import { steps, stretches, wanted } from "./stretches.js";
import { GENERATOR } from "./thresholds.js";

export const SCHEMA = 1; // of loadtest/measure/result.py
export const VERSION = "0.1.0"; // of Flotilla; a test holds them together
export const TREND_STATS = ["count", "med", "p(95)", "p(99)", "max"];

const OBJECTIVES = {
  gap_ms: ["gap p99 at most 60 ms", 60, "p(99)"],
  first_frame_ms: ["first frame p99 at most 1 s", 1000, "p(99)"],
  join_ok: ["every join succeeds", 1, "rate"],
  abnormal_closes: ["no socket closed", 0, "count"],
  decode_errors: ["every frame decodes", 0, "count"],
};

const TIMED = new Set(Object.values(OBJECTIVES).flatMap(([title, , figure]) => (figure === "p(99)" ? [title] : [])));

/** The whole result. */
export function result(data, plan) {
  const found = new Figures(data.metrics);
  const joins = found.rate("join_ok");
  const dropped = found.count("dropped_iterations");
  const seconds = data.state.testRunDurationMs / 1000;
  return {
    schema: SCHEMA,
    version: VERSION,
    started_at: new Date(Date.now() - data.state.testRunDurationMs).toISOString(),
    seconds,
    interrupted: joins.passes + joins.fails + dropped < plan.to || seconds < lengthS(plan),
    plan: planned(plan),
    machine: {},
    players: [],
    joins: joins.passes + joins.fails + dropped,
    joins_failed: joins.fails,
    handshake: found.spread("handshake_ms"),
    first_frame: found.spread("first_frame_ms"),
    gap: found.spread("gap_ms"),
    gap_uncorrected: found.spread("gap_raw_ms"),
    freeze: found.spread("freeze_ms"),
    input_to_visible: null,
    frame_age: null,
    histograms: {},
    bytes_received: found.count("data_received"),
    bytes_sent: found.count("data_sent"),
    closes: found.counts([...CODES, OTHER], (code) => `closes{code:${code}}`),
    refusals: found.counts(STATUSES, (status) => `ws_sessions{status:${status}}`),
    errors: found.counts([...KINDS, OTHER], (kind) => `join_failures{kind:${kind}}`),
    decode_errors: found.count("decode_errors"),
    reconnects: 0,
    reconnects_max: 0,
    generator: {
      processes: 1,
      lag: found.spread("lag_ms"),
      cpu: null,
      cpu_max: null,
      arrivals_late: found.spread("arrivals_late_ms"),
      arrivals_dropped: dropped,
    },
    series: moments(found, plan),
    steps: stepped(found, plan),
    verdict: verdict(data.metrics),
  };
}

/** The result for a person at a terminal. */
export function told(found) {
  const { gap, gap_uncorrected: raw, first_frame: first, generator, verdict } = found;
  return [
    "",
    `  ${found.joins} players, ${found.joins_failed} did not come in, closes ${JSON.stringify(found.closes)}`,
    `  gap          p50 ${ms(gap.p50_ms)}  p99 ${ms(gap.p99_ms)}  max ${ms(gap.max_ms)}  (as seen: p99 ${ms(raw.p99_ms)})`,
    `  first frame  p50 ${ms(first.p50_ms)}  p99 ${ms(first.p99_ms)}`,
    `  k6 itself    late by p99 ${ms(generator.lag.p99_ms)}, ${generator.arrivals_dropped} arrivals dropped`,
    "",
    `  ${verdict.outcome.toUpperCase()}`,
    ...verdict.reasons.map((reason) => `  ${reason}`),
    "",
  ].join("\n");
}

/** k6's metrics by name; what was never seen is zero. */
class Figures {
  #metrics;

  constructor(metrics) {
    this.#metrics = metrics;
  }

  count(name) {
    return this.#metrics[name]?.values.count ?? 0;
  }

  rate(name) {
    return this.#metrics[name]?.values ?? { passes: 0, fails: 0 };
  }

  counts(values, nameOf) {
    const pairs = values.map((value) => [String(value), this.count(nameOf(value))]);
    return Object.fromEntries(pairs.filter(([, count]) => count > 0));
  }

  spread(name, tag = "") {
    const values = this.#metrics[tag ? `${name}{${tag}}` : name]?.values;
    const count = values?.count ?? 0;
    const [p50, p95, p99, max] = count ? [values.med, values["p(95)"], values["p(99)"], values.max] : [0, 0, 0, 0];
    const over = LATE_MS.map((limit) => this.#over(name, limit, tag) / (count || 1));
    return {
      count,
      p50_ms: p50,
      p95_ms: p95,
      p99_ms: p99,
      max_ms: max,
      over_60_ms: over[0],
      over_100_ms: over[1],
      over_200_ms: over[2],
    };
  }

  #over(name, limit, tag) {
    return this.count(`late{of:${name},over:${limit}${tag ? `,${tag}` : ""}}`);
  }
}

function planned(plan) {
  return {
    scenario: "k6",
    url: plan.url,
    protocol: plan.protocol,
    inputs: plan.inputsPerS === null ? "people" : `${plan.inputsPerS}/s`,
    points: [
      [0, 0],
      [rampS(plan), plan.to],
    ],
    hold_s: plan.holdS,
    processes: 1,
    seed: 0,
    generator: "k6",
    moment_s: stretches(plan)[0][1],
  };
}

function moments(found, plan) {
  let open = 0;
  return stretches(plan).map(([, to], index) => {
    const tag = `at:${index}`;
    open += found.count(`opened{${tag}}`) - found.count(`closes{${tag}}`);
    return {
      t_s: to,
      wanted: wanted(plan, to),
      open,
      frames: found.count(`gap_ms{${tag}}`) - found.count(`omitted{${tag}}`) + found.count(`first_frames{${tag}}`),
      gap: found.spread("gap_ms", tag),
      failures: found.count(`join_failures{${tag}}`),
      closes: found.count(`closes{${tag}}`),
      lag_p99_ms: found.spread("lag_ms", tag).p99_ms,
      cpu: null,
    };
  });
}

function stepped(found, plan) {
  const pieces = steps(plan);
  let open = 0;
  return pieces.map(([from, to], index) => {
    const tag = `step:${index}`;
    open += found.count(`opened{${tag}}`) - found.count(`closes{${tag}}`);
    const lag = found.spread("lag_ms", tag).p99_ms;
    return { from_s: from, to_s: to, players: open, gap: found.spread("gap_ms", tag), lag_p99_ms: lag };
  });
}

/** What k6's thresholds say: a broken one fails, but one that takes time proves nothing while k6 itself was late. */
function verdict(metrics) {
  const checks = Object.entries(OBJECTIVES).map(([name, objective]) => checked(metrics[name], objective));
  const late = Object.keys(GENERATOR).filter((name) => holds(metrics[name]) === false);
  const excused = (check) => late.length > 0 && TIMED.has(check.objective);
  const broken = checks.filter((check) => check.holds === false);
  const reasons = [
    ...broken.map((check) => `Broken: ${found(check)}${excused(check) ? ", but k6 was late itself" : ""}.`),
    ...checks.filter((check) => check.holds === null).map((check) => `Not measured: ${check.objective}.`),
    ...late.map((name) => `k6 did not keep up: ${name} broke ${GENERATOR[name].join()}.`),
  ];
  const failed = broken.some((check) => !excused(check));
  const outcome = failed ? "fail" : reasons.length > 0 ? "inconclusive" : "pass";
  if (outcome === "pass") reasons.push(`All ${checks.length} thresholds held.`);
  return { outcome, slo: "loadtest/k6/thresholds.js", reasons, checks };
}

function found(check) {
  return `${check.objective}; it was ${check.detail}`;
}

function checked(metric, [objective, bound, figure]) {
  const ok = holds(metric);
  if (ok === null) return { objective, value: null, bound, holds: figure === "count" ? true : null };
  const value = metric.values[figure];
  return { objective, value, bound, holds: ok, detail: ok ? "" : String(Math.round(value * 1000) / 1000) };
}

/** Whether the thresholds of a metric hold; null if it was never seen. */
function holds(metric) {
  const found = Object.values(metric?.thresholds ?? {});
  const seen = metric !== undefined && (metric.type !== "trend" || metric.values.count > 0);
  return found.length && seen ? found.every((one) => one.ok) : null;
}

function ms(value) {
  return `${value.toFixed(1)} ms`;
}
