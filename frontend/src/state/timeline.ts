/**
 * The recent frames of the arena, played with a delay, so that a picture lies between two known frames.
 *
 * The delay absorbs the jitter of the network. When no more frames arrive, the newest one stays.
 */
import { ticksBetween } from "../sim/rules";
import type { Ship } from "../sim/ship";
import { TickClock } from "./clock";
import { ShipsView, interpolate } from "./interpolation";
import { Snapshot } from "./snapshot";

/** Delay of the picture, ticks. Two frames (100 ms) hide one lost frame or 50 ms of jitter. */
const DELAY_TICKS = 2;

/** Number of kept frames: the delay, and a burst of late frames. */
const KEPT = 8;

/** Ships jump over longer gaps between two frames instead of being interpolated, ticks (half a second). */
const GAP_TICKS = 10;

export class Timeline {
  private readonly clock = new TickClock();
  /** Oldest first. The objects are reused. */
  private readonly snapshots = Array.from({ length: KEPT }, () => new Snapshot());
  private kept = 0;
  private lastTick = 0;
  private playedTo = 0;

  /** Adds a frame. The ships are copied. */
  push(tick: number, ships: readonly Ship[], nowMs: number): void {
    const ahead = ticksBetween(this.lastTick, tick);
    if (ahead <= 0 || ahead > GAP_TICKS) this.restart();
    const at = this.kept === 0 ? 0 : this.newest.tick + ahead; // does not wrap, unlike ticks in messages
    this.lastTick = tick;
    this.take().record(at, ships);
    this.clock.sample(at, nowMs);
  }

  /** Fills the view with the ships to draw now; empty before the first frame. */
  viewAt(nowMs: number, view: ShipsView): void {
    const reached = this.clock.tickAt(nowMs);
    if (this.kept === 0 || reached === undefined) {
      view.count = 0;
      return;
    }
    const wanted = Math.max(this.playedTo, reached - DELAY_TICKS); // never play backwards after a correction of the clock
    this.playedTo = Math.min(wanted, this.newest.tick);
    this.draw(this.playedTo, view);
  }

  /** Discards all frames: the next frame does not continue the last. */
  restart(): void {
    this.kept = 0;
    this.playedTo = -DELAY_TICKS;
    this.clock.restart();
  }

  private get newest(): Snapshot {
    return this.snapshots[this.kept - 1];
  }

  private take(): Snapshot {
    if (this.kept === KEPT) this.snapshots.push(...this.snapshots.splice(0, 1));
    else this.kept += 1;
    return this.newest;
  }

  private draw(tick: number, view: ShipsView): void {
    let n = 0;
    while (n < this.kept - 2 && this.snapshots[n + 1].tick <= tick) n++;
    const from = this.snapshots[n];
    const to = this.snapshots[Math.min(n + 1, this.kept - 1)];
    if (tick >= to.tick) interpolate(to, to, 0, view);
    else interpolate(from, to, Math.max(0, (tick - from.tick) / (to.tick - from.tick)), view);
  }
}
