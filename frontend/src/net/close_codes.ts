/** Close codes. The range of a code decides whether a client may reconnect, also for unknown codes. */

export const CloseCode = {
  NORMAL: 1000,
  TOO_BIG: 1009,
  /** Reported by the browser when the network failed; never sent. */
  ABNORMAL: 1006,
  RESTART: 1012,
  /** A restart, from servers that cannot send 1012. */
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

/** True if a client may reconnect after this code. */
export function mayReconnect(code: number): boolean {
  return code !== CloseCode.TOO_BIG && code < FIRST_OF_STAY_AWAY;
}
