/** Decodes server messages. Any bytes give messages or one named refusal, and never another error. */
import { SIZE, SUBUNITS, TICKS_PER_SECOND } from "../sim/rules";
import { PROTOCOL_VERSION, ServerType } from "./messages";
import type { Full, Goodbye, Keyframe, ServerMessage, ServerStatus, Welcome } from "./messages";
import { Reader } from "./reader";
import { PICTURE_RECORD_BYTES, SHIP_RECORD_BYTES, readAscending, readPicture, readShip } from "./records";
import { refusalOr, demand } from "./refusal";
import type { Refusal } from "./refusal";

/** The messages of one WebSocket message in order, without messages of unknown types. */
export function decode(bytes: Uint8Array): ServerMessage[] | Refusal {
  return refusalOr(() => readEnvelope(new Reader(bytes)));
}

function readEnvelope(reader: Reader): ServerMessage[] {
  demand(reader.remaining > 0, "empty");
  const messages: ServerMessage[] = [];
  while (reader.remaining > 0) {
    const type = reader.u8();
    const message = readBody(type, new Reader(reader.take(reader.varint())));
    if (message) messages.push(message);
  }
  return messages;
}

function readBody(type: number, body: Reader): ServerMessage | undefined {
  switch (type) {
    case ServerType.WELCOME:
      return readWelcome(body);
    case ServerType.KEYFRAME:
      return readKeyframe(body);
    case ServerType.DELTA:
      return { type: "delta", body: body.take(body.remaining) };
    case ServerType.FULL:
      return readFull(body);
    case ServerType.CHECKSUM:
      return exactly(body, { type: "checksum", crc: body.u32() });
    case ServerType.PONG:
      return exactly(body, { type: "pong", nonce: body.u32() });
    case ServerType.STATUS:
      return readStatus(body);
    case ServerType.GOODBYE:
      return readGoodbye(body);
    default:
      return undefined;
  }
}

function exactly<T>(body: Reader, message: T): T {
  body.finish();
  return message;
}

/** Ignores additional fields of later minor versions. Refuses a world with other rules, which this client cannot compute. */
function readWelcome(body: Reader): Welcome {
  const version = body.u8();
  demand(version === PROTOCOL_VERSION, "version");
  const [tickRate, subunits, size] = [body.u8(), body.u16(), body.u32()];
  demand(tickRate === TICKS_PER_SECOND && subunits === SUBUNITS && size === SIZE, "range");
  const [epoch, tick, ship, arena] = [body.u32(), body.u32(), body.u16(), body.u16()];
  demand(ship > 0, "range");
  const ticket = body.take(body.u16()).slice();
  return { type: "welcome", version, tickRate, subunits, size, epoch, tick, ship, arena, ticket };
}

function readKeyframe(body: Reader): Keyframe {
  const [epoch, tick] = [body.u32(), body.u32()];
  const ships = readAscending(wholeRecords(body, SHIP_RECORD_BYTES), () => readShip(body));
  return { type: "keyframe", epoch, tick, ships };
}

function readFull(body: Reader): Full {
  const [epoch, tick] = [body.u32(), body.u32()];
  const ships = readAscending(wholeRecords(body, PICTURE_RECORD_BYTES), () => readPicture(body));
  return { type: "full", epoch, tick, ships };
}

function wholeRecords(body: Reader, bytes: number): number {
  demand(body.remaining % bytes === 0, "length");
  return body.remaining / bytes;
}

function readStatus(body: Reader): ServerStatus {
  const state = body.u8();
  demand(state <= 1, "range");
  return { type: "status", state: state === 0 ? "live" : "paused" };
}

function readGoodbye(body: Reader): Goodbye {
  return { type: "goodbye", reconnectAfterMs: body.u16() };
}
