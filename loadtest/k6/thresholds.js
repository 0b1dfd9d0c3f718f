/**
 * The budget as thresholds of k6, and a sub-metric without a threshold for every figure that the summary looks up: k6
 * keeps no others. Pure: also node runs it.
 */
import { CODES, COUNTED_IN_TIME, IN_TIME, KINDS, LATE_MS, OTHER, STATUSES, WHOLE } from "./names.js";
import { steps, stretches } from "./stretches.js";

const FLAWLESS_BELOW = 1000; // joins: below, one failure is more than a thousandth

/** What must hold, as in loadtest/slo/ramp.toml; by metric. */
export function budget(plan) {
  return {
    gap_ms: ["p(99)<=60"], // a tick of 50 ms, and 10 ms for the way
    first_frame_ms: ["p(99)<=1000"], // a second is a blink at a door
    join_ok: [plan.to < FLAWLESS_BELOW ? "rate==1" : "rate>=0.999"], // who comes gets in
    abnormal_closes: ["count==0"], // nobody is thrown out
    decode_errors: ["count==0"], // a frame that does not decode is a bug
    ...GENERATOR,
  };
}

/** What must hold of k6 itself: else nothing is said of the server, neither good nor bad. */
export const GENERATOR = {
  lag_ms: ["p(99)<=10"], // a fifth of the 50 ms that is measured
  arrivals_late_ms: ["p(99)<=100"], // waiting on our side would count as the server's
  dropped_iterations: ["count==0"], // a lighter load than asked for proves nothing
};

export function thresholds(plan) {
  const looked = [...parts("at", stretches(plan)), ...parts("step", steps(plan)), ...kinds()];
  return { ...Object.fromEntries(looked.map((name) => [name, []])), ...budget(plan) };
}

function* parts(tag, pieces) {
  for (const index of pieces.keys()) {
    for (const name of IN_TIME) yield `${name}{${tag}:${index}}`;
    for (const name of COUNTED_IN_TIME) yield `${name}{${tag}:${index}}`;
    for (const over of LATE_MS) yield `late{of:gap_ms,over:${over},${tag}:${index}}`;
  }
}

function* kinds() {
  for (const code of [...CODES, OTHER]) yield `closes{code:${code}}`;
  for (const kind of [...KINDS, OTHER]) yield `join_failures{kind:${kind}}`;
  for (const status of STATUSES) yield `ws_sessions{status:${status}}`;
  for (const name of [...IN_TIME, ...WHOLE]) {
    for (const over of LATE_MS) yield `late{of:${name},over:${over}}`;
  }
}
