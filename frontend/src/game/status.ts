/** The status of the game for players, pages and tests. No field changes with every frame. */
import { CloseCode } from "../net/close_codes";

export type State =
  /** Connecting, or waiting for a ship. */
  | "connecting"
  | "live"
  /** Connected, but the world is paused. */
  | "paused"
  /** Not connected; another attempt follows. */
  | "lost"
  /** Not connected; no attempt until the player requests one. */
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
  /** Round trip in whole ms, if measured. */
  pingMs: number | null;
  shipId: number | null;
  /** The reason for the state lost or refused. */
  reason: Reason | null;
  /** While lost: time to the next attempt in ms, rounded up to a whole second. */
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

/** The reason for a close code. Codes without a sentence count as network failures. */
export function reasonOf(code: number): Reason {
  return REASONS[code] ?? "network";
}

export function sameStatus(one: Status, other: Status): boolean {
  return (Object.keys(one) as (keyof Status)[]).every((field) => one[field] === other[field]);
}
