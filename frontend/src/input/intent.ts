/**
 * Decides when the player's controls are sent: on change, at most 20 times a second, and the newest always last.
 *
 * Controls are levels, so values between two sends may be skipped.
 */
import type { Controls, Input } from "../net/messages";
import { TICK_MS } from "../sim/rules";

/** The server applies one input per tick, so more inputs would be useless. */
const MIN_INTERVAL_MS = TICK_MS;

export class Intent {
  private wanted: Controls | undefined;
  private sent: Controls | undefined;
  private sentAtMs = -Infinity;
  private sequence = 0;

  want(heading: number, thrusting: boolean): void {
    if (this.wanted?.heading === heading && this.wanted.thrusting === thrusting) return;
    this.wanted = { heading, thrusting };
  }

  /** Repeats the controls, because the last input went to another ship or socket. */
  forgetSent(): void {
    this.sent = undefined;
  }

  /** Milliseconds until the next input may be sent, 0 for now; undefined if there is nothing to send. */
  dueInMs(nowMs: number): number | undefined {
    if (!this.wanted || this.isSent(this.wanted)) return undefined;
    return Math.max(0, this.sentAtMs + MIN_INTERVAL_MS - nowMs);
  }

  /** The input to send now, if one is due. It counts as sent. */
  take(nowMs: number): Input | undefined {
    if (!this.wanted || this.dueInMs(nowMs) !== 0) return undefined;
    this.sent = this.wanted;
    this.sentAtMs = nowMs;
    this.sequence = (this.sequence + 1) & 0xff;
    return { type: "input", sequence: this.sequence, ...this.sent };
  }

  private isSent({ heading, thrusting }: Controls): boolean {
    return this.sent?.heading === heading && this.sent.thrusting === thrusting;
  }
}
