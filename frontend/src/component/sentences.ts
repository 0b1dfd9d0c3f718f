/** Sentences for players: first what happened, then what follows. */
import type { Reason, Status } from "../game/status";

const LOST: Partial<Record<Reason, string>> = {
  restart: "The server restarts",
  full: "The arena is full",
  too_slow: "Your connection is too slow",
  expired: "Your session has ended",
};

const REFUSED: Partial<Record<Reason, string>> = {
  superseded: "You are flying in another tab.",
  flood: "This tab sent too many messages, so the server closed the connection.",
  version: "A new version of the game is out. Please reload the page.",
  malformed: "The server did not understand this page. Please reload it.",
  address: "There is no game server at the address that this page gives.",
};

/** The sentence for the state; undefined while the game runs. */
export function sentenceOf(status: Status): string | undefined {
  switch (status.state) {
    case "live":
      return undefined;
    case "connecting":
      return "Connecting…";
    case "paused":
      return "The world stands still for a moment.";
    case "lost":
      return `${LOST[status.reason ?? "network"] ?? "Connection lost"}, ${nextTry(status.retryInMs ?? 0)}`;
    case "refused":
      return REFUSED[status.reason ?? "malformed"] ?? "The server closed the connection.";
  }
}

/** The label of the button that helps, if there is one. */
export function remedyOf({ state, reason }: Status): "Fly here instead" | "Try again" | undefined {
  if (state !== "refused" || reason === "address" || reason === "version" || reason === "malformed") return undefined;
  return reason === "superseded" ? "Fly here instead" : "Try again";
}

export function playersLabel(players: number): string {
  return players === 1 ? "1 pilot" : `${players} pilots`;
}

function nextTry(retryInMs: number): string {
  return retryInMs === 0 ? "trying again…" : `trying again in ${Math.ceil(retryInMs / 1000)} s`;
}
