/**
 * The ramp of `python -m loadtest ramp`, made and measured by k6:
 *
 *   k6 run loadtest/k6/ramp.js -e URL=ws://127.0.0.1:8000/ws/game/ [-e PROTOCOL=v1|json] [-e RATE=1] [-e TO=90]
 *     [-e HOLD=0] [-e INPUTS=people|20] [-e ORIGIN=https://…] [-e OUT=result.json] [-e I_OWN_THIS_TARGET=1]
 *
 * An open model: a slow server does not delay arrivals. Each arrival is one iteration with one socket, which lasts until
 * the run ends. A player whose socket closes does not reconnect. Exit code 99: a threshold is broken.
 */
/* global __ENV, clearTimeout, setTimeout */
import exec from "k6/execution";
import { Counter, Rate, Trend } from "k6/metrics";
import { WebSocket } from "k6/websockets";
import { Tutorial, V1 } from "./protocol.js";
import { CODES, COUNTERS, LATE_MS, TRENDS, paced, pieces, result, thresholds } from "./result.js";

const LOCAL = "ws://127.0.0.1:8000/ws/game/";
const TICK_MS = 50;
const PROTOCOLS = { json: Tutorial, v1: V1 };
const LAG_EVERY = 4; // turns between two samples of k6's lag: a sample for every frame would make k6 late
const LATE_GAP_MS = 60; // a gap that is open at the end counts if it is longer

const [plan, refusal] = planOf(__ENV);
const parts = refusal ? [] : pieces(plan).map(([, toS], at) => ({ toMs: toS * 1000, tags: { at: String(at) } }));
const trends = Object.fromEntries(TRENDS.map((name) => [name, new Trend(name)]));
const counters = Object.fromEntries(COUNTERS.map((name) => [name, new Counter(name)]));
const joinOk = new Rate("join_ok");

const summaryTrendStats = ["count", "med", "p(95)", "p(99)", "max"];
const load = () => ({ scenarios: { ramp: arrivals() }, thresholds: thresholds(plan), summaryTrendStats });
export const options = refusal ? {} : load();

export function setup() {
  if (refusal) exec.test.abort(refusal); // an exception would print a stack
}

export default function ramp() {
  const number = exec.scenario.iterationInTest;
  if (number < plan.to) play((number / plan.rate) * 1000);
}

export function handleSummary(data) {
  if (refusal) return {};
  const found = result(data, plan);
  const { outcome, reasons } = found.verdict;
  const lines = [`gap p99 ${found.gap.p99_ms.toFixed(1)} ms`, outcome.toUpperCase(), ...reasons];
  return { stdout: `\n  ${lines.join("\n  ")}\n`, [plan.out]: `${JSON.stringify(found, null, 1)}\n` };
}

/** Plays one player. `dueMs` is when the schedule wants it; times are milliseconds since the ramp began. */
function play(dueMs) {
  const startMs = exec.scenario.startTime;
  const aheadMs = exec.instance.currentTestRunDuration - (Date.now() - startMs); // of k6's clock, which has fractions
  const now = () => exec.instance.currentTestRunDuration - aheadMs;
  const piece = () => (parts.find(({ toMs }) => now() < toMs) ?? parts.at(-1)).tags;
  const [endMs, turnMs] = [plan.endS * 1000, plan.inputsPerS === null ? TICK_MS : 1000 / plan.inputsPerS];
  let held = { heading: Math.floor(Math.random() * 256), thrusting: false };
  let [state, failure, framedMs, longestMs, steering] = ["connecting", "timeout", null, 0, null];

  record("arrivals_late_ms", now() - dueMs);
  const Protocol = PROTOCOLS[plan.protocol];
  const headers = plan.origin ? { Origin: plan.origin } : {};
  const socket = new WebSocket(plan.url, Protocol.subprotocols, { headers });
  const protocol = new Protocol((message) => {
    if (socket.readyState === 1) socket.send(typeof message === "string" ? message : message.buffer);
  });
  socket.binaryType = "arraybuffer";
  socket.onopen = ({ timestamp }) => {
    if (state === "over") return socket.close();
    state = "open";
    counters.opened.add(1, piece());
    record("handshake_ms", timestamp - startMs - dueMs);
    protocol.greet();
    steering = setTimeout(() => steer(now(), 0), turnMs);
  };
  socket.onmessage = ({ data, timestamp }) => {
    if (state === "over") return;
    try {
      if (protocol.take(data, held)) framed(timestamp - startMs);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error; // a Refusal, or JSON.parse's own
      counters.decode_errors.add(1);
    }
  };
  socket.onerror = ({ error }) => {
    if (state === "connecting") failure = kindOf(String(error));
  };
  socket.onclose = ({ code = 1006 }) => {
    if (state === "open") {
      failure = "closed";
      counters.closes.add(1, { ...piece(), code: CODES.includes(code) ? String(code) : "other" });
      if (!protocol.goodbye || ![1012, 4001].includes(code)) counters.abnormal_closes.add(1);
    }
    end();
  };
  const leaving = setTimeout(() => {
    if (framedMs !== null && endMs - framedMs > LATE_GAP_MS) gap(endMs - framedMs);
    if (socket.readyState === 1) socket.close(); // before the handshake is complete, k6 would block in close()
    end();
  }, endMs - now());

  function steer(deadlineMs, turn) {
    if (turn % LAG_EVERY === 1) record("lag_ms", now() - deadlineMs, piece(), LAG_EVERY * turnMs);
    const before = held;
    held = moved(held);
    const changed = held.heading !== before.heading || held.thrusting !== before.thrusting;
    if (changed || plan.inputsPerS !== null) protocol.steer(held);
    const nextMs = Math.max(deadlineMs + turnMs, now());
    steering = setTimeout(() => steer(nextMs, turn + 1), nextMs - now());
  }

  function framed(atMs) {
    const [sinceMs, first] = [atMs - (framedMs ?? dueMs), framedMs === null];
    framedMs = atMs;
    counters.frames.add(1, piece());
    record(first ? "first_frame_ms" : "gap_raw_ms", sinceMs);
    if (first) joinOk.add(true);
    else gap(sinceMs);
  }

  function gap(ms) {
    longestMs = Math.max(longestMs, ms);
    record("gap_ms", ms, piece(), TICK_MS);
  }

  function end() {
    if (state === "over") return;
    state = "over";
    clearTimeout(steering);
    clearTimeout(leaving);
    if (longestMs > 0) record("freeze_ms", longestMs);
    if (framedMs !== null) return;
    joinOk.add(false);
    counters.join_failures.add(1, { ...piece(), kind: failure });
  }
}

/** Adds a duration, and if something is due every `everyMs`, the ones that it hid. */
function record(name, ms, tags = {}, everyMs = Number.MAX_VALUE) {
  for (const waited of paced(Math.max(0, ms), everyMs)) {
    trends[name].add(waited, tags);
    for (const over of LATE_MS) if (waited > over) counters.late.add(1, { ...tags, of: name, over: String(over) });
  }
}

/** One tick of a hand like a person's: about five changes a second, thrust a third of the time. */
function moved({ heading, thrusting }) {
  const turned = Math.random() < 0.22 ? (heading + (Math.random() - 0.5) * 64) & 255 : heading;
  return { heading: turned, thrusting: Math.random() < (thrusting ? 0.06 : 0.03) ? !thrusting : thrusting };
}

/** Returns one of KINDS for the text of k6's error. */
function kindOf(error) {
  const kinds = { tls: /x509|tls|certificate/i, name: /no such host|lookup/i, timeout: /timeout|deadline/i };
  const found = Object.entries({ ...kinds, refused: /refused|reset|bad handshake|EOF|unreachable/i });
  return found.find(([, pattern]) => pattern.test(error))?.[0] ?? "protocol";
}

function arrivals() {
  const seconds = Math.max(1, plan.rampS); // k6's shortest; arrivals beyond TO do nothing
  const players = Math.floor(seconds * plan.rate) + 1; // a rate over a time has an arrival at both its ends
  return {
    executor: "constant-arrival-rate",
    ...{ rate: Math.round(plan.rate * 1000), timeUnit: "1000s", duration: `${Math.round(seconds * 1000)}ms` },
    ...{ preAllocatedVUs: players, maxVUs: players, gracefulStop: `${Math.ceil(plan.endS) + 10}s` },
  };
}

/** Returns the settings, and the first sentence against them if there is one. */
function planOf({ URL: url = LOCAL, PROTOCOL: protocol = "v1", INPUTS: inputs = "people", ORIGIN: origin, ...rest }) {
  const refusals = [];
  const check = (fine, sentence) => fine || refusals.push(sentence);
  const number = (name, text, least, most) => {
    const fine = String(text).trim() !== "" && text >= least && text <= most;
    check(fine, `${name} must be a number from ${least} to ${most}, not ${text}.`);
    return Number(text);
  };
  const host = /^wss?:\/\/(\[[0-9a-fA-F:]+\]|[^/:?#@[\]\s]+)(:\d+)?([/?][^#\s]*)?$/.exec(url)?.[1];
  const own = rest.I_OWN_THIS_TARGET === "1" || /^(127(\.\d{1,3}){3}|localhost|\[::1\])$/.test(host);
  check(host, `URL must be like ws://host:port/ws/game/ or wss://…, not ${url}.`);
  check(own, `${host} is another machine: add -e I_OWN_THIS_TARGET=1 if you may put load on it.`);
  check(PROTOCOLS[protocol], `PROTOCOL must be json or v1, not ${protocol}.`);
  const [rate, to] = [number("RATE", rest.RATE ?? 1, 0.01, 200), Math.round(number("TO", rest.TO ?? 90, 1, 2000))];
  const [rampS, holdS] = [to / rate, number("HOLD", rest.HOLD ?? 0, 0, 3600)];
  check(rampS <= 3600, "A ramp takes at most 3600 s: raise RATE.");
  const inputsPerS = inputs === "people" ? null : number("INPUTS", inputs.replace(/\/s$/, ""), 0.1, 60);
  const times = { rate, to, holdS, rampS, endS: rampS + holdS };
  return [{ url, protocol, inputs, inputsPerS, origin, out: rest.OUT ?? "result.json", ...times }, refusals[0]];
}
