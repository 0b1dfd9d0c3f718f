/**
 * A small server for tests: an arena and its encoder, written after docs/protocol.md, without shared code with the client.
 *
 * It is slow and simple (BigInt, strings of bits), so that it and the client do not have the same bugs.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import type { Ship } from "../sim/ship";

const SIZE = 1_024_000n;
const CAP = 5120n;

const thrust = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../../app/sim/thrust.json"), "utf8"),
) as readonly number[];

interface Pending {
  heading: number;
  thrusting: boolean;
  sequence: number;
}

/** An arena for one socket. Each frame contains all changes since the last one. */
export class Arena {
  tick: number;
  epoch = 9;
  private readonly ships = new Map<number, Ship>();
  private readonly inputs = new Map<number, Pending>();
  private readonly departed = new Set<number>();
  private readonly joining: Ship[] = [];

  constructor(tick = 256) {
    this.tick = tick;
  }

  /** Copies of the ships, ascending by id. */
  list(): Ship[] {
    return [...this.ships.values()].sort((one, other) => one.id - other.id).map((ship) => ({ ...ship }));
  }

  /** Adds a ship with the next frame. */
  join(ship: Ship): void {
    if (!this.ships.has(ship.id) && !this.joining.some(({ id }) => id === ship.id)) this.joining.push({ ...ship });
  }

  leave(id: number): void {
    if (this.ships.delete(id)) this.departed.add(id);
    this.inputs.delete(id);
  }

  input(id: number, pending: Pending): void {
    if (this.ships.has(id)) this.inputs.set(id, pending);
  }

  /** Advances by some steps. Returns the DELTA for them, optionally with the CHECKSUM. */
  advance(steps: number, withChecksum = false): Uint8Array {
    const changes = encodeChanges(this.list(), this.inputs);
    for (const [id, pending] of this.inputs) Object.assign(this.shipOf(id), pending);
    for (let n = 0; n < steps; n++) for (const ship of this.ships.values()) move(ship);
    const arrivals = this.joining.splice(0).sort((one, other) => one.id - other.id);
    const departures = [...this.departed].sort((one, other) => one - other);
    for (const ship of arrivals) this.ships.set(ship.id, ship);
    this.inputs.clear();
    this.departed.clear();
    this.tick = (this.tick + steps) % 2 ** 32;
    const control = steps + 16 * flag(departures.length) + 32 * flag(changes.length) + 64 * flag(arrivals.length);
    const body = [this.tick % 256, control, ...counted(departures, u16), ...changes, ...counted(arrivals, record)];
    return Uint8Array.from([...message(0x83, body), ...(withChecksum ? this.checksum() : [])]);
  }

  keyframe(): Uint8Array {
    return Uint8Array.from(message(0x82, [...u32(this.epoch), ...u32(this.tick), ...this.list().flatMap(record)]));
  }

  private checksum(): number[] {
    return message(0x85, u32(crc32(Uint8Array.from(this.list().flatMap(record)))));
  }

  private shipOf(id: number): Ship {
    const ship = this.ships.get(id);
    if (!ship) throw new Error(`no ship ${id}`);
    return ship;
  }
}

export function welcome(ship: number, ticket: readonly number[] = [], epoch = 9): Uint8Array {
  const rules = [1, 20, ...u16(1024), ...u32(1_024_000)];
  return Uint8Array.from(
    message(0x81, [...rules, ...u32(epoch), ...u32(255), ...u16(ship), ...u16(0), ...u16(ticket.length), ...ticket]),
  );
}

export function message(type: number, body: readonly number[]): number[] {
  return [type, ...varint(body.length), ...body];
}

export function u16(value: number): number[] {
  return [value % 256, Math.floor(value / 256)];
}

export function u32(value: number): number[] {
  return [...u16(value % 65536), ...u16(Math.floor(value / 65536))];
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
}

function counted<T>(items: readonly T[], encodeOne: (item: T) => number[]): number[] {
  return items.length === 0 ? [] : [...varint(items.length), ...items.flatMap(encodeOne)];
}

function flag(count: number): number {
  return count > 0 ? 1 : 0;
}

function record(ship: Ship): number[] {
  const velocity = [ship.vx, ship.vy].flatMap((v) => u16((v + 65536) % 65536));
  const place = [...u16(ship.id), ...u32(ship.x), ...u32(ship.y)];
  return [...place, ...velocity, ship.heading, flag(Number(ship.thrusting)), ship.sequence];
}

function encodeChanges(ships: readonly Ship[], inputs: ReadonlyMap<number, Pending>): number[] {
  if (inputs.size === 0) return [];
  const marks = ships.map(({ id }) => (inputs.has(id) ? "1" : "0")).join("");
  const members = marks.match(/.{1,8}/g) ?? [];
  const groups = members.map((bits) => (bits.includes("1") ? "1" : "0")).join("");
  const changed = ships.flatMap((ship) => inputs.get(ship.id) ?? []);
  const before = ships.filter(({ id }) => inputs.has(id));
  const advances = changed.map((pending, n) => (pending.sequence - before[n].sequence + 256) % 256);
  const nibbles = changed.map(
    (pending, n) => flag(Number(pending.thrusting)) + 2 * (advances[n] < 8 ? advances[n] : 0),
  );
  return [
    ...(groups.match(/.{1,8}/g) ?? []).map(byteOf),
    ...members.filter((bits) => bits.includes("1")).map(byteOf),
    ...changed.map(({ heading }) => heading),
    ...nibbles.flatMap((nibble, n) => (n % 2 === 0 ? [nibble + 16 * (nibbles[n + 1] ?? 0)] : [])),
    ...changed.filter((_, n) => nibbles[n] < 2).map(({ sequence }) => sequence),
  ];
}

/** A byte from a string of bits. The first character is the lowest bit. */
function byteOf(bits: string): number {
  return bits.split("").reduce((byte, bit, n) => byte + Number(bit) * 2 ** n, 0);
}

/** One step as in docs/protocol.md, with BigInt. */
function move(ship: Ship): void {
  let [vx, vy] = [BigInt(ship.vx), BigInt(ship.vy)];
  if (ship.thrusting) {
    vx += BigInt(thrust[ship.heading]);
    vy += BigInt(thrust[(ship.heading + 192) % 256]);
    const squared = vx * vx + vy * vy;
    if (squared > CAP * CAP) {
      const speed = rootRoundedUp(squared);
      [vx, vy] = [(vx * CAP) / speed, (vy * CAP) / speed];
    }
  }
  [ship.vx, ship.vy] = [Number(vx), Number(vy)];
  ship.x = Number((BigInt(ship.x) + vx + SIZE) % SIZE);
  ship.y = Number((BigInt(ship.y) + vy + SIZE) % SIZE);
}

/** The smallest integer whose square is not below the value. */
function rootRoundedUp(value: bigint): bigint {
  let [low, high] = [0n, 1n << 20n];
  while (low < high) {
    const middle = (low + high) / 2n;
    if (middle * middle >= value) high = middle;
    else low = middle + 1n;
  }
  return low;
}
