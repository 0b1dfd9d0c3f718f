/** Measures the round trip and detects a dead socket. There is one ping at a time; the next one follows its pong. */

export const PING_INTERVAL_MS = 2_000;

/** Longest wait for a pong. It counts from the ping, so that throttled timers of a hidden tab do not matter. */
const DEAD_AFTER_MS = 10_000;

export class Heartbeat {
  /** The last round trip; undefined before the first. */
  pingMs: number | undefined;

  private nonce = 0;
  private sentAt: number | undefined;

  /** The nonce of the ping to send now, if one is due. */
  beat(nowMs: number): number | undefined {
    if (this.sentAt !== undefined) return undefined;
    this.sentAt = nowMs;
    this.nonce = (this.nonce + 1) >>> 0;
    return this.nonce;
  }

  pong(nonce: number, nowMs: number): void {
    if (nonce !== this.nonce || this.sentAt === undefined) return;
    this.pingMs = nowMs - this.sentAt;
    this.sentAt = undefined;
  }

  isDead(nowMs: number): boolean {
    return this.sentAt !== undefined && nowMs - this.sentAt > DEAD_AFTER_MS;
  }
}
