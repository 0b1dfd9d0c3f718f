/** The messages of `flotilla.v1`. docs/protocol.md defines them. */
import type { Ship } from "../sim/ship";

export const SUBPROTOCOL = "flotilla.v1";
export const PROTOCOL_VERSION = 1;

/** Type bytes, client → server. */
export const ClientType = { HELLO: 0x01, INPUT: 0x02, PING: 0x03, RESYNC: 0x04, PAUSE: 0x05, RESUME: 0x06 } as const;

/** Type bytes, server → client. The reserved 0x89…0x8b are skipped as unknown types. */
export const ServerType = {
  WELCOME: 0x81,
  KEYFRAME: 0x82,
  DELTA: 0x83,
  FULL: 0x84,
  CHECKSUM: 0x85,
  PONG: 0x86,
  STATUS: 0x87,
  GOODBYE: 0x88,
} as const;

/** Maximum sizes of the fields of HELLO, bytes. */
export const NAME_MAX = 32;
export const TICKET_MAX = 512;

/** The state of a player's controls. It is valid until the next input. */
export interface Controls {
  /** 0…255. */
  heading: number;
  thrusting: boolean;
}

export interface Hello {
  type: "hello";
  name: string;
  ticket: Uint8Array;
  full: boolean;
  /** Accept up to 4 ticks in one message, and none for 250 ms while nothing changes. Absent is false. */
  sparse?: boolean;
}

export interface Input extends Controls {
  type: "input";
  /** 0…255. */
  sequence: number;
}

export interface Ping {
  type: "ping";
  /** 32 bits. */
  nonce: number;
}

export type ClientMessage = Hello | Input | Ping | { type: "resync" } | { type: "pause" } | { type: "resume" };

export interface Welcome {
  type: "welcome";
  version: number;
  tickRate: number;
  subunits: number;
  size: number;
  epoch: number;
  tick: number;
  ship: number;
  arena: number;
  ticket: Uint8Array;
}

export interface Keyframe {
  type: "keyframe";
  epoch: number;
  tick: number;
  /** Ascending by id, each once. */
  ships: Ship[];
}

/** `decodeDelta` decodes the body later, because that needs the number of ships in the arena. */
export interface DeltaFrame {
  type: "delta";
  body: Uint8Array;
}

/** A ship in FULL. Positions are integers in 1/64 unit. */
export interface Picture {
  id: number;
  /** Subunits divided by 16. */
  x: number;
  /** Subunits divided by 16. */
  y: number;
  heading: number;
  thrusting: boolean;
}

export interface Full {
  type: "full";
  epoch: number;
  tick: number;
  ships: Picture[];
}

export interface Checksum {
  type: "checksum";
  crc: number;
}

export interface Pong {
  type: "pong";
  nonce: number;
}

export interface ServerStatus {
  type: "status";
  state: "live" | "paused";
}

export interface Goodbye {
  type: "goodbye";
  reconnectAfterMs: number;
}

export type ServerMessage = Welcome | Keyframe | DeltaFrame | Full | Checksum | Pong | ServerStatus | Goodbye;
