import { expect, it } from "vitest";
import { mayReconnect } from "./close_codes";

it.each([1000, 1001, 1005, 1006, 1011, 1012, 1015, 4000, 4001, 4002, 4003, 4004, 4005, 4499])(
  "comes back after %i",
  (code) => {
    expect(mayReconnect(code)).toBe(true);
  },
);

it.each([1009, 4500, 4501, 4504, 4505, 4999])("stays away after %i", (code) => {
  expect(mayReconnect(code)).toBe(false);
});
