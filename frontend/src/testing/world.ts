/** An environment for tests: tests control time and sockets, and random numbers are constant. */
import type { ConnectionEnvironment, Socket } from "../net/connection";
import type { Environment } from "../game/environment";
import { hexOf } from "./golden";

interface Timer {
  at: number;
  run: () => void;
}

export class FakeSocket implements Socket {
  binaryType: BinaryType = "blob";
  readyState: WebSocket["readyState"] = 0;
  onopen: WebSocket["onopen"] = null;
  onmessage: WebSocket["onmessage"] = null;
  onclose: WebSocket["onclose"] = null;
  /** Messages that the client sent, in hex. */
  readonly sent: string[] = [];
  /** The client's close code. */
  closedWith: number | undefined;

  constructor(
    readonly address: string,
    readonly subprotocol: string,
  ) {}

  send(data: Parameters<WebSocket["send"]>[0]): void {
    this.sent.push(hexOf(data as Uint8Array));
  }

  close(code?: number): void {
    this.readyState = 3;
    this.closedWith = code;
  }

  /** The server accepts. */
  open(): void {
    this.readyState = 1;
    this.onopen?.call(this as unknown as WebSocket, new Event("open"));
  }

  /** The server sends. */
  deliver(bytes: Uint8Array | number[] | string): void {
    const data = typeof bytes === "string" ? bytes : Uint8Array.from(bytes).buffer;
    this.onmessage?.call(this as unknown as WebSocket, { data } as MessageEvent);
  }

  /** The server closes, or the network fails. */
  end(code: number, reason = ""): void {
    this.readyState = 3;
    this.onclose?.call(this as unknown as WebSocket, { code, reason } as CloseEvent);
  }
}

export class World implements Environment {
  readonly sockets: FakeSocket[] = [];
  readonly stored = new Map<string, string>();
  readonly storage = {
    getItem: (key: string) => this.stored.get(key) ?? null,
    setItem: (key: string, value: string) => void this.stored.set(key, value),
    removeItem: (key: string) => void this.stored.delete(key),
  };
  time = 1000;
  chance = 0.5;
  /** The error that opening a socket throws, if any. */
  forbids: Error | undefined;
  private readonly timers = new Set<Timer>();
  private readonly frames = new Set<() => void>();

  readonly now = () => this.time;
  readonly random = () => this.chance;

  readonly after: ConnectionEnvironment["after"] = (ms, run) => {
    const timer = { at: this.time + ms, run };
    this.timers.add(timer);
    return () => void this.timers.delete(timer);
  };

  readonly onNextFrame: Environment["onNextFrame"] = (run) => {
    this.frames.add(run);
    return () => void this.frames.delete(run);
  };

  readonly openSocket: ConnectionEnvironment["openSocket"] = (address, subprotocol) => {
    if (this.forbids) throw this.forbids;
    const socket = new FakeSocket(address, subprotocol);
    this.sockets.push(socket);
    return socket;
  };

  get socket(): FakeSocket {
    return this.sockets[this.sockets.length - 1];
  }

  get pendingTimers(): number {
    return this.timers.size;
  }

  /** Advances the time. Timers run in order. */
  pass(ms: number): void {
    const end = this.time + ms;
    for (let next = this.nextTimer(end); next; next = this.nextTimer(end)) {
      this.timers.delete(next);
      this.time = Math.max(this.time, next.at);
      next.run();
    }
    this.time = end;
  }

  /** Runs the animation frame callbacks. */
  paint(): void {
    const due = [...this.frames];
    this.frames.clear();
    for (const run of due) run();
  }

  private nextTimer(end: number): Timer | undefined {
    return [...this.timers].filter((timer) => timer.at <= end).sort((one, other) => one.at - other.at)[0];
  }
}
