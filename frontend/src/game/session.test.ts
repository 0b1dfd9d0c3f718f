import { describe, expect, it } from "vitest";
import { TicketDrawer } from "../net/ticket";
import { Arena, message, welcome } from "../testing/arena";
import { shipWith } from "../testing/ships";
import { World } from "../testing/world";
import { Session } from "./session";

const ADDRESS = "ws://server.example/ws/game/";
const RESYNC = "04";

function started() {
  const world = new World();
  const arena = new Arena();
  arena.join(shipWith({ id: 3 }));
  arena.join(shipWith({ id: 5, vx: 1024 }));
  arena.advance(1);
  const session: Session = new Session(ADDRESS, new TicketDrawer(world.storage, ADDRESS), world, () => {
    states.push(session.status().state);
  });
  const states: string[] = [];
  session.connect();
  return { world, arena, session, states };
}

function flying() {
  const game = started();
  game.world.socket.open();
  game.world.socket.deliver(welcome(3));
  game.world.socket.deliver(game.arena.keyframe());
  return game;
}

/** The inputs that were sent, in hex. */
function inputs(world: World): string[] {
  return world.socket.sent.filter((hex) => hex.startsWith("02"));
}

describe("the state", () => {
  it("goes from connecting to live with the keyframe", () => {
    const { session, states } = flying();
    expect(states).toContain("connecting");
    expect(session.status()).toMatchObject({ state: "live", players: 2, shipId: 3, reason: null });
  });

  it("is paused by STATUS, until another STATUS or a frame", () => {
    const { world, arena, session } = flying();
    for (const back of [Uint8Array.from(message(0x87, [0])), arena.advance(1)]) {
      world.socket.deliver(message(0x87, [1]));
      expect(session.status().state).toBe("paused");
      world.socket.deliver(back);
      expect(session.status().state).toBe("live");
    }
  });

  it("is paused while a player waits for a tick", () => {
    const { world, session } = started();
    world.socket.open();
    world.socket.deliver(message(0x87, [1]));
    expect(session.status().state).toBe("paused");
  });

  it("is lost with a countdown in whole seconds, and keeps the picture", () => {
    const { world, session } = flying();
    world.chance = 0.9;
    world.socket.end(1006);
    expect(session.status()).toMatchObject({
      state: "lost",
      reason: "network",
      retryInMs: 1000,
      shipId: null,
      players: 2,
    });
    world.pass(900);
    expect(session.status()).toMatchObject({ state: "connecting", retryInMs: null });
  });

  it("is refused with the reason if another tab plays", () => {
    const { world, session } = flying();
    world.socket.end(4504);
    expect(session.status()).toMatchObject({ state: "refused", reason: "superseded" });
  });
});

describe("frames", () => {
  it("keep the replica equal to the arena", () => {
    const { world, arena, session } = flying();
    arena.input(5, { heading: 9, thrusting: true, sequence: 4 });
    world.socket.deliver(arena.advance(2, true));
    expect(session.replica.ships).toEqual(arena.list());
    expect(world.socket.sent).not.toContain(RESYNC);
  });

  it("that do not match request one keyframe, and are ignored until it arrives", () => {
    const { world, arena, session } = flying();
    arena.advance(1); // lost
    const before = session.replica.tick;
    world.socket.deliver(arena.advance(1));
    world.socket.deliver(arena.advance(1, true));
    expect(session.replica.tick).toBe(before);
    expect(world.socket.sent.filter((hex) => hex === RESYNC)).toHaveLength(1);
    world.socket.deliver(arena.keyframe());
    world.socket.deliver(arena.advance(1, true));
    expect(session.replica.ships).toEqual(arena.list());
  });

  it("of a new epoch discard the timeline of the old one", () => {
    const { world, arena, session } = flying();
    arena.epoch += 1;
    world.socket.deliver(arena.keyframe());
    expect(session.replica.epoch).toBe(arena.epoch);
    expect(session.status().state).toBe("live");
  });
});

describe("inputs", () => {
  it("are sent on change, at most every 50 ms, the newest last", () => {
    const { world, session } = flying();
    session.steer(10, false);
    session.steer(20, true);
    session.steer(30, true);
    expect(inputs(world)).toEqual(["02010a00"]);
    world.pass(50);
    expect(inputs(world)).toEqual(["02010a00", "02021e01"]);
  });

  it("are repeated on a new socket right after HELLO", () => {
    const { world, session } = flying();
    session.steer(10, true);
    world.socket.end(1006);
    session.steer(11, false);
    world.pass(500);
    expect(world.socket.sent).toEqual([]);
    world.socket.open();
    expect(inputs(world)).toEqual(["02020b00"]);
  });

  it("are repeated for a new ship on the same socket", () => {
    const { world, session } = flying();
    session.steer(10, true);
    world.socket.deliver(welcome(5));
    world.pass(50);
    expect(session.status().shipId).toBe(5);
    expect(inputs(world)).toEqual(["02010a01", "02020a01"]);
  });

  it("are not repeated for another WELCOME with the same ship", () => {
    const { world, session } = flying();
    session.steer(10, true);
    world.socket.deliver(welcome(3));
    world.pass(50);
    expect(inputs(world)).toHaveLength(1);
  });
});

describe("the end", () => {
  it("closes with 1000 and leaves no timer", () => {
    const { world, session } = flying();
    session.steer(10, false);
    session.steer(20, false);
    session.close();
    expect(world.socket.closedWith).toBe(1000);
    expect(world.pendingTimers).toBe(0);
  });
});
