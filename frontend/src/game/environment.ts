/** All browser functions that the game uses, so that tests can replace them. */
import type { ConnectionEnvironment } from "../net/connection";
import type { TicketStorage } from "../net/ticket";

export interface Environment extends ConnectionEnvironment {
  /** Undefined if the browser denies access. */
  storage: TicketStorage | undefined;
  /** Runs the function with the next animation frame. The returned function cancels it. */
  onNextFrame: (run: () => void) => () => void;
}

export function browserEnvironment(): Environment {
  return {
    openSocket: (address, subprotocol) => new WebSocket(address, subprotocol),
    now: () => performance.now(),
    random: Math.random,
    after: (ms, run) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    onNextFrame: (run) => {
      const request = requestAnimationFrame(run);
      return () => cancelAnimationFrame(request);
    },
    storage: sessionStorageOrNothing(),
  };
}

/** In a sandboxed frame, reading the property throws. */
function sessionStorageOrNothing(): TicketStorage | undefined {
  try {
    return window.sessionStorage;
  } catch {
    return undefined;
  }
}
