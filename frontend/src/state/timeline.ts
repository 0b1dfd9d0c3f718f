/**
 * The recent frames of the arena, played with a delay, so that a picture lies between two known frames.
 *
 * The delay follows the jitter of the network and the number of ticks that the server puts into one message. Where no frame has arrived
 * yet, dead reckoning continues for half a second; then the picture stops. If the frames show that it was wrong, ships glide to their
 * places.
 */
import { ticksBetween } from "../sim/rules";
import type { Ship } from "../sim/ship";
import { TickClock } from "./clock";
import { Delay } from "./delay";
import { Easing } from "./easing";
import { ShipsView, interpolate } from "./interpolation";
import { Reckoning } from "./reckoning";
import { Snapshot } from "./snapshot";

/** Number of kept frames: the longest delay, and a burst of late frames. */
const KEPT = 16;

/** Ships jump over longer gaps between two frames instead of being interpolated, and no guess goes further, ticks (half a second). */
const GAP_TICKS = 10;

export class Timeline {
  private readonly clock = new TickClock();
  private readonly delay = new Delay();
  private readonly reckoning = new Reckoning();
  private readonly easing = new Easing();
  /** Oldest first. The objects are reused. */
  private readonly snapshots = Array.from({ length: KEPT }, () => new Snapshot());
  private readonly correct = new ShipsView();
  private kept = 0;
  private lastTick = 0;
  private playedTo = 0;
  /** The last picture was a guess. */
  private guessed = false;
  /** Frames have arrived since, so it may have been wrong. */
  private surprised = false;
  private snaps = 0;

  /** Adds a frame. The ships are copied. */
  push(tick: number, ships: readonly Ship[], nowMs: number): void {
    const ahead = ticksBetween(this.lastTick, tick);
    if (ahead <= 0 || ahead > GAP_TICKS) this.restart();
    const at = this.kept === 0 ? 0 : this.newest.tick + ahead; // does not wrap, unlike ticks in messages
    this.lastTick = tick;
    this.take().record(at, ships);
    this.delay.sample(this.clock.sample(at, nowMs));
    this.surprised = this.guessed;
  }

  /**
   * Fills the view with the ships to draw now; empty before the first frame.
   *
   * @param view still has what the last call filled in
   */
  viewAt(nowMs: number, view: ShipsView): void {
    const reached = this.clock.tickAt(nowMs);
    if (this.kept === 0 || reached === undefined) {
      view.count = 0;
      return;
    }
    this.delay.advance(nowMs);
    const wanted = reached - this.delay.ticks;
    const rewound = this.snaps !== this.clock.snaps; // the world stood still, or the server is another one
    if (rewound) this.playedTo = Math.min(wanted, this.newest.tick);
    this.snaps = this.clock.snaps;
    if (this.surprised || rewound) {
      this.draw(this.playedTo, this.correct);
      this.easing.begin(view, this.correct, nowMs);
      this.surprised = false;
    }
    // Never play backwards after a slow correction of the clock.
    this.playedTo = Math.max(this.playedTo, Math.min(wanted, this.newest.tick + GAP_TICKS));
    this.guessed = this.playedTo > this.newest.tick;
    this.draw(this.playedTo, view);
    this.easing.apply(view, nowMs);
  }

  /** Discards all frames: the next frame does not continue the last. */
  restart(): void {
    this.kept = 0;
    this.playedTo = -this.delay.ticks;
    this.guessed = false;
    this.surprised = false;
    this.clock.restart();
    this.delay.restart();
    this.easing.restart();
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
    if (tick > this.newest.tick) {
      this.reckoning.reach(this.newest, tick);
      interpolate(this.reckoning.from, this.reckoning.to, tick - this.reckoning.from.tick, view);
      return;
    }
    let n = 0;
    while (n < this.kept - 2 && this.snapshots[n + 1].tick <= tick) n++;
    const from = this.snapshots[n];
    const to = this.snapshots[Math.min(n + 1, this.kept - 1)];
    if (tick >= to.tick) interpolate(to, to, 0, view);
    else interpolate(from, to, Math.max(0, (tick - from.tick) / (to.tick - from.tick)), view);
  }
}
