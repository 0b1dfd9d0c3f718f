/** Estimates the server's tick from the arrival times of frames. It smooths jitter and follows real shifts at once. */
import { TICK_MS } from "../sim/rules";

/** Weight of a new sample. The estimate covers about a second of frames. */
const SMOOTHING = 0.1;

/** A larger difference is not jitter (a paused world, a suspended tab, a new server): the estimate restarts with this sample. */
const SNAP_MS = 250;

export class TickClock {
  /** Local time at which the server was at tick 0, ms. */
  private originMs: number | undefined;

  /** Adds the arrival time of a frame, ms. */
  sample(tick: number, nowMs: number): void {
    const seen = nowMs - tick * TICK_MS;
    if (this.originMs === undefined || Math.abs(seen - this.originMs) > SNAP_MS) this.originMs = seen;
    else this.originMs += SMOOTHING * (seen - this.originMs);
  }

  /** The tick, with a fraction, that arrives at this time; undefined before the first sample. */
  tickAt(nowMs: number): number | undefined {
    return this.originMs === undefined ? undefined : (nowMs - this.originMs) / TICK_MS;
  }

  restart(): void {
    this.originMs = undefined;
  }
}
