/** The address of the server: given by the page, or the origin of the script, so that the element works on other sites. */

const DEFAULT_PATH = "/ws/game/";

const WEBSOCKET_PROTOCOLS: Partial<Record<string, string>> = {
  "http:": "ws:",
  "https:": "wss:",
  "ws:": "ws:",
  "wss:": "wss:",
};

/**
 * @param server a ws, wss, http or https URL, or a path; undefined for the default
 * @param origin the base URL of a path
 * @returns a WebSocket URL, or undefined if `server` is not an address
 */
export function socketAddress(server: string | undefined, origin: string): string | undefined {
  if (!URL.canParse(server ?? DEFAULT_PATH, origin)) return undefined;
  const url = new URL(server ?? DEFAULT_PATH, origin);
  const protocol = WEBSOCKET_PROTOCOLS[url.protocol];
  if (!protocol) return undefined;
  url.protocol = protocol;
  url.hash = ""; // not allowed in WebSocket URLs
  return url.href;
}
