/** How many ticks late the picture is drawn: enough that the frames between which it lies have arrived. */
import { TICK_MS } from "../sim/rules";

/** Two frames (100 ms) hide one lost frame or 50 ms of jitter. */
const LEAST_TICKS = 2;

/** A longer delay is worse than a picture that is sometimes guessed, ticks. */
const MOST_TICKS = 10;

/** Frames whose lateness counts: about three seconds. */
const FRAMES = 64;

/** The share of frames that must be in time. */
const IN_TIME = 0.95;

/** The delay grows and shrinks by so much of the time that passes. Ships then fly 10 % slower or 3 % faster for a moment. */
const GROWTH = 0.1;
const DECAY = 0.03;

export class Delay {
  ticks = LEAST_TICKS;

  private target = LEAST_TICKS;
  private readonly late = new Float32Array(FRAMES);
  private readonly sorted = new Float32Array(FRAMES);
  private next = 0;
  private advancedMs: number | undefined;

  /** Adds how late a frame came, ms. */
  sample(lateMs: number): void {
    this.late[this.next] = lateMs;
    this.next = (this.next + 1) % FRAMES;
    this.sorted.set(this.late);
    this.sorted.sort();
    // The picture lies between two frames, so the later one is needed one tick earlier.
    const needed = 1 + this.sorted[Math.floor(IN_TIME * (FRAMES - 1))] / TICK_MS;
    this.target = Math.min(MOST_TICKS, Math.max(LEAST_TICKS, needed));
  }

  /** Moves the delay towards what the frames need. Call it for each picture. */
  advance(nowMs: number): void {
    const passed = Math.max(0, nowMs - (this.advancedMs ?? nowMs)) / TICK_MS;
    this.advancedMs = nowMs;
    const missing = this.target - this.ticks;
    this.ticks += Math.max(-DECAY * passed, Math.min(GROWTH * passed, missing));
  }

  /** Forgets the lateness of earlier frames; the delay itself changes slowly as ever. */
  restart(): void {
    this.late.fill(0);
    this.target = LEAST_TICKS;
  }
}
