/** When to try again: full jitter, so that a crowd that lost its server at once does not come back at once. */

const FIRST_CEILING_MS = 500; // doubled before the first try: 0…1 s
const HIGHEST_CEILING_MS = 20_000; // nobody waits longer for a server that is back

/** Tries to skip when the world is full: come back within 8 s rather than within one. */
const LATER_TRIES = 3;

/** A connection that lasted this long was a good one: the next loss starts the series anew. */
const STABLE_MS = 10_000;

export class Backoff {
  private tries = 0;

  /** @param random a number in [0, 1) per call */
  constructor(private readonly random: () => number) {}

  /** Milliseconds to wait before the next try; a hint of the server stands for the first wait after it. */
  next(hintMs?: number): number {
    this.tries += 1;
    return hintMs ?? this.random() * Math.min(HIGHEST_CEILING_MS, FIRST_CEILING_MS * 2 ** this.tries);
  }

  /** To be told of each connection that ended, with how long the player had a ship. */
  ended(livedMs: number): void {
    if (livedMs >= STABLE_MS) this.tries = 0;
  }

  /** The next wait is a long one at least. */
  later(): void {
    this.tries = Math.max(this.tries, LATER_TRIES);
  }
}
