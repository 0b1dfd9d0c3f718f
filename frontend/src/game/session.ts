/** One player's game without a page: turns messages into replica and timeline, and controls into inputs. */
import { Connection } from "../net/connection";
import type { ConnectionEnvironment, Phase } from "../net/connection";
import type { Keyframe, ServerMessage, Welcome } from "../net/messages";
import type { TicketDrawer } from "../net/ticket";
import { Intent } from "../input/intent";
import { Replica } from "../state/replica";
import type { Outcome } from "../state/replica";
import { Timeline } from "../state/timeline";
import { INITIAL_STATUS, reasonOf } from "./status";
import type { State, Status } from "./status";

const SECOND_MS = 1000;

export class Session {
  readonly replica = new Replica();
  readonly timeline = new Timeline();
  /** The id of the player's ship; 0 before the first. It stays visible while the connection is lost. */
  shipId = 0;

  private readonly intent = new Intent();
  private readonly connection: Connection;
  private phase: Phase = { name: "connecting" };
  private paused = false;
  /** This socket has received a keyframe. */
  private framed = false;
  private cancelInput: (() => void) | undefined;

  /** @param stateChanged called if the state of `status` may have changed */
  constructor(
    address: string,
    tickets: TicketDrawer,
    private readonly environment: ConnectionEnvironment,
    private readonly stateChanged: () => void,
  ) {
    this.connection = new Connection(address, tickets, environment, {
      opened: () => this.opened(),
      received: (message) => this.received(message),
      phaseChanged: (phase) => this.enter(phase),
    });
  }

  /** Connects, even after a refusal. */
  connect(): void {
    this.connection.retryNow();
  }

  /** A hint that the network may be back. */
  hint(): void {
    this.connection.hint();
  }

  setHidden(hidden: boolean): void {
    this.connection.setHidden(hidden);
  }

  /** Sets the controls. They stay until the next call. */
  steer(heading: number, thrusting: boolean): void {
    this.intent.want(heading, thrusting);
    this.sendInput();
  }

  close(): void {
    this.cancelInput?.();
    this.connection.close();
  }

  status(): Status {
    const { phase } = this;
    const { pingMs } = this.connection;
    return {
      ...INITIAL_STATUS,
      state: this.state(),
      players: this.replica.ships.length,
      pingMs: pingMs === undefined ? null : Math.round(pingMs),
      shipId: phase.name === "joined" ? this.shipId : null,
      reason: reasonFor(phase),
      retryInMs: phase.name === "waiting" ? wholeSeconds(phase.retryAtMs - this.environment.now()) : null,
    };
  }

  private state(): State {
    if (this.phase.name === "waiting") return "lost";
    if (this.phase.name === "refused") return "refused";
    if (this.paused) return "paused";
    return this.phase.name === "joined" && this.framed ? "live" : "connecting";
  }

  private enter(phase: Phase): void {
    this.phase = phase;
    this.stateChanged();
  }

  private opened(): void {
    this.replica.restart();
    this.framed = false;
    this.paused = false;
    this.repeatInput();
  }

  private received(message: ServerMessage): void {
    if (message.type === "delta") this.frame(this.replica.delta(message.body));
    else if (message.type === "checksum") this.ask(this.replica.checksum(message.crc));
    else if (message.type === "keyframe") this.keyframe(message);
    else if (message.type === "welcome") this.welcomed(message);
    else if (message.type === "status") this.setPaused(message.state === "paused");
  }

  private welcomed({ ship }: Welcome): void {
    const other = ship !== this.shipId;
    this.shipId = ship;
    if (other) this.repeatInput();
    this.stateChanged();
  }

  private keyframe(message: Keyframe): void {
    if (message.epoch !== this.replica.epoch) this.timeline.restart();
    this.frame(this.replica.keyframe(message));
    if (this.framed) return;
    this.framed = true;
    this.stateChanged();
  }

  private frame(outcome: Outcome): void {
    this.ask(outcome);
    if (outcome !== "applied") return;
    this.timeline.push(this.replica.tick, this.replica.ships, this.environment.now());
    this.setPaused(false);
  }

  private ask(outcome: Outcome): void {
    if (outcome === "resync") this.connection.send({ type: "resync" });
  }

  private setPaused(paused: boolean): void {
    if (paused === this.paused) return;
    this.paused = paused;
    this.stateChanged();
  }

  /** A new ship or socket has not received the inputs of the old one. */
  private repeatInput(): void {
    this.intent.forgetSent();
    this.sendInput();
  }

  private sendInput(): void {
    this.cancelInput?.();
    this.cancelInput = undefined;
    if (!this.connection.isOpen) return; // `opened` calls this again
    const now = this.environment.now();
    const dueInMs = this.intent.dueInMs(now);
    if (dueInMs === undefined) return;
    const input = this.intent.take(now);
    if (input) this.connection.send(input);
    else this.cancelInput = this.environment.after(dueInMs, () => this.sendInput());
  }
}

function reasonFor(phase: Phase): Status["reason"] {
  if (phase.name === "waiting") return reasonOf(phase.code);
  if (phase.name !== "refused") return null;
  return phase.reason === "address" ? "address" : reasonOf(phase.code);
}

function wholeSeconds(ms: number): number {
  return Math.max(0, Math.ceil(ms / SECOND_MS)) * SECOND_MS;
}
