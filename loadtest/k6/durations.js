/** Durations as k6 keeps them: a trend for the percentiles, and counts of what is longer than people tolerate. */
import { Counter, Trend } from "k6/metrics";
import { LATE_MS } from "./names.js";
import { paced } from "./paced.js";

const late = new Counter("late");

export class Durations {
  #name;
  #trend;

  constructor(name) {
    this.#name = name;
    this.#trend = new Trend(name);
  }

  /** Adds one, in milliseconds. */
  add(ms, tags = {}) {
    this.#trend.add(ms, tags);
    for (const limit of LATE_MS) {
      if (ms > limit) late.add(1, { ...tags, of: this.#name, over: String(limit) });
    }
  }

  /** Adds one of what was due every `everyMs`, and what a stall kept from being seen; returns how many those are. */
  addPaced(ms, everyMs, tags) {
    const waits = paced(ms, everyMs);
    for (const waited of waits) this.add(waited, tags);
    return waits.length - 1;
  }
}
