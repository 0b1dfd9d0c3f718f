/**
 * What a run is to do, from the variables of `k6 run -e NAME=VALUE`: every value is checked, and what cannot be done is
 * refused in a sentence. Pure: also node runs it.
 */

const DEFAULTS = {
  URL: "ws://127.0.0.1:8000/ws/game/",
  PROTOCOL: "v1",
  RATE: "1", // connections a second: the seed's profile
  TO: "90", // players at the end of the ramp
  HOLD: "0", // seconds at full size
  INPUTS: "people",
  ORIGIN: "",
  OUT: "result.json",
  I_OWN_THIS_TARGET: "",
};
const MOST = { RATE: 200, TO: 2000, HOLD: 3600, INPUTS: 60 }; // so that a slip of the pen is no attack; 60/s: the protocol's
const LONGEST_RAMP_S = 3600;
const LOOPBACK = /^(127(\.\d{1,3}){3}|localhost|\[::1\])$/;

export class UsageError extends Error {}

/** The settings of a run, or the sentence that says why there are none. */
export function planOr(environment) {
  try {
    return [settings(environment), ""];
  } catch (error) {
    if (error instanceof UsageError) return [null, error.message];
    throw error;
  }
}

/** The settings of a run. Throws UsageError. */
export function settings(environment) {
  const text = { ...DEFAULTS, ...Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== "")) };
  const url = target(text.URL, text.I_OWN_THIS_TARGET === "1");
  const protocol = oneOf("PROTOCOL", text.PROTOCOL, ["json", "v1"]);
  const rate = number("RATE", text.RATE, 0.01);
  const to = Math.round(number("TO", text.TO, 1));
  const holdS = number("HOLD", text.HOLD, 0);
  if (to / rate > LONGEST_RAMP_S) throw new UsageError(`A ramp may take ${LONGEST_RAMP_S} s at most: raise RATE.`);
  const inputsPerS = text.INPUTS === "people" ? null : number("INPUTS", text.INPUTS.replace(/\/s$/, ""), 0.1);
  return { url, protocol, rate, to, holdS, inputsPerS, origin: text.ORIGIN, out: text.OUT };
}

/** Seconds until the last player comes; then the hold begins. */
export function rampS({ to, rate }) {
  return to / rate;
}

/** Seconds until everybody goes. */
export function lengthS(plan) {
  return rampS(plan) + plan.holdS;
}

function target(url, owned) {
  const found = /^wss?:\/\/(\[[0-9a-fA-F:]+\]|[^/:?#@[\]\s]+)(:\d+)?([/?][^#\s]*)?$/.exec(url);
  if (!found) throw new UsageError(`URL must be like ws://host:port/ws/game/ or wss://…, not ${url}.`);
  if (!owned && !LOOPBACK.test(found[1])) {
    throw new UsageError(`${found[1]} is another machine: add -e I_OWN_THIS_TARGET=1 if it is yours to load.`);
  }
  return url;
}

function oneOf(name, value, words) {
  if (!words.includes(value)) throw new UsageError(`${name} must be ${words.join(" or ")}, not ${value}.`);
  return value;
}

function number(name, text, least) {
  const value = Number(text);
  if (text.trim() !== "" && value >= least && value <= MOST[name]) return value;
  throw new UsageError(`${name} must be a number from ${least} to ${MOST[name]}, not ${text}.`);
}
