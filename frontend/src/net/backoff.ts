/** Delay before a reconnect, with full jitter, so that clients that lost their server together do not reconnect together. */

const FIRST_CEILING_MS = 500; // doubled before the first attempt: 0…1 s
const HIGHEST_CEILING_MS = 20_000; // longest wait for a server that is back

/** Attempts to skip when the world is full: the wait is up to 8 s instead of 1 s. */
const LATER_TRIES = 3;

/** A connection that lasted this long resets the delay. */
const STABLE_MS = 10_000;

export class Backoff {
  private tries = 0;

  /** @param random a number in [0, 1) per call */
  constructor(private readonly random: () => number) {}

  /** Milliseconds before the next attempt. A hint of the server replaces the first wait after it. */
  next(hintMs?: number): number {
    this.tries += 1;
    return hintMs ?? this.random() * Math.min(HIGHEST_CEILING_MS, FIRST_CEILING_MS * 2 ** this.tries);
  }

  /** Call it after each connection, with the time for which the player had a ship. */
  ended(livedMs: number): void {
    if (livedMs >= STABLE_MS) this.tries = 0;
  }

  /** The next wait has at least the ceiling for a full world. */
  later(): void {
    this.tries = Math.max(this.tries, LATER_TRIES);
  }
}
