/**
 * `flotilla.v1` as far as a load needs it (docs/protocol.md): says HELLO, INPUT and RESYNC, and reads of every frame
 * where in time it is. Any bytes become a reading or a Refusal by the protocol's names. Pure: also node runs it.
 */

export const WELCOME = 0x81;
export const KEYFRAME = 0x82;
export const DELTA = 0x83;
export const FULL = 0x84;
export const CHECKSUM = 0x85;
export const PONG = 0x86;
export const STATUS = 0x87;
export const GOODBYE = 0x88;

const VARINT_MAX_BYTES = 4;
const STEPS = 0x0f; // the bits of a delta's control that count its steps
const RULES = { version: 1, tickRate: 20, subunits: 1024, size: 1_024_000 }; // of the world that this load knows
const RECORD_BYTES = { [KEYFRAME]: 17, [FULL]: 8 };

/** What no server of this protocol sends; `message` is the protocol's name for it. */
export class Refusal extends Error {}

/** HELLO without name, ticket and capabilities: a new player. */
export function hello() {
  return Uint8Array.of(0x01, 0, 0, 0, 0);
}

/** INPUT; `sequence` and `heading` are 0 to 255. */
export function input(sequence, heading, thrusting) {
  return Uint8Array.of(0x02, sequence, heading, thrusting ? 1 : 0);
}

/** RESYNC: asks for a keyframe. */
export function resync() {
  return Uint8Array.of(0x04);
}

/** The moment of the last frame of one socket, and what else its messages said. */
export class Stream {
  constructor() {
    this.epoch = 0;
    this.tick = 0;
    this.fits = true; // whether each delta led where it said
    this.welcomed = false;
    this.goodbye = false;
  }

  /** Takes in one WebSocket message; tells whether it held a frame of the world. Throws Refusal. */
  take(bytes) {
    demand(bytes.length > 0, "empty");
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let framed = false;
    for (let at = 0; at < bytes.length;) {
      const [size, start] = varint(bytes, at + 1);
      demand(size <= bytes.length - start, "length");
      framed = this.#body(bytes[at], view, start, size) || framed;
      at = start + size;
    }
    return framed;
  }

  #body(type, view, start, size) {
    switch (type) {
      case DELTA:
        return this.#delta(view, start, size);
      case KEYFRAME:
      case FULL:
        demand(size >= 8 && (size - 8) % RECORD_BYTES[type] === 0, "length");
        return this.#moment(view, start);
      case WELCOME:
        return this.#welcome(view, start, size);
      case CHECKSUM:
      case PONG:
        demand(size === 4, "length");
        return false;
      case STATUS:
        demand(size >= 1, "length");
        demand(view.getUint8(start) <= 1, "range");
        return false;
      case GOODBYE:
        demand(size >= 2, "length");
        this.goodbye = true;
        return false;
      default:
        return false;
    }
  }

  #delta(view, start, size) {
    demand(size >= 2, "length");
    const steps = view.getUint8(start + 1) & STEPS;
    demand(steps > 0, "steps");
    this.tick = (this.tick + steps) >>> 0;
    if ((this.tick & 0xff) !== view.getUint8(start)) this.fits = false;
    return true;
  }

  #moment(view, start) {
    this.epoch = view.getUint32(start, true);
    this.tick = view.getUint32(start + 4, true);
    this.fits = true;
    return true;
  }

  #welcome(view, start, size) {
    demand(size >= 1, "length");
    demand(view.getUint8(start) === RULES.version, "version");
    demand(size >= 22 && size >= 22 + view.getUint16(start + 20, true), "length");
    const rules = [view.getUint8(start + 1), view.getUint16(start + 2, true), view.getUint32(start + 4, true)];
    demand(rules.join() === [RULES.tickRate, RULES.subunits, RULES.size].join(), "range");
    this.epoch = view.getUint32(start + 8, true);
    this.tick = view.getUint32(start + 12, true);
    this.welcomed = true;
    return false;
  }
}

/** Unsigned LEB128 in its shortest form, at most 4 bytes: its value, and where what follows begins. */
function varint(bytes, at) {
  let value = 0;
  for (let n = 0; n < VARINT_MAX_BYTES; n++) {
    demand(at + n < bytes.length, "length");
    const byte = bytes[at + n];
    value |= (byte & 0x7f) << (7 * n);
    if (byte & 0x80) continue;
    demand(byte !== 0 || n === 0, "varint");
    return [value, at + n + 1];
  }
  throw new Refusal("varint");
}

function demand(condition, reason) {
  if (!condition) throw new Refusal(reason);
}
