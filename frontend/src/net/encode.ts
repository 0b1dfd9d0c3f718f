/** Encodes client messages. A value that the server would refuse is a bug of this client and throws a RangeError. */
import { ClientType, NAME_MAX, TICKET_MAX } from "./messages";
import type { ClientMessage, Hello, Input, Ping } from "./messages";

const FULL = 0x01;
const SPARSE = 0x02;
const THRUST = 0x01;
const U8_MAX = 0xff;
const U32_MAX = 0xffffffff;
const CONTROL_CHARACTER = /\p{Cc}/u;

export function encode(message: ClientMessage): Uint8Array<ArrayBuffer> {
  switch (message.type) {
    case "hello":
      return encodeHello(message);
    case "input":
      return encodeInput(message);
    case "ping":
      return encodePing(message);
    case "resync":
      return Uint8Array.of(ClientType.RESYNC);
    case "pause":
      return Uint8Array.of(ClientType.PAUSE);
    case "resume":
      return Uint8Array.of(ClientType.RESUME);
  }
}

function encodeHello({ name, ticket, full, sparse = false }: Hello): Uint8Array<ArrayBuffer> {
  const nameBytes = new TextEncoder().encode(name);
  assertWithin(nameBytes.length, NAME_MAX, "bytes of the name");
  assertWithin(ticket.length, TICKET_MAX, "bytes of the ticket");
  if (CONTROL_CHARACTER.test(name)) throw new RangeError("a name holds no control characters");
  const flags = (full ? FULL : 0) | (sparse ? SPARSE : 0);
  const capabilities = flags === 0 ? [] : [flags]; // missing bytes are zero
  return Uint8Array.of(
    ClientType.HELLO,
    nameBytes.length,
    ...nameBytes,
    ...littleEndian(ticket.length, 2),
    ...ticket,
    capabilities.length,
    ...capabilities,
  );
}

function encodeInput({ sequence, heading, thrusting }: Input): Uint8Array<ArrayBuffer> {
  assertWithin(sequence, U8_MAX, "sequence");
  assertWithin(heading, U8_MAX, "heading");
  return Uint8Array.of(ClientType.INPUT, sequence, heading, thrusting ? THRUST : 0);
}

function encodePing({ nonce }: Ping): Uint8Array<ArrayBuffer> {
  assertWithin(nonce, U32_MAX, "nonce");
  return Uint8Array.of(ClientType.PING, ...littleEndian(nonce, 4));
}

function littleEndian(value: number, bytes: number): number[] {
  return Array.from({ length: bytes }, (_, n) => (value >>> (8 * n)) & 0xff);
}

function assertWithin(value: number, max: number, what: string): void {
  if (!Number.isInteger(value) || value < 0 || value > max) throw new RangeError(`${what}: ${value}`);
}
