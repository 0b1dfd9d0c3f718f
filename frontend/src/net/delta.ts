/** Decodes the body of a DELTA exactly, or refuses it by name. It depends on the number of ships only. */
import type { Ship } from "../sim/ship";
import type { Controls } from "./messages";
import { Reader } from "./reader";
import { readAscending, readShip } from "./records";
import { Refusal, demand } from "./refusal";

export interface Change extends Controls {
  /** Index of the ship among the remaining ships, in ascending order of id. */
  rank: number;
  /** Increment of the sequence; 0 means that `sequence` is the new value. */
  advance: number;
  sequence: number;
}

export interface Delta {
  /** Low byte of the frame's tick. */
  tick: number;
  /** 1…15. */
  steps: number;
  departures: number[];
  changes: Change[];
  arrivals: Ship[];
}

const STEPS = 0x0f;
const DEPARTURES = 0x10;
const CHANGES = 0x20;
const ARRIVALS = 0x40;
const RESERVED = 0x80;

const THRUSTING = 0x1;

/**
 * @param population ships in the arena before the frame
 * @throws Refusal if the body is damaged or does not match the number of ships
 */
export function decodeDelta(body: Uint8Array, population: number): Delta {
  const reader = new Reader(body);
  const tick = reader.u8();
  const control = reader.u8();
  const steps = control & STEPS;
  demand((control & RESERVED) === 0, "reserved_bits");
  demand(steps > 0, "range");
  const departures = control & DEPARTURES ? readDepartures(reader) : [];
  demand(departures.length <= population, "unknown_ship");
  const changes = control & CHANGES ? readChanges(reader, population - departures.length) : [];
  const arrivals = control & ARRIVALS ? readArrivals(reader) : [];
  reader.finish();
  return { tick, steps, departures, changes, arrivals };
}

function readDepartures(reader: Reader): number[] {
  return readAscending(readCount(reader), () => ({ id: reader.u16() })).map(({ id }) => id);
}

function readArrivals(reader: Reader): Ship[] {
  return readAscending(readCount(reader), () => readShip(reader));
}

function readCount(reader: Reader): number {
  const count = reader.varint();
  demand(count > 0, "range");
  return count;
}

function readChanges(reader: Reader, remaining: number): Change[] {
  const ranks = readRanks(reader, remaining);
  const headings = reader.take(ranks.length);
  const nibbles = readNibbles(reader, ranks.length);
  return ranks.map((rank, n) => readChange(reader, rank, headings[n], nibbles[n]));
}

function readChange(reader: Reader, rank: number, heading: number, nibble: number): Change {
  const advance = nibble >> 1;
  const sequence = advance === 0 ? reader.u8() : 0;
  return { rank, heading, thrusting: (nibble & THRUSTING) !== 0, advance, sequence };
}

/** The two-level mask: one bit per group of eight ships, then one byte for each group with changes. */
function readRanks(reader: Reader, remaining: number): number[] {
  const groups = Math.ceil(remaining / 8);
  const marked = bitsOf(reader.take(Math.ceil(groups / 8)));
  const ranks = marked.flatMap((group) => readGroup(reader, group));
  const last = ranks.at(-1);
  if (last === undefined) throw new Refusal("range");
  demand(last < remaining, "reserved_bits");
  return ranks;
}

function readGroup(reader: Reader, group: number): number[] {
  const members = bitsOf(reader.take(1));
  demand(members.length > 0, "range");
  return members.map((bit) => 8 * group + bit);
}

/** Indices of the set bits, bit 0 of byte 0 first. */
function bitsOf(bytes: Uint8Array): number[] {
  const bits: number[] = [];
  for (let n = 0; n < 8 * bytes.length; n++) {
    if (bytes[n >> 3] & (1 << (n & 7))) bits.push(n);
  }
  return bits;
}

function readNibbles(reader: Reader, count: number): number[] {
  const bytes = reader.take(Math.ceil(count / 2));
  const unusedHalf = count % 2 === 1 ? bytes[bytes.length - 1] >> 4 : 0;
  demand(unusedHalf === 0, "reserved_bits");
  return Array.from({ length: count }, (_, n) => (bytes[n >> 1] >> (4 * (n & 1))) & 0x0f);
}
