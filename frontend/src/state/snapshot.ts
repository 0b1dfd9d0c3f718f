/** The data of one frame for drawing, copied into reused arrays. Memory is only allocated when the arena grows. */
import type { Ship } from "../sim/ship";

export class Snapshot {
  tick = 0;
  count = 0;
  ids = new Uint16Array();
  x = new Int32Array();
  y = new Int32Array();
  vx = new Int16Array();
  vy = new Int16Array();
  heading = new Uint8Array();
  thrusting = new Uint8Array();

  record(tick: number, ships: readonly Ship[]): void {
    this.tick = tick;
    this.count = ships.length;
    if (this.ids.length < ships.length) this.reserve(2 * ships.length);
    for (let n = 0; n < ships.length; n++) this.put(n, ships[n]);
  }

  /** A copy of one ship. Its sequence is not kept, because drawing does not need it. */
  ship(n: number): Ship {
    return {
      id: this.ids[n],
      x: this.x[n],
      y: this.y[n],
      vx: this.vx[n],
      vy: this.vy[n],
      heading: this.heading[n],
      thrusting: this.thrusting[n] === 1,
      sequence: 0,
    };
  }

  private put(n: number, ship: Ship): void {
    this.ids[n] = ship.id;
    this.x[n] = ship.x;
    this.y[n] = ship.y;
    this.vx[n] = ship.vx;
    this.vy[n] = ship.vy;
    this.heading[n] = ship.heading;
    this.thrusting[n] = ship.thrusting ? 1 : 0;
  }

  private reserve(capacity: number): void {
    this.ids = new Uint16Array(capacity);
    this.x = new Int32Array(capacity);
    this.y = new Int32Array(capacity);
    this.vx = new Int16Array(capacity);
    this.vy = new Int16Array(capacity);
    this.heading = new Uint8Array(capacity);
    this.thrusting = new Uint8Array(capacity);
  }
}
