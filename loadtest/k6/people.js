/**
 * Players that steer like people: the model of loadtest/players/people.py, number for number. Turns in strokes with rests
 * between, thrust in bursts. Randomness comes in as a function like Math.random. Pure: also node runs it.
 */

export const TICK_MS = 50;
const TICK_S = TICK_MS / 1000;
const REST_S = 1.2; // mean pause between two strokes of the pointer
const STROKE_S = [0.15, 0.7]; // how long a stroke lasts
const BURST_S = [0.2, 1.5]; // how long thrust is held
const COAST_S = [0.4, 3.0]; // how long it is not
const TURN = 256; // headings of a full turn

/** One player; every call of `controls` is one tick later. */
export class Person {
  #headings;
  #thrusts;

  constructor(random) {
    this.#headings = pointer(random);
    this.#thrusts = button(random);
  }

  /** What the player holds now: heading 0 to 255, and thrust. */
  controls() {
    return { heading: this.#headings.next().value, thrusting: this.#thrusts.next().value };
  }
}

function* pointer(random) {
  let heading = random() * TURN;
  for (;;) {
    for (let left = ticks(exponential(random, REST_S)); left > 0; left--) yield whole(heading);
    const target = heading + gauss(random) * (TURN / 5);
    const count = ticks(between(random, STROKE_S));
    const start = heading;
    for (let i = 1; i <= count; i++) {
      const part = i / count;
      heading = start + (target - start) * part * part * (3 - 2 * part); // eases in and out, as a hand does
      yield whole(heading);
    }
  }
}

function* button(random) {
  for (;;) {
    for (let left = ticks(between(random, COAST_S)); left > 0; left--) yield false;
    for (let left = ticks(between(random, BURST_S)); left > 0; left--) yield true;
  }
}

function ticks(seconds) {
  return Math.max(1, Math.round(seconds / TICK_S));
}

function whole(heading) {
  return ((Math.trunc(heading) % TURN) + TURN) % TURN;
}

function between(random, [least, most]) {
  return least + (most - least) * random();
}

function exponential(random, mean) {
  return -Math.log(1 - random()) * mean;
}

function gauss(random) {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
