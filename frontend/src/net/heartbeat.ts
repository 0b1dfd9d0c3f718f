/** Measures the round trip and notices a socket that died without a word: one ping at a time, the next only after its pong. */

/** Between two pings. */
export const PING_INTERVAL_MS = 2_000;

/** A pong that takes longer never comes; counted from its ping, so that a throttled timer of a hidden tab condemns nobody. */
const DEAD_AFTER_MS = 10_000;

export class Heartbeat {
  /** Last round trip in ms. */
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
