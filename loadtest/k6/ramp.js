/**
 * The ramp of `python -m loadtest ramp`, made and measured by k6; docs/k6.md has the options.
 * An open model: a slow server does not delay arrivals. Each arrival is one iteration with one socket, which lasts until
 * the run ends. A player whose socket closes does not reconnect. Exit code 99: a threshold is broken.
 */
/* global __ENV, clearTimeout, setTimeout */
import exec from "k6/execution";
import { Counter, Rate, Trend } from "k6/metrics";
import { WebSocket } from "k6/websockets";
import { Tutorial, V1 } from "./protocol.js";
import { CODES, COUNTERS, FIGURES, TRENDS, paced, result, thresholds } from "./result.js";

const [TICK_MS, LATE_GAP_MS] = [50, 60]; // a gap that is open at the end counts if it is late
const PROTOCOLS = { json: Tutorial, v1: V1 };
const NUMBERS = { RATE: [0.01, 200], TO: [1, 2000], HOLD: [0, 3600], INPUTS: [0.1, 60] };
const USUAL = { URL: "ws://127.0.0.1:8000/ws/game/", PROTOCOL: "v1", RATE: 1, TO: 90, HOLD: 0, INPUTS: 5 };
const settings = { ...USUAL, OUT: "result.json", ...__ENV };
const [refusal, plan] = [refusalOf(settings), planOf(settings)];
const trends = Object.fromEntries(TRENDS.map((name) => [name, new Trend(name)]));
const counters = Object.fromEntries(COUNTERS.map((name) => [name, new Counter(name)]));
const joinOk = new Rate("join_ok");
const now = (at = Date.now()) => at - exec.scenario.startTime; // every time is in milliseconds since the ramp began

export const options = refusal ? {} : load();

export const setup = () => refusal && exec.test.abort(refusal); // an exception would print a stack

export default function ramp() {
  const number = exec.scenario.iterationInTest;
  if (number < plan.to) play((number / plan.rate) * 1000);
}

export function handleSummary(data) {
  if (refusal) return {};
  const found = result(data, plan);
  const lines = [`gap p99 ${found.gap.p99_ms.toFixed(1)} ms`, found.verdict.outcome, ...found.verdict.reasons];
  return { stdout: `\n  ${lines.join("\n  ")}\n`, [plan.out]: `${JSON.stringify(found, null, 1)}\n` };
}

/** Plays one player. `dueMs` is when the schedule wants it. */
function play(dueMs) {
  record("arrivals_late_ms", now() - dueMs);
  const Protocol = PROTOCOLS[plan.protocol];
  const socket = new WebSocket(plan.url, Protocol.subprotocols, { headers: plan.headers });
  const protocol = new Protocol((message) => socket.readyState === 1 && socket.send(message));
  let [state, framedMs] = ["connecting", null];
  socket.binaryType = "arraybuffer";
  socket.onopen = ({ timestamp }) => {
    if (state === "over") return socket.close();
    state = "open";
    counters.opened.add(1);
    record("handshake_ms", now(timestamp) - dueMs);
    protocol.greet?.();
    steer(socket, protocol, now() + plan.turnMs);
  };
  socket.onmessage = ({ data, timestamp }) => {
    try {
      if (state === "over" || !protocol.take(data)) return;
      if (framedMs === null) record("first_frame_ms", now(timestamp) - dueMs);
      else record("gap_ms", now(timestamp) - framedMs, TICK_MS);
      framedMs = now(timestamp);
      counters.frames.add(1);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      counters.decode_errors.add(1);
    }
  };
  socket.onclose = ({ code = 1006 }) => {
    if (state === "open") {
      counters.closes.add(1, { code: CODES.includes(code) ? String(code) : "other" });
      if (!protocol.goodbye || ![1012, 4001].includes(code)) counters.abnormal_closes.add(1);
    }
    end();
  };
  const leaving = setTimeout(
    () => {
      if (framedMs !== null && now() - framedMs > LATE_GAP_MS) record("gap_ms", now() - framedMs, TICK_MS);
      if (socket.readyState === 1) socket.close(); // before the handshake is complete, k6 would block in close()
      end();
    },
    plan.endS * 1000 - now(),
  );

  function end() {
    if (state !== "over") joinOk.add(framedMs !== null);
    state = "over";
    clearTimeout(leaving);
  }
}

/** Sends inputs from `atMs` on, until the socket closes. */
function steer(socket, protocol, atMs) {
  setTimeout(() => {
    if (socket.readyState !== 1) return;
    record("lag_ms", now() - atMs, plan.turnMs);
    protocol.steer(Math.floor(Math.random() * 256), Math.random() < 0.33);
    steer(socket, protocol, Math.max(atMs + plan.turnMs, now()));
  }, atMs - now());
}

/** Adds a duration, and if something is due every `everyMs`, the ones that it hid (coordinated omission). */
function record(name, ms, everyMs = Number.MAX_VALUE) {
  for (const waited of paced(Math.max(0, ms), everyMs)) trends[name].add(waited);
}

function load() {
  const seconds = Math.max(1, plan.to / plan.rate); // k6's shortest; arrivals beyond TO do nothing
  const maxVUs = Math.floor(seconds * plan.rate) + 1; // a rate over a time has an arrival at both its ends
  const [rate, duration] = [Math.round(plan.rate * 1000), `${Math.round(seconds * 1000)}ms`];
  const vus = { preAllocatedVUs: maxVUs, maxVUs, gracefulStop: `${Math.ceil(plan.endS) + 10}s` };
  const ramp = { executor: "constant-arrival-rate", rate, timeUnit: "1000s", duration, ...vus };
  return { scenarios: { ramp }, thresholds: thresholds(plan), summaryTrendStats: FIGURES };
}

function planOf({ URL: url, PROTOCOL: protocol, ORIGIN, OUT: out, ...texts }) {
  const [rate, to, holdS, inputs] = Object.keys(NUMBERS).map((name) => Number(texts[name]));
  const times = { to: Math.round(to), rate, holdS, endS: to / rate + holdS, turnMs: 1000 / inputs };
  return { url, protocol, out, headers: ORIGIN ? { Origin: ORIGIN } : {}, inputs: `${inputs}/s`, ...times };
}

/** Returns the first sentence against the settings, if there is one. */
function refusalOf({ URL: url, PROTOCOL: protocol, I_OWN_THIS_TARGET: own, ...texts }) {
  const host = /^wss?:\/\/(\[[0-9a-fA-F:]+\]|[^/:?#@[\]\s]+)(:\d+)?([/?][^#\s]*)?$/.exec(url)?.[1];
  const local = /^(127(\.\d{1,3}){3}|localhost|\[::1\])$/.test(host);
  if (!host) return `URL must be like ws://host:port/ws/game/ or wss://…, not ${url}.`;
  if (!local && own !== "1") return `${host} is another machine: add -e I_OWN_THIS_TARGET=1 if you may put load on it.`;
  if (!PROTOCOLS[protocol]) return `PROTOCOL must be json or v1, not ${protocol}.`;
  const fine = ([name, [least, most]]) => /\S/.test(texts[name]) && texts[name] >= least && texts[name] <= most;
  const wrong = Object.entries(NUMBERS).find((one) => !fine(one));
  if (wrong) return `${wrong[0]} must be a number from ${wrong[1].join(" to ")}, not ${texts[wrong[0]]}.`;
  return texts.TO / texts.RATE > 3600 ? "A ramp takes at most 3600 s: raise RATE." : null;
}
