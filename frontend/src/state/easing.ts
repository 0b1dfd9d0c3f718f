/** Moves ships from where they were drawn to where they are, when the picture was a guess and the frames say otherwise. */
import { SIZE, SUBUNITS } from "../sim/rules";
import { shortestWay } from "./interpolation";
import type { ShipsView } from "./interpolation";

/** How long it takes, ms. */
const EASING_MS = 250;

/** The width of the arena, units. */
const WIDTH = SIZE / SUBUNITS;

/** A smaller difference is rounding, units. */
const LEAST_UNITS = 0.01;

interface Offset {
  dx: number;
  dy: number;
}

export class Easing {
  private readonly offsets = new Map<number, Offset>();
  private beganMs = 0;

  /** Begins to move every ship from its place in `drawn` to its place in `correct`. */
  begin(drawn: ShipsView, correct: ShipsView, nowMs: number): void {
    this.offsets.clear();
    this.beganMs = nowMs;
    let there = 0;
    for (let here = 0; here < correct.count; here++) {
      while (there < drawn.count && drawn.ids[there] < correct.ids[here]) there++;
      if (there === drawn.count) return;
      if (drawn.ids[there] !== correct.ids[here]) continue;
      const dx = shortestWay(correct.x[here], drawn.x[there], WIDTH);
      const dy = shortestWay(correct.y[here], drawn.y[there], WIDTH);
      if (Math.max(Math.abs(dx), Math.abs(dy)) > LEAST_UNITS) this.offsets.set(correct.ids[here], { dx, dy });
    }
  }

  /** Moves the ships of a view by what is left of their offsets. */
  apply(view: ShipsView, nowMs: number): void {
    if (this.offsets.size === 0) return;
    const left = 1 - (nowMs - this.beganMs) / EASING_MS;
    if (left <= 0) {
      this.offsets.clear();
      return;
    }
    const share = left * left * (3 - 2 * left); // starts and ends without a jerk
    for (let n = 0; n < view.count; n++) {
      const offset = this.offsets.get(view.ids[n]);
      if (offset === undefined) continue;
      view.x[n] = (view.x[n] + offset.dx * share + WIDTH) % WIDTH;
      view.y[n] = (view.y[n] + offset.dy * share + WIDTH) % WIDTH;
    }
  }

  restart(): void {
    this.offsets.clear();
  }
}
