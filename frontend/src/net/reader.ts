/** Reads little-endian fields from untrusted bytes. It refuses to read past the end. */
import { Refusal, demand } from "./refusal";

const VARINT_MAX_BYTES = 4;

export class Reader {
  private readonly view: DataView;
  private at = 0;

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get remaining(): number {
    return this.bytes.length - this.at;
  }

  u8(): number {
    return this.view.getUint8(this.advance(1));
  }

  u16(): number {
    return this.view.getUint16(this.advance(2), true);
  }

  i16(): number {
    return this.view.getInt16(this.advance(2), true);
  }

  u32(): number {
    return this.view.getUint32(this.advance(4), true);
  }

  /** Unsigned LEB128 in its shortest form, at most 4 bytes. */
  varint(): number {
    let value = 0;
    for (let n = 0; n < VARINT_MAX_BYTES; n++) {
      const byte = this.u8();
      value |= (byte & 0x7f) << (7 * n);
      if (byte & 0x80) continue;
      demand(byte !== 0 || n === 0, "varint");
      return value;
    }
    throw new Refusal("varint");
  }

  /** The next `length` bytes, not copied. */
  take(length: number): Uint8Array {
    const start = this.advance(length);
    return this.bytes.subarray(start, start + length);
  }

  /** Refuses if bytes are left. */
  finish(): void {
    demand(this.remaining === 0, "length");
  }

  private advance(length: number): number {
    demand(length <= this.remaining, "length");
    const start = this.at;
    this.at += length;
    return start;
  }
}
