import { expect, it } from "vitest";
import { Heartbeat } from "./heartbeat";

it("measures from a ping to its pong", () => {
  const heartbeat = new Heartbeat();
  const nonce = heartbeat.beat(1000) ?? -1;
  heartbeat.pong(nonce, 1042);
  expect(heartbeat.pingMs).toBe(42);
});

it("sends no second ping before the pong", () => {
  const heartbeat = new Heartbeat();
  heartbeat.beat(1000);
  expect(heartbeat.beat(3000)).toBeUndefined();
});

it("ignores an unexpected pong", () => {
  const heartbeat = new Heartbeat();
  heartbeat.pong(0, 1000);
  heartbeat.beat(1000);
  heartbeat.pong(77, 1042);
  expect(heartbeat.pingMs).toBeUndefined();
});

it("reports a dead socket if a pong is ten seconds late, even after a long pause of the timer", () => {
  const heartbeat = new Heartbeat();
  heartbeat.pong(heartbeat.beat(1000) ?? -1, 1010);
  expect(heartbeat.isDead(3_600_000)).toBe(false);
  heartbeat.beat(3_600_000);
  expect(heartbeat.isDead(3_610_000)).toBe(false);
  expect(heartbeat.isDead(3_610_001)).toBe(true);
});
