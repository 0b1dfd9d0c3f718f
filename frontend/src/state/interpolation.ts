/** Interpolates ships between two frames, on the shorter way across edges of the torus and through heading 0. */
import { CAP, HEADINGS, SIZE, SUBUNITS } from "../sim/rules";
import type { Snapshot } from "./snapshot";

/** Longer distances per tick are impossible: the id belongs to another ship now, which is not interpolated. */
const FARTHEST_PER_TICK = 2 * CAP;

/** Ships to draw, in reused arrays. */
export class ShipsView {
  count = 0;
  ids = new Uint16Array();
  /** Units, 0…1000. */
  x = new Float32Array();
  y = new Float32Array();
  /** Units per tick. */
  vx = new Float32Array();
  vy = new Float32Array();
  /** Headings, with a fraction. */
  heading = new Float32Array();
  burning = new Uint8Array();

  /** The index of a ship in the arrays, or −1. */
  indexOf(id: number): number {
    for (let n = 0; n < this.count; n++) if (this.ids[n] === id) return n;
    return -1;
  }

  reserve(capacity: number): void {
    if (this.ids.length >= capacity) return;
    this.ids = new Uint16Array(2 * capacity);
    this.x = new Float32Array(2 * capacity);
    this.y = new Float32Array(2 * capacity);
    this.vx = new Float32Array(2 * capacity);
    this.vy = new Float32Array(2 * capacity);
    this.heading = new Float32Array(2 * capacity);
    this.burning = new Uint8Array(2 * capacity);
  }
}

/**
 * Fills the view with the ships of `from`, interpolated towards `to`. Ships that are only in `to` are omitted.
 *
 * @param share 0 for `from` … 1 for `to`
 */
export function interpolate(from: Snapshot, to: Snapshot, share: number, view: ShipsView): void {
  const ticks = Math.max(1, to.tick - from.tick);
  view.reserve(from.count);
  view.count = from.count;
  let there = 0;
  for (let here = 0; here < from.count; here++) {
    while (there < to.count && to.ids[there] < from.ids[here]) there++;
    if (there < to.count && to.ids[there] === from.ids[here]) glide(from, here, to, there, share, ticks, view);
    else stay(from, here, view);
  }
}

/** The signed difference on a circle, in −size/2…size/2. */
export function shortestWay(from: number, to: number, size: number): number {
  const way = (to - from) % size;
  if (way > size / 2) return way - size;
  return way < -size / 2 ? way + size : way;
}

function glide(
  from: Snapshot,
  here: number,
  to: Snapshot,
  there: number,
  share: number,
  ticks: number,
  view: ShipsView,
): void {
  const dx = shortestWay(from.x[here], to.x[there], SIZE);
  const dy = shortestWay(from.y[here], to.y[there], SIZE);
  stay(from, here, view);
  view.burning[here] = to.thrusting[there]; // the thrust between the two frames
  if (Math.max(Math.abs(dx), Math.abs(dy)) > FARTHEST_PER_TICK * ticks) return;
  const turn = shortestWay(from.heading[here], to.heading[there], HEADINGS);
  view.x[here] = wrapped(from.x[here] + dx * share) / SUBUNITS;
  view.y[here] = wrapped(from.y[here] + dy * share) / SUBUNITS;
  view.heading[here] = from.heading[here] + turn * share;
}

function stay(from: Snapshot, here: number, view: ShipsView): void {
  view.ids[here] = from.ids[here];
  view.x[here] = from.x[here] / SUBUNITS;
  view.y[here] = from.y[here] / SUBUNITS;
  view.vx[here] = from.vx[here] / SUBUNITS;
  view.vy[here] = from.vy[here] / SUBUNITS;
  view.heading[here] = from.heading[here];
  view.burning[here] = from.thrusting[here];
}

function wrapped(position: number): number {
  return (position + SIZE) % SIZE;
}
