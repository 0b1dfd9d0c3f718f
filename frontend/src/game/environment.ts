/** What the game takes from a browser, in one place, so that a test can be another world. */
import type { ConnectionEnvironment } from "../net/connection";
import type { TicketStorage } from "../net/ticket";

export interface Environment extends ConnectionEnvironment {
  /** Nothing where the browser denies it. */
  storage: TicketStorage | undefined;
  /** Runs the function with the next picture, unless the returned function is called before. */
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

/** Reading the property throws in a sandboxed frame. */
function sessionStorageOrNothing(): TicketStorage | undefined {
  try {
    return window.sessionStorage;
  } catch {
    return undefined;
  }
}
