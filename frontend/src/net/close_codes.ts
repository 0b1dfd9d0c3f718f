/** What the code of a closed socket means for the client: the range is the rule, so a code that is not known yet obeys it too. */

export const CloseCode = {
  NORMAL: 1000,
  TOO_BIG: 1009,
  /** Never on the wire: the browser says so when the network failed. */
  ABNORMAL: 1006,
  RESTART: 1012,
  /** A restart, where a server cannot send 1012. */
  PORTABLE_RESTART: 4001,
  TOO_SLOW: 4002,
  SESSION_EXPIRED: 4003,
  WORLD_FULL: 4005,
  MALFORMED: 4500,
  VERSION: 4501,
  SUPERSEDED: 4504,
  FLOOD: 4505,
} as const;

const FIRST_OF_STAY_AWAY = 4500;

/** Whether a client may come back after this code. */
export function mayReconnect(code: number): boolean {
  return code !== CloseCode.TOO_BIG && code < FIRST_OF_STAY_AWAY;
}
