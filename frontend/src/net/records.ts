/** Encodes and decodes the 17 bytes of a ship and the 8 bytes of its picture. Impossible records are refused. */
import { SIZE } from "../sim/rules";
import type { Ship } from "../sim/ship";
import type { Picture } from "./messages";
import type { Reader } from "./reader";
import { demand } from "./refusal";

export const SHIP_RECORD_BYTES = 17;
export const PICTURE_RECORD_BYTES = 8;

const PICTURE_SCALE = 16; // subunits per step of a position in a picture
const THRUSTING = 0x01;

export function readShip(reader: Reader): Ship {
  const id = reader.u16();
  const x = reader.u32();
  const y = reader.u32();
  const vx = reader.i16();
  const vy = reader.i16();
  const heading = reader.u8();
  const thrusting = readFlags(reader);
  demand(id > 0 && x < SIZE && y < SIZE, "range");
  return { id, x, y, vx, vy, heading, thrusting, sequence: reader.u8() };
}

export function readPicture(reader: Reader): Picture {
  const id = reader.u16();
  const x = reader.u16();
  const y = reader.u16();
  demand(id > 0 && x < SIZE / PICTURE_SCALE && y < SIZE / PICTURE_SCALE, "range");
  return { id, x, y, heading: reader.u8(), thrusting: readFlags(reader) };
}

/** Reads records until the end. Their ids must be in strictly ascending order. */
export function readAscending<T extends { id: number }>(count: number, readOne: () => T): T[] {
  const records: T[] = [];
  for (let n = 0; n < count; n++) {
    const record = readOne();
    demand(n === 0 || record.id > records[n - 1].id, "order");
    records.push(record);
  }
  return records;
}

/** The ships in the encoding of KEYFRAME. */
export function writeShips(ships: readonly Ship[]): Uint8Array {
  const bytes = new Uint8Array(ships.length * SHIP_RECORD_BYTES);
  const view = new DataView(bytes.buffer);
  for (let n = 0; n < ships.length; n++) writeShip(view, n * SHIP_RECORD_BYTES, ships[n]);
  return bytes;
}

function writeShip(view: DataView, at: number, ship: Ship): void {
  view.setUint16(at, ship.id, true);
  view.setUint32(at + 2, ship.x, true);
  view.setUint32(at + 6, ship.y, true);
  view.setInt16(at + 10, ship.vx, true);
  view.setInt16(at + 12, ship.vy, true);
  view.setUint8(at + 14, ship.heading);
  view.setUint8(at + 15, ship.thrusting ? THRUSTING : 0);
  view.setUint8(at + 16, ship.sequence);
}

function readFlags(reader: Reader): boolean {
  const flags = reader.u8();
  demand((flags & ~THRUSTING) === 0, "reserved_bits");
  return flags === THRUSTING;
}
