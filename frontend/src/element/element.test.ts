// @vitest-environment happy-dom
import { act } from "react";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Status } from "../game/status";
import { Arena, welcome } from "../testing/arena";
import { shipWith } from "../testing/ships";
import { World } from "../testing/world";
import { defineFlotillaGame } from "./element";
import type { FlotillaGameElement } from "./element";

const ORIGIN = "https://play.example/static/flotilla/flotilla-game.js";
const world = new World();

beforeAll(() => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
  defineFlotillaGame(ORIGIN, world);
});

/** Runs an action on the page and all tasks that follow from it. */
async function settled(change: () => void): Promise<void> {
  await act(async () => {
    change();
    await Promise.resolve();
  });
}

afterEach(() => settled(() => document.body.replaceChildren()));

async function shown(server?: string): Promise<FlotillaGameElement> {
  const element = document.createElement("flotilla-game") as FlotillaGameElement;
  if (server !== undefined) element.setAttribute("server", server);
  await settled(() => {
    document.body.append(element);
  });
  return element;
}

async function flying() {
  const element = await shown();
  const arena = new Arena();
  arena.join(shipWith({ id: 3 }));
  arena.advance(1);
  act(() => {
    world.socket.open();
    world.socket.deliver(welcome(3));
    world.socket.deliver(arena.keyframe());
  });
  return { element, arena };
}

function text(element: HTMLElement, selector: string): string | null | undefined {
  return element.shadowRoot?.querySelector(selector)?.textContent;
}

describe("<flotilla-game>", () => {
  it("connects to the origin of its script by default", async () => {
    await shown();
    expect(world.socket.address).toBe("wss://play.example/ws/game/");
  });

  it("connects to the server of its attribute", async () => {
    await shown("http://localhost:8000/ws/game/");
    expect(world.socket.address).toBe("ws://localhost:8000/ws/game/");
  });

  it("connects to another server when the attribute changes", async () => {
    const element = await shown();
    const first = world.socket;
    await settled(() => {
      element.setAttribute("server", "/elsewhere/");
    });
    expect(first.closedWith).toBe(1000);
    expect(world.socket.address).toBe("wss://play.example/elsewhere/");
  });

  it("opens no socket before it is part of a page", () => {
    const sockets = world.sockets.length;
    document.createElement("flotilla-game").setAttribute("server", "/early/");
    expect(world.sockets).toHaveLength(sockets);
  });

  it("shows an error for an invalid server address", async () => {
    const sockets = world.sockets.length;
    const element = await shown("javascript:void");
    expect(element.dataset["state"]).toBe("refused");
    expect(text(element, "[role=status]")).toMatch(/no game server/);
    expect(world.sockets).toHaveLength(sockets);
  });

  it("publishes its state as attribute, property and event", async () => {
    const events: Status[] = [];
    const listen = (event: Event) => events.push((event as CustomEvent<Status>).detail);
    document.addEventListener("flotilla-status", listen);
    const { element } = await flying();
    document.removeEventListener("flotilla-status", listen);
    expect(element.dataset["state"]).toBe("live");
    expect(element.status).toMatchObject({ state: "live", players: 1, shipId: 3 });
    expect(events.at(-1)).toBe(element.status);
  });

  it("lets the page read the exact state", async () => {
    const { element, arena } = await flying();
    expect(element.ships).toEqual(arena.list());
    expect(element.frame).toEqual({ epoch: arena.epoch, tick: arena.tick });
  });

  it("shows the player what happened, with a button that helps", async () => {
    const { element } = await flying();
    expect(text(element, ".gauges")).toContain("1 pilot");
    act(() => world.socket.end(4504));
    expect(text(element, "[role=status]")).toBe("You are flying in another tab.");
    const sockets = world.sockets.length;
    act(() => element.shadowRoot?.querySelector("button")?.click());
    expect(world.sockets).toHaveLength(sockets + 1);
  });

  it("keeps its game when it is moved", async () => {
    const { element } = await flying();
    const { socket } = world;
    const room = document.createElement("section");
    await settled(() => {
      document.body.append(room);
      room.append(element);
    });
    expect(world.socket).toBe(socket);
    expect(socket.closedWith).toBeUndefined();
    expect(element.status.state).toBe("live");
  });

  it("closes its socket with 1000 when it is removed, and connects when it is added again", async () => {
    const { element } = await flying();
    const { socket } = world;
    await settled(() => {
      element.remove();
    });
    expect(socket.closedWith).toBe(1000);
    expect(world.pendingTimers).toBe(0);
    await settled(() => {
      document.body.append(element);
    });
    expect(world.socket).not.toBe(socket);
  });

  it("steers by the pointer on its canvas", async () => {
    const { element } = await flying();
    const canvas = element.shadowRoot?.querySelector("canvas");
    world.paint();
    const press = Object.assign(new Event("pointerdown"), { offsetX: 9, offsetY: 900, button: 0, pointerId: 1 });
    act(() => void canvas?.dispatchEvent(Object.assign(press, { isPrimary: true })));
    expect(world.socket.sent.filter((hex) => hex.startsWith("02"))).toHaveLength(1);
  });
});
