import { expect, it } from "vitest";
import { socketAddress } from "./address";

const SCRIPT = "https://play.example/static/flotilla/flotilla-game.js";

it.each([
  ["nothing", undefined, "wss://play.example/ws/game/"],
  ["a path", "/elsewhere/", "wss://play.example/elsewhere/"],
  ["an https URL", "https://other.example/ws/game/", "wss://other.example/ws/game/"],
  ["an http URL", "http://localhost:8000/ws/game/", "ws://localhost:8000/ws/game/"],
  ["a wss URL", "wss://other.example/a?b=c", "wss://other.example/a?b=c"],
  ["a ws URL with a fragment", "ws://other.example/a#b", "ws://other.example/a"],
])("makes a WebSocket address of %s", (_, server, address) => {
  expect(socketAddress(server, SCRIPT)).toBe(address);
});

it.each(["javascript:alert(1)", "ftp://x.example/", "http://[", "data:,x"])("makes none of %s", (server) => {
  expect(socketAddress(server, SCRIPT)).toBeUndefined();
});
