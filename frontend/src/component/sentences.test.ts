import { describe, expect, it } from "vitest";
import { INITIAL_STATUS } from "../game/status";
import type { Reason, Status } from "../game/status";
import { playersLabel, remedyOf, sentenceOf } from "./sentences";

function status(fields: Partial<Status>): Status {
  return { ...INITIAL_STATUS, ...fields };
}

describe("the sentence", () => {
  it.each<[string | undefined, Partial<Status>]>([
    [undefined, { state: "live" }],
    ["Connecting…", { state: "connecting" }],
    ["The world stands still for a moment.", { state: "paused" }],
    ["Connection lost, trying again in 3 s", { state: "lost", reason: "network", retryInMs: 3000 }],
    ["Connection lost, trying again…", { state: "lost", reason: "network", retryInMs: 0 }],
    ["The server restarts, trying again in 1 s", { state: "lost", reason: "restart", retryInMs: 1000 }],
    ["The arena is full, trying again in 8 s", { state: "lost", reason: "full", retryInMs: 8000 }],
    ["You are flying in another tab.", { state: "refused", reason: "superseded" }],
    ["A new version of the game is out. Please reload the page.", { state: "refused", reason: "version" }],
  ])("is: %s", (sentence, fields) => {
    expect(sentenceOf(status(fields))).toBe(sentence);
  });

  it("exists for every reason of a refusal", () => {
    for (const reason of ["network", "superseded", "flood", "version", "malformed", "address"] satisfies Reason[]) {
      expect(sentenceOf(status({ state: "refused", reason }))).toMatch(/\.$/);
    }
  });
});

describe("the remedy", () => {
  it.each<[string | undefined, Partial<Status>]>([
    ["Fly here instead", { state: "refused", reason: "superseded" }],
    ["Try again", { state: "refused", reason: "flood" }],
    [undefined, { state: "refused", reason: "version" }],
    [undefined, { state: "lost", reason: "network" }],
  ])("is %s", (words, fields) => {
    expect(remedyOf(status(fields))).toBe(words);
  });
});

it("uses the singular for one pilot", () => {
  expect([playersLabel(1), playersLabel(2)]).toEqual(["1 pilot", "2 pilots"]);
});
