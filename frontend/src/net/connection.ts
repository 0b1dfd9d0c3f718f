/**
 * Keeps one session with the server: connects, sends HELLO and pings, detects every kind of end, and reconnects if the rules allow it.
 *
 * There is one socket at a time. Events of a socket that was given up are ignored.
 */
import { Backoff } from "./backoff";
import { CloseCode, mayReconnect } from "./close_codes";
import { decode } from "./decode";
import { encode } from "./encode";
import { Heartbeat, PING_INTERVAL_MS } from "./heartbeat";
import { SUBPROTOCOL } from "./messages";
import type { ClientMessage, ServerMessage, Welcome } from "./messages";
import { Refusal } from "./refusal";
import type { TicketDrawer } from "./ticket";

/** Time after which an opening socket is given up. Browsers would wait for minutes. */
const OPEN_TIMEOUT_MS = 10_000;

const OPEN = 1; // WebSocket.OPEN, which fake sockets do not have

export type Socket = Pick<
  WebSocket,
  "binaryType" | "readyState" | "onopen" | "onmessage" | "onclose" | "send" | "close"
>;

export interface ConnectionEnvironment {
  /** @throws if the address is not allowed, as the WebSocket constructor does */
  openSocket: (address: string, subprotocol: string) => Socket;
  /** Monotonic time, ms. */
  now: () => number;
  /** A number in [0, 1). */
  random: () => number;
  /** Runs the function once after this time, ms. The returned function cancels it. */
  after: (ms: number, run: () => void) => () => void;
}

export type Phase =
  /** The socket is opening, or waits for a ship. */
  | { name: "connecting" }
  | { name: "joined" }
  /** No socket; the next attempt is at `retryAtMs`, in the environment's time. */
  | { name: "waiting"; code: number; retryAtMs: number }
  /** No socket, and no attempt until `retryNow`. */
  | { name: "refused"; code: number; reason: string };

export interface ConnectionEvents {
  /** A socket is open and has sent HELLO. */
  opened: () => void;
  received: (message: ServerMessage) => void;
  phaseChanged: (phase: Phase) => void;
}

export class Connection {
  private readonly backoff: Backoff;
  private heartbeat = new Heartbeat();
  private socket: Socket | undefined;
  private phase: Phase = { name: "connecting" };
  private cancelTimer: () => void = nothing;
  private hintMs: number | undefined;
  private joinedAt: number | undefined;
  private hidden = false;

  constructor(
    private readonly address: string,
    private readonly tickets: TicketDrawer,
    private readonly environment: ConnectionEnvironment,
    private readonly events: ConnectionEvents,
  ) {
    this.backoff = new Backoff(environment.random);
  }

  get pingMs(): number | undefined {
    return this.heartbeat.pingMs;
  }

  get isOpen(): boolean {
    return this.socket?.readyState === OPEN;
  }

  /** Connects if there is no socket. */
  retryNow(): void {
    if (this.socket) return;
    this.cancelTimer();
    this.enter({ name: "connecting" });
    this.connect();
  }

  /** A hint that the network is back: ends a wait, but not a refusal. */
  hint(): void {
    if (this.phase.name === "waiting") this.retryNow();
  }

  /** Pauses frames while the page is hidden. A page that becomes visible resumes them, or reconnects at once if it must. */
  setHidden(hidden: boolean): void {
    if (hidden === this.hidden) return;
    this.hidden = hidden;
    this.send({ type: hidden ? "pause" : "resume" });
    if (!hidden) this.hint();
  }

  /** @returns false if there is no open socket */
  send(message: ClientMessage): boolean {
    if (!this.isOpen) return false;
    this.socket?.send(encode(message));
    return true;
  }

  /** Closes without a reconnect. */
  close(): void {
    this.cancelTimer();
    this.abandon(CloseCode.NORMAL);
  }

  private connect(): void {
    try {
      this.attach(this.environment.openSocket(this.address, SUBPROTOCOL));
    } catch {
      this.enter({ name: "refused", code: CloseCode.ABNORMAL, reason: "address" });
    }
  }

  private attach(socket: Socket): void {
    this.socket = socket;
    this.heartbeat = new Heartbeat();
    this.hintMs = undefined;
    this.joinedAt = undefined;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => this.opened();
    socket.onmessage = (event) => this.arrived(event.data);
    socket.onclose = (event) => this.ended(event.code, event.reason);
    this.cancelTimer = this.environment.after(OPEN_TIMEOUT_MS, () => this.giveUp(CloseCode.NORMAL));
  }

  private opened(): void {
    this.cancelTimer();
    this.send({ type: "hello", name: "", ticket: this.tickets.read(), full: false, sparse: true });
    if (this.hidden) this.send({ type: "pause" });
    this.beat();
    this.events.opened();
  }

  private beat(): void {
    const now = this.environment.now();
    if (this.heartbeat.isDead(now)) {
      this.giveUp(CloseCode.NORMAL);
      return;
    }
    const nonce = this.heartbeat.beat(now);
    if (nonce !== undefined) this.send({ type: "ping", nonce });
    this.cancelTimer = this.environment.after(PING_INTERVAL_MS, () => this.beat());
  }

  private arrived(data: unknown): void {
    const messages = data instanceof ArrayBuffer ? decode(new Uint8Array(data)) : new Refusal("range");
    if (messages instanceof Refusal) this.refuse(messages);
    else for (const message of messages) if (this.socket) this.receive(message); // a listener may close the socket between two messages
  }

  /** After a damaged message a new session helps. For another version, the player must reload the page. */
  private refuse(refusal: Refusal): void {
    if (refusal.reason !== "version") this.giveUp(CloseCode.MALFORMED);
    else {
      this.abandon(CloseCode.VERSION);
      this.ended(CloseCode.VERSION, refusal.reason);
    }
  }

  private receive(message: ServerMessage): void {
    if (message.type === "welcome") this.welcomed(message);
    else if (message.type === "pong") this.heartbeat.pong(message.nonce, this.environment.now());
    else if (message.type === "goodbye") this.hintMs = message.reconnectAfterMs;
    this.events.received(message);
  }

  private welcomed({ ticket }: Welcome): void {
    this.tickets.keep(ticket);
    this.joinedAt ??= this.environment.now();
    this.enter({ name: "joined" });
  }

  /** Closes with a code and continues as after a network failure, without waiting for the server's close frame. */
  private giveUp(code: number): void {
    this.abandon(code);
    this.ended(CloseCode.ABNORMAL, "");
  }

  private abandon(code: number): void {
    const socket = this.socket;
    this.socket = undefined;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close(code);
  }

  private ended(code: number, reason: string): void {
    const now = this.environment.now();
    this.socket = undefined;
    this.cancelTimer();
    this.backoff.ended(this.joinedAt === undefined ? 0 : now - this.joinedAt);
    if (code === CloseCode.SESSION_EXPIRED) this.tickets.forget();
    if (code === CloseCode.WORLD_FULL) this.backoff.later();
    if (mayReconnect(code)) this.wait(code, now);
    else this.enter({ name: "refused", code, reason });
  }

  private wait(code: number, now: number): void {
    const waitMs = this.backoff.next(this.hintMs);
    this.cancelTimer = this.environment.after(waitMs, () => this.retryNow());
    this.enter({ name: "waiting", code, retryAtMs: now + waitMs });
  }

  private enter(phase: Phase): void {
    this.phase = phase;
    this.events.phaseChanged(phase);
  }
}

function nothing(): void {
  // cancels nothing
}
