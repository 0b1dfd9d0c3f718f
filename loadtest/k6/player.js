/** One player and its one socket: comes, steers, notes every frame, and goes at a set time. */
/* global clearTimeout, setTimeout */
import { WebSocket } from "k6/websockets";
import { kindOf } from "./names.js";
import { Person, TICK_MS } from "./people.js";
import { TONGUES } from "./tongues.js";
import { Refusal } from "./wire.js";

const OPEN = 1; // readyState
const NO_WORD = 1006; // of a socket that just ended
const LAG_EVERY = 4; // turns between two looks at how late k6 is: as many looks as frames would make it late
const LATE_MS = 60; // a gap that is still open at the end counts from here on

export class Player {
  #plan;
  #notes;
  #dueMs;
  #endMs;
  #person = new Person(Math.random);
  #controls = this.#person.controls();
  #turnMs;
  #turns = 0;
  #tongue;
  #socket = null;
  #timers = new Set();
  #framedAt = null;
  #longestMs = 0;
  #failure = "timeout"; // what it is called if nothing else becomes known
  #state = "coming"; // then "open", then "gone"
  #leaves = false;

  /** Times are milliseconds since the ramp began: when the schedule wants the player, and when all go. */
  constructor(plan, notes, dueMs, endMs) {
    this.#plan = plan;
    this.#notes = notes;
    this.#dueMs = dueMs;
    this.#endMs = endMs;
    this.#turnMs = plan.inputsPerS === null ? TICK_MS : 1000 / plan.inputsPerS;
    this.#tongue = new TONGUES[plan.protocol]((message) => this.#say(message));
  }

  /** Begins; the rest happens in events, and the iteration lasts as long as they do. */
  come() {
    this.#notes.began(this.#notes.now() - this.#dueMs);
    const headers = this.#plan.origin ? { Origin: this.#plan.origin } : {};
    const socket = new WebSocket(this.#plan.url, this.#tongue.protocols, { headers });
    socket.binaryType = "arraybuffer";
    socket.onopen = (event) => this.#opened(this.#notes.since(event.timestamp));
    socket.onmessage = (event) => this.#took(event.data, this.#notes.since(event.timestamp));
    socket.onerror = (event) => this.#erred(String(event.error));
    socket.onclose = (event) => this.#closed(event.code ?? NO_WORD);
    this.#socket = socket;
    this.#after(this.#endMs - this.#notes.now(), () => this.#leave());
  }

  #opened(atMs) {
    if (this.#leaves) return this.#socket.close();
    this.#state = "open";
    this.#notes.opened(atMs - this.#dueMs);
    this.#tongue.greet();
    this.#turn(this.#notes.now() + this.#turnMs);
  }

  /** Steers at fixed deadlines; how late each comes is how late k6 is. */
  #turn(deadlineMs) {
    this.#after(deadlineMs - this.#notes.now(), () => {
      const looks = this.#turns++ % LAG_EVERY === 0;
      if (looks) this.#notes.lagged(this.#notes.now() - deadlineMs, LAG_EVERY * this.#turnMs);
      this.#steer();
      this.#turn(Math.max(deadlineMs + this.#turnMs, this.#notes.now()));
    });
  }

  #steer() {
    const before = this.#controls;
    const controls = (this.#controls = this.#person.controls());
    const changed = controls.heading !== before.heading || controls.thrusting !== before.thrusting;
    if (changed || this.#plan.inputsPerS !== null) this.#tongue.steer(controls);
  }

  #took(data, atMs) {
    if (this.#leaves) return;
    try {
      if (this.#tongue.take(data, this.#controls)) this.#framed(atMs);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#notes.undecodable();
    }
  }

  #framed(atMs) {
    if (this.#framedAt === null) this.#notes.framedFirst(atMs - this.#dueMs);
    else this.#gapped(atMs - this.#framedAt);
    this.#framedAt = atMs;
  }

  #gapped(ms) {
    this.#longestMs = Math.max(this.#longestMs, ms);
    this.#notes.gapped(Math.max(0, ms));
  }

  #waited(ms) {
    if (ms <= LATE_MS) return;
    this.#longestMs = Math.max(this.#longestMs, ms);
    this.#notes.waited(ms);
  }

  #leave() {
    this.#leaves = true;
    this.#waited(this.#framedAt === null ? 0 : this.#endMs - this.#framedAt);
    if (this.#socket.readyState === OPEN) this.#socket.close(); // k6 blocks in close() before the handshake is through
    this.#gone();
  }

  #erred(error) {
    if (this.#state === "coming") this.#failure = kindOf(error);
  }

  #closed(code) {
    if (!this.#leaves && this.#state === "open") {
      this.#failure = "closed";
      this.#notes.closed(code, this.#tongue.goodbye);
    }
    this.#gone();
  }

  #gone() {
    if (this.#state === "gone") return;
    if (this.#framedAt === null) this.#notes.joinFailed(this.#failure);
    else if (this.#longestMs > 0) this.#notes.froze(this.#longestMs);
    this.#state = "gone";
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  #say(message) {
    if (this.#socket.readyState === OPEN) this.#socket.send(typeof message === "string" ? message : message.buffer);
  }

  #after(ms, act) {
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        act();
      },
      Math.max(0, ms),
    );
    this.#timers.add(timer);
  }
}
