/**
 * Estimates when each tick can arrive at the earliest. A frame may be late, but never early, so the least late frame of the last seconds
 * counts: ticks that come together in one message, and jitter, do not move the estimate.
 */
import { TICK_MS } from "../sim/rules";

/** The estimate uses the frames of one to two of these times, ms. */
const WINDOW_MS = 2_000;

/** The most by which one frame moves the estimate, ms: 2 % of the time between two ticks, which is not visible. */
const SLEW_MS = 1;

/** A larger difference is not jitter (a paused world, a suspended tab, a new server). */
const SNAP_MS = 250;

/** How long all frames must be late before the estimate moves by more than SNAP_MS at once: a burst after a stall is shorter, ms. */
const SHIFTED_MS = 150;

export class TickClock {
  /** How often the estimate started again, instead of moving slowly. */
  snaps = 0;

  /** Local time at which the server was at tick 0, ms. */
  private originMs: number | undefined;
  private windowEndsMs = 0;
  private least = Infinity;
  private leastBefore = Infinity;
  private lateSinceMs: number | undefined;
  private leastLate = Infinity;

  /**
   * Adds the arrival time of a frame, ms.
   *
   * @returns how late it is, ms
   */
  sample(tick: number, nowMs: number): number {
    const seen = nowMs - tick * TICK_MS;
    if (this.originMs === undefined || seen < this.originMs - SNAP_MS) this.snap(seen, nowMs);
    else if (seen > this.originMs + SNAP_MS) this.shift(seen, nowMs);
    else this.slew(seen, nowMs);
    return Math.max(0, seen - (this.originMs ?? seen));
  }

  /** The tick, with a fraction, that can arrive at this time; undefined before the first sample. */
  tickAt(nowMs: number): number | undefined {
    return this.originMs === undefined ? undefined : (nowMs - this.originMs) / TICK_MS;
  }

  restart(): void {
    this.originMs = undefined;
  }

  private snap(seen: number, nowMs: number): void {
    this.snaps += 1;
    this.originMs = seen;
    this.least = seen;
    this.leastBefore = Infinity;
    this.windowEndsMs = nowMs + WINDOW_MS;
    this.lateSinceMs = undefined;
  }

  private shift(seen: number, nowMs: number): void {
    if (this.lateSinceMs === undefined) {
      this.lateSinceMs = nowMs;
      this.leastLate = seen;
    }
    this.leastLate = Math.min(this.leastLate, seen);
    if (nowMs - this.lateSinceMs >= SHIFTED_MS) this.snap(this.leastLate, nowMs);
  }

  private slew(seen: number, nowMs: number): void {
    this.lateSinceMs = undefined;
    if (nowMs >= this.windowEndsMs) {
      this.leastBefore = this.least;
      this.least = Infinity;
      this.windowEndsMs = nowMs + WINDOW_MS;
    }
    this.least = Math.min(this.least, seen);
    const origin = this.originMs ?? seen;
    const error = Math.min(this.least, this.leastBefore) - origin;
    this.originMs = origin + Math.max(-SLEW_MS, Math.min(SLEW_MS, error));
  }
}
