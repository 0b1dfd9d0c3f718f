import { expect, it } from "vitest";
import { World } from "../testing/world";
import { TicketDrawer } from "./ticket";

const TICKET = Uint8Array.of(0, 127, 255);

it("keeps the ticket for later pages of the same tab", () => {
  const { storage } = new World();
  new TicketDrawer(storage, "ws://a/").keep(TICKET);
  expect(new TicketDrawer(storage, "ws://a/").read()).toEqual(TICKET);
});

it("keeps a separate ticket for each server", () => {
  const { storage } = new World();
  new TicketDrawer(storage, "ws://a/").keep(TICKET);
  expect(new TicketDrawer(storage, "ws://b/").read()).toHaveLength(0);
});

it("keeps the last ticket if the server sends an empty one", () => {
  const drawer = new TicketDrawer(new World().storage, "ws://a/");
  drawer.keep(TICKET);
  drawer.keep(new Uint8Array());
  expect(drawer.read()).toEqual(TICKET);
});

it("forgets", () => {
  const drawer = new TicketDrawer(new World().storage, "ws://a/");
  drawer.keep(TICKET);
  drawer.forget();
  expect(drawer.read()).toHaveLength(0);
});

it.each(["nonsense", "abc", "00".repeat(513)])("reads nothing from what it never wrote: %#", (text) => {
  const { storage } = new World();
  storage.setItem("flotilla.ticket ws://a/", text);
  expect(new TicketDrawer(storage, "ws://a/").read()).toHaveLength(0);
});

it("works without storage, and with a storage that throws", () => {
  const refuses = () => {
    throw new DOMException("full", "QuotaExceededError");
  };
  for (const storage of [undefined, { getItem: refuses, setItem: refuses, removeItem: refuses }]) {
    const drawer = new TicketDrawer(storage, "ws://a/");
    drawer.keep(TICKET);
    drawer.forget();
    expect(drawer.read()).toHaveLength(0);
  }
});
