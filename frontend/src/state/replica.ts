/**
 * An exact copy of the arena: after a keyframe and each following delta, its ships equal the server's.
 *
 * If a delta does not match, the replica requests one keyframe and ignores deltas until it arrives.
 */
import { crc32 } from "../net/crc32";
import { decodeDelta } from "../net/delta";
import type { Change, Delta } from "../net/delta";
import type { Keyframe } from "../net/messages";
import { writeShips } from "../net/records";
import { Refusal, demand, refusalOr } from "../net/refusal";
import { stepAll } from "../sim/movement";
import type { Ship } from "../sim/ship";

/** Result of a message: the copy changed, nothing changed, or a keyframe must be requested. */
export type Outcome = "applied" | "ignored" | "resync";

export class Replica {
  epoch = 0;
  tick = 0;
  /** Ascending by id. Read-only; the next delta changes the objects. */
  ships: readonly Ship[] = [];

  /** Deltas can be applied: a keyframe arrived, and all later messages matched. */
  private following = false;
  /** A keyframe was requested and has not arrived. */
  private asked = false;

  keyframe({ epoch, tick, ships }: Keyframe): Outcome {
    Object.assign(this, { epoch, tick, ships });
    this.following = true;
    this.asked = false;
    return "applied";
  }

  delta(body: Uint8Array): Outcome {
    if (!this.following) return this.ask();
    const fitted = refusalOr(() => this.apply(decodeDelta(body, this.ships.length)));
    if (!(fitted instanceof Refusal)) return "applied";
    this.following = false;
    return this.ask();
  }

  /** After a wrong checksum, deltas are applied until the keyframe arrives, because an almost correct picture is better than none. */
  checksum(crc: number): Outcome {
    if (!this.following || this.asked) return "ignored";
    return crc32(writeShips(this.ships)) === crc ? "applied" : this.ask();
  }

  /** A new socket starts with a keyframe. The request on the old socket is void. */
  restart(): void {
    this.following = false;
    this.asked = false;
  }

  private ask(): Outcome {
    if (this.asked) return "ignored";
    this.asked = true;
    return "resync";
  }

  private apply(delta: Delta): void {
    const tick = (this.tick + delta.steps) >>> 0;
    demand((tick & 0xff) === delta.tick, "order");
    const remaining = without(this.ships, delta.departures);
    demand(!delta.arrivals.some((arrival) => contains(remaining, arrival.id)), "order");
    for (const change of delta.changes) applyChange(remaining[change.rank], change);
    stepAll(remaining, delta.steps);
    this.ships = delta.arrivals.length === 0 ? remaining : merged(remaining, delta.arrivals);
    this.tick = tick;
  }
}

function without(ships: readonly Ship[], departures: readonly number[]): readonly Ship[] {
  if (departures.length === 0) return ships;
  const gone = new Set(departures);
  const remaining = ships.filter((ship) => !gone.has(ship.id));
  demand(remaining.length === ships.length - departures.length, "unknown_ship");
  return remaining;
}

function applyChange(ship: Ship, { heading, thrusting, advance, sequence }: Change): void {
  ship.heading = heading;
  ship.thrusting = thrusting;
  ship.sequence = advance === 0 ? sequence : (ship.sequence + advance) & 0xff;
}

function contains(ships: readonly Ship[], id: number): boolean {
  return ships.some((ship) => ship.id === id);
}

function merged(ships: readonly Ship[], arrivals: readonly Ship[]): Ship[] {
  return [...ships, ...arrivals].sort((one, other) => one.id - other.id);
}
