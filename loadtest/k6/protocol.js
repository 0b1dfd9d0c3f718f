/** Both protocols of docs/protocol.md, as far as a load needs them; SyntaxError: a message that no server sends. */

const [FRAMES, GOODBYE] = [[0x82, 0x83, 0x84], 0x88]; // KEYFRAME, DELTA, FULL
const LEAST = { 0x81: 22, 0x82: 8, 0x83: 2, 0x84: 8, 0x85: 4, 0x86: 4, 0x87: 1, 0x88: 2 }; // bytes of each body
const RECORD = { 0x82: 17, 0x84: 8, 0x85: Infinity, 0x86: Infinity }; // the rest is a multiple of this; Infinity: no rest

/** `flotilla.v1`: reads types and sizes. */
export class V1 {
  static subprotocols = ["flotilla.v1"];
  sequence = 0;
  goodbye = false;

  constructor(send) {
    this.send = (...bytes) => send(Uint8Array.from(bytes).buffer);
  }

  greet() {
    this.send(0x01, 0, 0, 0, 0); // HELLO without name, ticket and capabilities
  }

  steer(heading, thrusting) {
    this.sequence = (this.sequence + 1) & 0xff;
    this.send(0x02, this.sequence, heading, thrusting ? 1 : 0); // INPUT
  }

  /** Returns true if a WebSocket message held a frame of the world. Throws SyntaxError. */
  take(data) {
    if (typeof data === "string" || data.byteLength === 0) throw new SyntaxError("text or empty");
    const view = new DataView(data);
    let framed = false;
    for (let at = 0; at < view.byteLength;) {
      const [type, [size, start]] = [view.getUint8(at), varint(view, at + 1)];
      const rest = size - (LEAST[type] ?? 0);
      if (rest < 0 || rest % (RECORD[type] ?? 1) !== 0) throw new SyntaxError("length");
      if (size > view.byteLength - start) throw new SyntaxError("length");
      this.goodbye ||= type === GOODBYE;
      framed ||= FRAMES.includes(type);
      at = start + size;
    }
    return framed;
  }
}

/** The tutorial's JSON: angle and button with every input; nothing before `playerId` came. */
export class Tutorial {
  static subprotocols = [];
  id = null;
  goodbye = false;

  constructor(send) {
    this.send = (message) => send(JSON.stringify({ ...message, playerId: this.id }));
  }

  steer(heading, thrusting) {
    if (this.id === null) return;
    this.send({ type: thrusting ? "mouseDown" : "mouseUp" });
    this.send({ type: "facing", facing: ((heading > 128 ? heading - 256 : heading) * Math.PI) / 128 });
  }

  take(data) {
    if (typeof data !== "string") throw new SyntaxError("binary");
    if (/^\s*\{\s*"type"\s*:\s*"stateUpdate"/.test(data)) return true; // a frame is not parsed any further
    const message = JSON.parse(data);
    if (message === null || typeof message !== "object") throw new SyntaxError("json");
    this.goodbye ||= message.type === "goodbye";
    if (message.type === "playerId") this.id = message.playerId ?? null;
    return false;
  }
}

/** Reads an unsigned LEB128 of at most 4 bytes; returns the value and the offset behind it. */
function varint(view, at, shift = 0) {
  if (at >= view.byteLength || shift >= 28) throw new SyntaxError("length");
  const [byte, next] = [view.getUint8(at), at + 1];
  if (byte < 0x80) return [byte << shift, next];
  const [rest, end] = varint(view, next, shift + 7);
  return [rest | ((byte & 0x7f) << shift), end];
}
