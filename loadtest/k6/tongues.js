/** What a player says and understands, in each of the two protocols. Pure: also node runs it. */
import { Refusal, Stream, hello, input, resync } from "./wire.js";

const FRAME = /^\s*\{\s*"type"\s*:\s*"stateUpdate"/; // of a frame no more is read
const HEADINGS = 256;

/** `flotilla.v1`: levels by number. */
class V1 {
  protocols = ["flotilla.v1"];
  goodbye = false;
  #say;
  #sequence = 0;
  #stream = new Stream();

  constructor(say) {
    this.#say = say;
  }

  greet() {
    this.#say(hello());
  }

  /** Takes in one message; tells whether it held a frame. Throws Refusal for what no server sends. */
  take(data, controls) {
    if (typeof data === "string") throw new Refusal("text");
    const stream = this.#stream;
    const framed = stream.take(new Uint8Array(data));
    if (stream.welcomed) {
      stream.welcomed = false;
      this.steer(controls);
    }
    this.goodbye = stream.goodbye;
    if (!stream.fits) {
      stream.fits = true;
      this.#say(resync());
      throw new Refusal("misfit");
    }
    return framed;
  }

  steer({ heading, thrusting }) {
    this.#sequence = (this.#sequence + 1) & 0xff;
    this.#say(input(this.#sequence, heading, thrusting));
  }
}

/** The tutorial's JSON: `facing`, and the button where it moved. */
class Tutorial {
  protocols = [];
  goodbye = false;
  #say;
  #id = null;
  #pressed = false;

  constructor(say) {
    this.#say = say;
  }

  greet() {} // the server tells an id first

  take(data, controls) {
    if (typeof data !== "string") throw new Refusal("binary");
    if (FRAME.test(data)) return true;
    const told = parsed(data);
    if (told.type === "playerId" && told.playerId !== undefined) {
      this.#id = told.playerId;
      this.steer(controls);
    } else if (told.type === "goodbye") {
      this.goodbye = true;
    }
    return false;
  }

  steer({ heading, thrusting }) {
    if (this.#id === null) return;
    if (thrusting !== this.#pressed) {
      this.#pressed = thrusting;
      this.#tell({ type: thrusting ? "mouseDown" : "mouseUp" });
    }
    this.#tell({ type: "facing", facing: facing(heading) });
  }

  #tell(message) {
    this.#say(JSON.stringify({ ...message, playerId: this.#id }));
  }
}

export const TONGUES = { v1: V1, json: Tutorial };

/** The tutorial's angle in radians of a heading, 0 to 255. */
export function facing(heading) {
  const signed = heading > HEADINGS / 2 ? heading - HEADINGS : heading;
  return Math.round(((signed * 2 * Math.PI) / HEADINGS) * 1000) / 1000;
}

function parsed(data) {
  try {
    const told = JSON.parse(data);
    if (told !== null && typeof told === "object") return told;
  } catch {
    // said below
  }
  throw new Refusal("json");
}
