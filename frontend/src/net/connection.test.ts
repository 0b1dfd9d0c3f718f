import { describe, expect, it } from "vitest";
import { message, u16, u32, welcome } from "../testing/arena";
import { World } from "../testing/world";
import { Connection } from "./connection";
import type { Phase } from "./connection";
import type { ServerMessage } from "./messages";
import { TicketDrawer } from "./ticket";

const ADDRESS = "ws://server.example/ws/game/";
const HELLO = "010000000102";
const [PAUSE, RESUME] = ["05", "06"];

function connected() {
  const world = new World();
  const phases: Phase[] = [];
  const received: ServerMessage[] = [];
  const connection = new Connection(ADDRESS, new TicketDrawer(world.storage, ADDRESS), world, {
    opened: () => undefined,
    received: (message) => received.push(message),
    phaseChanged: (phase) => phases.push(phase),
  });
  connection.retryNow();
  return { world, connection, received, phase: () => phases[phases.length - 1] };
}

function joined(ticket: number[] = []) {
  const game = connected();
  game.world.socket.open();
  game.world.socket.deliver(welcome(3, ticket));
  return game;
}

/** The pong for the last ping. */
function pongTo(sent: string[]): number[] {
  const ping = sent.filter((hex) => hex.startsWith("03")).at(-1) ?? "";
  return message(0x86, [...Buffer.from(ping.slice(2), "hex")]);
}

describe("a connection that opens", () => {
  it("offers the subprotocol, sends HELLO first, then pings", () => {
    const { world } = connected();
    world.socket.open();
    expect(world.socket).toMatchObject({ address: ADDRESS, subprotocol: "flotilla.v1", binaryType: "arraybuffer" });
    expect(world.socket.sent).toEqual([HELLO, "0301000000"]);
  });

  it("has joined after WELCOME", () => {
    expect(joined().phase()).toEqual({ name: "joined" });
  });

  it("is given up after ten seconds without an answer", () => {
    const { world, phase } = connected();
    const first = world.socket;
    world.pass(10_000);
    expect(first.closedWith).toBe(1000);
    expect(phase()).toMatchObject({ name: "waiting" });
  });

  it("is refused if the browser forbids the address", () => {
    const world = new World();
    world.forbids = new DOMException("mixed content", "SecurityError");
    const phases: Phase[] = [];
    const events = { opened: () => undefined, received: () => undefined, phaseChanged: (to: Phase) => phases.push(to) };
    new Connection(ADDRESS, new TicketDrawer(undefined, ADDRESS), world, events).retryNow();
    expect(phases.at(-1)).toMatchObject({ name: "refused", reason: "address" });
  });

  it("has at most one socket", () => {
    const { world, connection } = connected();
    connection.retryNow();
    connection.hint();
    expect(world.sockets).toHaveLength(1);
  });
});

describe("a connection that is lost", () => {
  it("reconnects after a jittered wait, with its ticket", () => {
    const { world, phase } = joined([0x74, 0x31]);
    world.socket.end(1006);
    expect(phase()).toEqual({ name: "waiting", code: 1006, retryAtMs: world.time + 500 });
    world.pass(500);
    world.socket.open();
    expect(world.sockets).toHaveLength(2);
    expect(world.socket.sent[0]).toBe("0100020074310102");
  });

  it("reconnects without the ticket after its session has expired", () => {
    const { world } = joined([0x74, 0x31]);
    world.socket.end(4003);
    world.pass(500);
    world.socket.open();
    expect(world.socket.sent[0]).toBe(HELLO);
  });

  it("waits once as long as GOODBYE requests", () => {
    const { world, phase } = joined();
    world.socket.deliver(message(0x88, u16(250)));
    world.socket.end(1012);
    expect(phase()).toMatchObject({ retryAtMs: world.time + 250 });
    world.pass(250);
    world.socket.end(1006);
    expect(phase()).toMatchObject({ retryAtMs: world.time + 1000 });
  });

  it("waits longer each time, until a connection lasts ten seconds", () => {
    const { world, phase } = connected();
    const waits: number[] = [];
    for (const livedMs of [0, 0, 9_999, 10_000]) {
      world.socket.open();
      world.socket.deliver(welcome(3));
      for (let left = livedMs; left > 0; left -= 2000) {
        world.socket.deliver(pongTo(world.socket.sent));
        world.pass(Math.min(left, 2000));
      }
      world.socket.end(1006);
      const now = phase();
      const wait = now.name === "waiting" ? now.retryAtMs - world.time : -1;
      waits.push(wait);
      world.pass(wait);
    }
    expect(waits).toEqual([500, 1000, 2000, 500]);
  });

  it("reconnects at once on a hint that the network is back", () => {
    const { world, connection } = joined();
    world.socket.end(1006);
    connection.hint();
    expect(world.sockets).toHaveLength(2);
    world.pass(10_000 - 1);
    expect(world.sockets).toHaveLength(2);
  });

  it("reconnects at once when its tab becomes visible", () => {
    const { world, connection } = joined();
    connection.setHidden(true);
    world.socket.end(1006);
    connection.setHidden(false);
    expect(world.sockets).toHaveLength(2);
  });

  it("is detected by missing pongs", () => {
    const { world, phase } = joined();
    const silent = world.socket;
    world.pass(12_000);
    expect(silent.closedWith).toBe(1000);
    expect(phase()).toMatchObject({ name: "waiting", code: 1006 });
  });

  it("ignores events of a socket that it gave up", () => {
    const { world, received } = joined();
    const silent = world.socket;
    const before = received.length;
    world.pass(12_000);
    silent.deliver(welcome(4));
    silent.end(4500);
    expect(received).toHaveLength(before);
  });
});

describe("a refused connection", () => {
  it.each([1009, 4500, 4501, 4504, 4505])("stays away after %i, hints or not", (code) => {
    const { world, connection, phase } = joined();
    world.socket.end(code, "why");
    connection.hint();
    world.pass(3_600_000);
    expect(world.sockets).toHaveLength(1);
    expect(phase()).toEqual({ name: "refused", code, reason: "why" });
  });

  it("reconnects when the player requests it", () => {
    const { world, connection } = joined();
    world.socket.end(4504);
    connection.retryNow();
    expect(world.sockets).toHaveLength(2);
  });

  it("does not reconnect to a server of another version", () => {
    const { world, phase } = connected();
    world.socket.open();
    world.socket.deliver(Buffer.from("81160214000400a00f0009000000ff000000030000000000", "hex"));
    expect(world.sockets[0].closedWith).toBe(4501);
    expect(phase()).toMatchObject({ name: "refused", code: 4501 });
  });
});

describe("a message", () => {
  it.each<[string, number[] | string]>([
    ["damaged", [0x86, 0x04, 0x00]],
    ["of text", "hello"],
  ])("that is %s closes with 4500, and the connection comes back", (_, data) => {
    const { world } = joined();
    const first = world.socket;
    first.deliver(data);
    expect(first.closedWith).toBe(4500);
    world.pass(500);
    expect(world.sockets).toHaveLength(2);
  });

  it("of an unknown type is skipped", () => {
    const { world, received } = joined();
    world.socket.deliver([...message(0x8a, [1, 2, 3]), ...message(0x87, [1])]);
    expect(received.at(-1)).toEqual({ type: "status", state: "paused" });
  });

  it("is not sent while there is no open socket", () => {
    const { world, connection } = joined();
    expect(connection.send({ type: "resync" })).toBe(true);
    world.socket.end(1006);
    expect(connection.send({ type: "resync" })).toBe(false);
  });
});

describe("the ping", () => {
  it("is sent every two seconds and measures the round trip", () => {
    const { world, connection } = joined();
    world.pass(35);
    world.socket.deliver(pongTo(world.socket.sent));
    expect(connection.pingMs).toBe(35);
    world.pass(2_000 - 35);
    expect(world.socket.sent.at(-1)).toBe(`03${Buffer.from(u32(2)).toString("hex")}`);
  });
});

describe("a hidden tab", () => {
  it("pauses its frames, once, and resumes them", () => {
    const { world, connection } = joined();
    connection.setHidden(true);
    connection.setHidden(true);
    connection.setHidden(false);
    expect(world.socket.sent.slice(-2)).toEqual([PAUSE, RESUME]);
  });

  it("that reconnects pauses right after HELLO", () => {
    const { world, connection } = joined();
    connection.setHidden(true);
    world.socket.end(1006);
    world.pass(500);
    world.socket.open();
    expect(world.socket.sent.slice(0, 2)).toEqual([HELLO, PAUSE]);
  });
});

describe("the end", () => {
  it("closes with 1000 and leaves no timer", () => {
    const { world, connection } = joined();
    connection.close();
    expect(world.socket.closedWith).toBe(1000);
    expect(world.pendingTimers).toBe(0);
  });

  it("cancels a wait", () => {
    const { world, connection } = joined();
    world.socket.end(1006);
    connection.close();
    world.pass(60_000);
    expect(world.sockets).toHaveLength(1);
  });
});
