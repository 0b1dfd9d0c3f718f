/** The rule for coordinated omission, that of loadtest/measure/latencies.py. Pure: also node runs it. */

/**
 * A duration of something that was due every `everyMs`, and those that a stall kept from being seen: a stall of 2 s
 * leaves one gap and hides 39 frames that somebody waited for, 1.95 s, 1.9 s and so on.
 */
export function paced(ms, everyMs) {
  const found = [ms];
  for (let missing = ms - everyMs; missing >= everyMs; missing -= everyMs) found.push(missing);
  return found;
}
