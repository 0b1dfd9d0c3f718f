/**
 * Where in a run a moment lies: in which short stretch of the series, and in which step. k6 has no series in its
 * summary; a tag and a sub-metric per stretch make one. Pure: also node runs it.
 */
import { lengthS, rampS } from "./settings.js";

const SHORTEST_S = 5; // of a stretch: its p99 needs some hundred gaps
const MOST = 60; // stretches, since each is a sub-metric of every duration: k6 compares each sample with all of them
const STEP_S = 10; // of a ramp, as in loadtest/measure/result.py; a hold is one step

/** The stretches and steps of a plan, as lists of [from, to] in seconds since the start. */
export function stretches(plan) {
  const end = lengthS(plan);
  const every = Math.max(SHORTEST_S, Math.ceil(end / MOST));
  return cut(0, end, every);
}

export function steps(plan) {
  const ramp = rampS(plan);
  const pieces = cut(0, ramp, Math.max(STEP_S, Math.ceil(ramp / MOST)));
  return plan.holdS > 0 ? [...pieces, [ramp, ramp + plan.holdS]] : pieces;
}

/** The index of the piece in which a moment lies; what comes later belongs to the last. */
export function indexOf(pieces, second) {
  const found = pieces.findIndex(([, to]) => second < to);
  return found < 0 ? pieces.length - 1 : found;
}

/** Players that the plan wants by then. */
export function wanted(plan, second) {
  return Math.min(plan.to, Math.floor(second * plan.rate + 1e-9));
}

function cut(from, to, every) {
  const count = Math.max(1, Math.floor((to - from) / every)); // what is left over belongs to the last: no short piece
  return Array.from({ length: count }, (_, i) => [from + i * every, i + 1 === count ? to : from + (i + 1) * every]);
}
