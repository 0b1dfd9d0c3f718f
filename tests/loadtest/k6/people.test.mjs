/** loadtest/k6/people.js steers as loadtest/players/people.py does. */
import assert from "node:assert/strict";
import test from "node:test";
import { Person } from "../../../loadtest/k6/people.js";

const TICKS = 72_000; // an hour

function flight(seed) {
  let state = seed;
  const random = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  const person = new Person(random);
  return Array.from({ length: TICKS }, () => person.controls());
}

function changes(flown) {
  return flown.slice(1).filter((one, i) => one.heading !== flown[i].heading || one.thrusting !== flown[i].thrusting);
}

test("headings are whole and on the circle", () => {
  assert.ok(flight(7).every(({ heading }) => Number.isInteger(heading) && heading >= 0 && heading < 256));
});

test("the same randomness gives the same flight", () => {
  assert.deepEqual(flight(7).slice(0, 500), flight(7).slice(0, 500));
});

test("a person speaks about as often as the Python one", () => {
  const perSecond = changes(flight(11)).length / (TICKS * 0.05);
  assert.ok(perSecond > 5 && perSecond < 5.5, `${perSecond} inputs a second`); // the Python one: 5.2 to 5.3
});

test("thrust comes in bursts, a third of the time", () => {
  const share = flight(13).filter((one) => one.thrusting).length / TICKS;
  assert.ok(share > 0.3 && share < 0.37, `${share} of the time`); // 0.85 s of burst, 1.7 s of coast
});
