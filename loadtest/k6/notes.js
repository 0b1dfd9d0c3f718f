/** All that players note down, as metrics of k6, each beside the stretch and the step of the run in which it was seen. */
import exec from "k6/execution";
import { Counter, Rate } from "k6/metrics";
import { Durations } from "./durations.js";
import { CODES, KINDS, known } from "./names.js";
import { TICK_MS } from "./people.js";
import { indexOf, steps, stretches } from "./stretches.js";

const gap = new Durations("gap_ms"); // corrected for coordinated omission
const rawGap = new Durations("gap_raw_ms");
const lag = new Durations("lag_ms"); // how late k6's own timers are: a late k6 measures itself
const handshake = new Durations("handshake_ms"); // from when the schedule wanted the player, so that waiting counts
const firstFrame = new Durations("first_frame_ms"); // likewise
const freeze = new Durations("freeze_ms"); // the longest gap of one player
const arrivalLate = new Durations("arrivals_late_ms");
const joinOk = new Rate("join_ok");
const joinFailures = new Counter("join_failures");
const omitted = new Counter("omitted"); // gaps that no frame ended: added for those that a stall hid
const firstFrames = new Counter("first_frames");
const opened = new Counter("opened");
const closes = new Counter("closes"); // by server or network, by code
const abnormalCloses = new Counter("abnormal_closes"); // those of them without a GOODBYE
const decodeErrors = new Counter("decode_errors");

const GOODBYES = [1012, 4001]; // the codes that a GOODBYE announces

export class Notes {
  #startedMs; // by the wall's clock
  #aheadMs; // of k6's own clock, which has fractions, before one that began with the ramp
  #tagged;
  #tagsUntil = 0;
  #stretches;
  #steps;

  constructor(plan) {
    this.#startedMs = exec.scenario.startTime;
    this.#aheadMs = exec.instance.currentTestRunDuration - (Date.now() - this.#startedMs);
    this.#stretches = stretches(plan);
    this.#steps = steps(plan);
  }

  /** Milliseconds since the ramp began. */
  now() {
    return exec.instance.currentTestRunDuration - this.#aheadMs;
  }

  /** The same for a moment by the wall's clock, such as an event's. */
  since(timestamp) {
    return timestamp - this.#startedMs;
  }

  began(lateMs) {
    arrivalLate.add(Math.max(0, lateMs));
  }

  /** Notes how late a look was that is due every `everyMs`; one after a stall stands for all that it kept back. */
  lagged(ms, everyMs) {
    lag.addPaced(Math.max(0, ms), everyMs, this.#tags());
  }

  opened(sinceDueMs) {
    opened.add(1, this.#tags());
    handshake.add(Math.max(0, sinceDueMs));
  }

  framedFirst(sinceDueMs) {
    joinOk.add(true);
    firstFrames.add(1, this.#tags());
    firstFrame.add(Math.max(0, sinceDueMs));
  }

  gapped(ms) {
    const tags = this.#tags();
    rawGap.add(ms);
    const hidden = gap.addPaced(ms, TICK_MS, tags);
    if (hidden > 0) omitted.add(hidden, tags);
  }

  joinFailed(kind) {
    joinOk.add(false);
    joinFailures.add(1, { ...this.#tags(), kind: known(KINDS, kind) });
  }

  closed(code, goodbye) {
    closes.add(1, { ...this.#tags(), code: known(CODES, code) });
    if (!(goodbye && GOODBYES.includes(code))) abnormalCloses.add(1);
  }

  undecodable() {
    decodeErrors.add(1);
  }

  /** Nothing came for so long when the run ended: waiting, though no gap was seen. */
  waited(ms) {
    const tags = this.#tags();
    omitted.add(gap.addPaced(ms, TICK_MS, tags) + 1, tags); // the gap itself ended with no frame
  }

  /** A player is gone, who had waited so long at most. */
  froze(ms) {
    freeze.add(ms);
  }

  /** Made anew when a stretch or a step ends: every object is work for k6's garbage collector, which makes it late. */
  #tags() {
    const second = this.now() / 1000;
    if (second >= this.#tagsUntil) {
      const [at, step] = [indexOf(this.#stretches, second), indexOf(this.#steps, second)];
      this.#tagged = { at: String(at), step: String(step) };
      const ends = [this.#stretches[at][1], this.#steps[step][1]].filter((end) => end > second);
      this.#tagsUntil = Math.min(...ends);
    }
    return this.#tagged;
  }
}
