/**
 * The same ramp as `python -m loadtest ramp`, made and measured by k6: a second opinion from another program.
 *
 *   k6 run loadtest/k6/ramp.js -e URL=ws://127.0.0.1:8000/ws/game/ [-e PROTOCOL=v1|json] [-e RATE=1] [-e TO=90]
 *     [-e HOLD=0] [-e INPUTS=people|20] [-e ORIGIN=https://…] [-e OUT=result.json] [-e I_OWN_THIS_TARGET=1]
 *
 * An open model: arrivals keep their schedule however slow the server is. Each is one iteration with one socket, which
 * lasts until everybody goes; who is thrown out does not come back. `python -m loadtest report` draws what OUT holds.
 * Exit code 99: a threshold is broken; the summary says whether by the server or by a late k6.
 */
/* global __ENV */
import exec from "k6/execution";
import { Notes } from "./notes.js";
import { Player } from "./player.js";
import { lengthS, planOr, rampS } from "./settings.js";
import { TREND_STATS, result, told } from "./summary.js";
import { thresholds } from "./thresholds.js";

const GRACE_S = 10; // after the end, for sockets that close slowly
const SHORTEST_S = 1; // of an executor; arrivals beyond the plan's do nothing

const [plan, refusal] = planOr(__ENV);

export const options = plan
  ? { scenarios: { ramp: arrivals() }, thresholds: thresholds(plan), summaryTrendStats: TREND_STATS }
  : {};

export function setup() {
  if (!plan) exec.test.abort(refusal); // not by an exception, which would show a stack
}

export default function ramp() {
  const number = exec.scenario.iterationInTest;
  if (number >= plan.to) return;
  const dueMs = (number / plan.rate) * 1000;
  new Player(plan, new Notes(plan), dueMs, lengthS(plan) * 1000).come();
}

export function handleSummary(data) {
  if (!plan) return {};
  const found = result(data, plan);
  return { stdout: told(found), [plan.out]: `${JSON.stringify(found, null, 1)}\n` };
}

function arrivals() {
  const seconds = Math.max(SHORTEST_S, rampS(plan));
  const players = Math.floor(seconds * plan.rate) + 1; // a rate over a time has an arrival at both its ends
  return {
    executor: "constant-arrival-rate",
    rate: Math.round(plan.rate * 1000),
    timeUnit: "1000s", // so that a rate below 1/s is a whole number too
    duration: `${Math.round(seconds * 1000)}ms`,
    preAllocatedVUs: players,
    maxVUs: players,
    gracefulStop: `${Math.ceil(lengthS(plan)) + GRACE_S}s`,
  };
}
