/** Both protocols of docs/protocol.md, as far as a load needs them. Pure: tests run it with node. */

/** A message that no server sends; `message` is the protocol's name for the reason. JSON.parse throws its base class. */
export class Refusal extends SyntaxError {}

const [WELCOME, KEYFRAME, DELTA, FULL, STATUS, GOODBYE] = [0x81, 0x82, 0x83, 0x84, 0x87, 0x88];
const LEAST = { 0x81: 22, 0x82: 8, 0x83: 2, 0x84: 8, 0x85: 4, 0x86: 4, 0x87: 1, 0x88: 2 }; // bytes of each type's body
const RECORD = { 0x82: 17, 0x84: 8, 0x85: Infinity, 0x86: Infinity }; // the rest is a multiple of this; Infinity: no rest

/** `flotilla.v1`: reads types, sizes, and the tick of every frame. */
export class V1 {
  static subprotocols = ["flotilla.v1"];
  sequence = 0;
  tick = 0;
  goodbye = false;

  constructor(send) {
    this.send = send;
  }

  greet() {
    this.send(Uint8Array.of(0x01, 0, 0, 0, 0)); // HELLO without name, ticket and capabilities
  }

  steer({ heading, thrusting }) {
    this.sequence = (this.sequence + 1) & 0xff;
    this.send(Uint8Array.of(0x02, this.sequence, heading, thrusting ? 1 : 0)); // INPUT
  }

  /** Returns true if a WebSocket message held a frame of the world. Throws Refusal. */
  take(data, controls) {
    demand(typeof data !== "string", "text");
    const view = new DataView(data);
    demand(view.byteLength > 0, "empty");
    let framed = false;
    for (let at = 0; at < view.byteLength;) {
      const [type, [size, start]] = [view.getUint8(at), varint(view, at + 1)];
      const rest = size - (LEAST[type] ?? 0);
      demand(rest >= 0 && rest % (RECORD[type] ?? 1) === 0 && size <= view.byteLength - start, "length");
      demand(type !== WELCOME || view.getUint8(start) === 1, "version");
      demand(type !== STATUS || view.getUint8(start) <= 1, "range");
      this.goodbye ||= type === GOODBYE;
      framed ||= [KEYFRAME, DELTA, FULL].includes(type);
      if (type === WELCOME) this.steer(controls);
      if (type === KEYFRAME || type === FULL) this.tick = view.getUint32(start + 4, true);
      if (type === DELTA) this.step(view.getUint8(start), view.getUint8(start + 1) & 0x0f);
      at = start + size;
    }
    return framed;
  }

  step(tickLow, steps) {
    demand(steps > 0, "steps");
    this.tick = (this.tick + steps) >>> 0;
    if ((this.tick & 0xff) === tickLow) return;
    this.send(Uint8Array.of(0x04)); // RESYNC requests a keyframe
    throw new Refusal("misfit");
  }
}

/** The tutorial's JSON: `facing` with every input, and the button when it changed; nothing before `playerId` came. */
export class Tutorial {
  static subprotocols = [];
  id = null;
  pressed = false;
  goodbye = false;

  constructor(send) {
    this.send = (message) => send(JSON.stringify({ ...message, playerId: this.id }));
  }

  greet() {}

  steer({ heading, thrusting }) {
    if (this.id === null) return;
    if (thrusting !== this.pressed) this.send({ type: thrusting ? "mouseDown" : "mouseUp" });
    this.pressed = thrusting;
    this.send({ type: "facing", facing: facing(heading) });
  }

  take(data, controls) {
    demand(typeof data === "string", "binary");
    if (/^\s*\{\s*"type"\s*:\s*"stateUpdate"/.test(data)) return true; // a frame is not parsed any further
    const message = JSON.parse(data);
    demand(message !== null && typeof message === "object", "json");
    this.goodbye ||= message.type === "goodbye";
    if (message.type === "playerId" && message.playerId !== undefined) {
      this.id = message.playerId;
      this.steer(controls);
    }
    return false;
  }
}

/** The tutorial's angle in radians of a heading, 0 to 255. */
export function facing(heading) {
  return Math.round((((heading > 128 ? heading - 256 : heading) * Math.PI) / 128) * 1000) / 1000;
}

/** Reads an unsigned LEB128 in its shortest form, at most 4 bytes; returns the value and the offset behind it. */
function varint(view, at) {
  for (let [n, value] = [0, 0]; n < 4; n++) {
    demand(at + n < view.byteLength, "length");
    const byte = view.getUint8(at + n);
    value |= (byte & 0x7f) << (7 * n);
    demand(byte !== 0 || n === 0, "varint");
    if (byte < 0x80) return [value, at + n + 1];
  }
  throw new Refusal("varint");
}

function demand(condition, reason) {
  if (!condition) throw new Refusal(reason);
}
