/** Where the server is: what the page says, or the place that the script came from, so that the element also works on a stranger's page. */

const DEFAULT_PATH = "/ws/game/";

const WEBSOCKET_PROTOCOLS: Partial<Record<string, string>> = {
  "http:": "ws:",
  "https:": "wss:",
  "ws:": "ws:",
  "wss:": "wss:",
};

/**
 * @param server a ws, wss, http or https URL, or a path; none for the default
 * @param origin the URL that a path is relative to
 * @returns a WebSocket URL, or nothing if `server` is not an address
 */
export function socketAddress(server: string | undefined, origin: string): string | undefined {
  if (!URL.canParse(server ?? DEFAULT_PATH, origin)) return undefined;
  const url = new URL(server ?? DEFAULT_PATH, origin);
  const protocol = WEBSOCKET_PROTOCOLS[url.protocol];
  if (!protocol) return undefined;
  url.protocol = protocol;
  url.hash = ""; // a WebSocket address has none
  return url.href;
}
