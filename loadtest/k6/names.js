/** The names by which metrics are kept and found again, and the values that tags can have. Pure: also node runs it. */

export const LATE_MS = [60, 100, 200]; // a tick of 50 ms and 10 ms of tolerance; two ticks; what people call lag
export const IN_TIME = ["gap_ms", "lag_ms"]; // durations that have a series
export const WHOLE = ["gap_raw_ms", "handshake_ms", "first_frame_ms", "freeze_ms", "arrivals_late_ms"]; // and those that have none
export const COUNTED_IN_TIME = ["opened", "closes", "join_failures", "first_frames", "omitted"];

/** Close codes of docs/protocol.md; any other is counted as `other`. */
export const CODES = [
  1000, 1001, 1002, 1005, 1006, 1009, 1011, 1012, 4001, 4002, 4003, 4004, 4005, 4500, 4501, 4504, 4505,
];
/** Answers to a handshake that are none of 101. */
export const STATUSES = [400, 401, 403, 404, 429, 500, 502, 503, 504];
/** Why a player did not come in, as loadtest/measure/result.py names it. */
export const KINDS = ["refused", "timeout", "tls", "name", "protocol", "closed"];

export const OTHER = "other";

export function known(values, value) {
  return values.includes(value) ? String(value) : OTHER;
}

/** What a failed handshake is called. */
export function kindOf(error) {
  if (/x509|tls|certificate/i.test(error)) return "tls";
  if (/no such host|lookup/i.test(error)) return "name";
  if (/timeout|deadline/i.test(error)) return "timeout";
  if (/refused|reset|bad handshake|EOF|unreachable/i.test(error)) return "refused";
  return "protocol";
}
