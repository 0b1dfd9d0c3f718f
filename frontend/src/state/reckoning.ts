/**
 * Dead reckoning: the ships after the newest frame, by the server's own rules and with their last known inputs.
 *
 * While no input changes, the server sends nothing, and the result is exact.
 */
import { step } from "../sim/movement";
import type { Ship } from "../sim/ship";
import { Snapshot } from "./snapshot";

export class Reckoning {
  /** The ships one tick before `to`, and at `to`. */
  from = new Snapshot();
  to = new Snapshot();

  private ships: Ship[] = [];
  private basis: Snapshot | undefined;
  private basisTick = 0;

  /** Computes `from` and `to` so that `tick` lies between them. It must not be before the newest frame. */
  reach(newest: Snapshot, tick: number): void {
    if (this.basis !== newest || this.basisTick !== newest.tick || tick < this.from.tick) this.begin(newest);
    while (this.to.tick <= tick) this.next();
  }

  private begin(newest: Snapshot): void {
    this.basis = newest;
    this.basisTick = newest.tick;
    this.ships.length = newest.count; // new places are filled below
    for (let n = 0; n < newest.count; n++) this.ships[n] = newest.ship(n);
    this.to.record(newest.tick, this.ships);
    this.next();
  }

  private next(): void {
    [this.from, this.to] = [this.to, this.from];
    for (const ship of this.ships) step(ship);
    this.to.record(this.from.tick + 1, this.ships);
  }
}
