/** Tells which tick the server has reached, from the frames that arrived: jitter is smoothed away, a real shift is followed at once. */
import { TICK_MS } from "../sim/rules";

/** Share of a new sample in the estimate: about a second of frames counts. */
const SMOOTHING = 0.1;

/** Beyond this a sample is no jitter but a world that paused, a tab that slept or a new server: start from it. */
const SNAP_MS = 250;

export class TickClock {
  /** Local time at which the server was at tick 0, ms. */
  private originMs: number | undefined;

  /** One sample per frame: this tick was here at this time. */
  sample(tick: number, nowMs: number): void {
    const seen = nowMs - tick * TICK_MS;
    if (this.originMs === undefined || Math.abs(seen - this.originMs) > SNAP_MS) this.originMs = seen;
    else this.originMs += SMOOTHING * (seen - this.originMs);
  }

  /** The tick, with its fraction, that arrives at this time; nothing before the first sample. */
  tickAt(nowMs: number): number | undefined {
    return this.originMs === undefined ? undefined : (nowMs - this.originMs) / TICK_MS;
  }

  restart(): void {
    this.originMs = undefined;
  }
}
