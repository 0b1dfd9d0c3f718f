/** What a person, a page or a test may know about the game, at a human pace: no field changes with every frame. */
import { CloseCode } from "../net/close_codes";

export type State =
  /** On the way to a ship. */
  | "connecting"
  | "live"
  /** The server is there but the world stands still. */
  | "paused"
  /** No server; a new try comes. */
  | "lost"
  /** No server, and none is tried again until a person asks. */
  | "refused";

export type Reason =
  | "network"
  | "restart"
  | "too_slow"
  | "expired"
  | "full"
  | "superseded"
  | "flood"
  | "version"
  | "malformed"
  | "address";

export interface Status {
  state: State;
  /** Ships in the arena. */
  players: number;
  /** Round trip in whole ms, once measured. */
  pingMs: number | null;
  /** The own ship, while there is one. */
  shipId: number | null;
  /** Why the state is lost or refused. */
  reason: Reason | null;
  /** While lost: the next try, in ms, rounded up to a whole second. */
  retryInMs: number | null;
}

export const INITIAL_STATUS: Status = {
  state: "connecting",
  players: 0,
  pingMs: null,
  shipId: null,
  reason: null,
  retryInMs: null,
};

const REASONS: Partial<Record<number, Reason>> = {
  [CloseCode.TOO_BIG]: "malformed",
  [CloseCode.RESTART]: "restart",
  [CloseCode.PORTABLE_RESTART]: "restart",
  [CloseCode.TOO_SLOW]: "too_slow",
  [CloseCode.SESSION_EXPIRED]: "expired",
  [CloseCode.WORLD_FULL]: "full",
  [CloseCode.MALFORMED]: "malformed",
  [CloseCode.VERSION]: "version",
  [CloseCode.SUPERSEDED]: "superseded",
  [CloseCode.FLOOD]: "flood",
};

/** The reason behind a close code; a code without a sentence of its own counts as the network. */
export function reasonOf(code: number): Reason {
  return REASONS[code] ?? "network";
}

/** Whether two statuses say the same. */
export function sameStatus(one: Status, other: Status): boolean {
  return (Object.keys(one) as (keyof Status)[]).every((field) => one[field] === other[field]);
}
