/** The game on a canvas, without React: connects session, pointer, page events and renderer, and ends them together. */
import { PointerInput } from "../input/pointer";
import type { Point } from "../input/pointer";
import { TicketDrawer } from "../net/ticket";
import type { Ship } from "../sim/ship";
import { ShipsView } from "../state/interpolation";
import { Renderer } from "../view/renderer";
import type { Environment } from "./environment";
import { Session } from "./session";
import { INITIAL_STATUS, sameStatus } from "./status";
import type { Status } from "./status";

const STATUS_INTERVAL_MS = 500;

export class Engine {
  private readonly listeners = new Set<(status: Status) => void>();
  private current = INITIAL_STATUS;
  private run: Run | undefined;

  constructor(private readonly environment: Environment) {}

  get status(): Status {
    return this.current;
  }

  /** A copy of the exact state of every ship, ascending by id. */
  get ships(): Ship[] {
    return this.run?.session.replica.ships.map((ship) => ({ ...ship })) ?? [];
  }

  get frame(): { epoch: number; tick: number } {
    const { epoch = 0, tick = 0 } = this.run?.session.replica ?? {};
    return { epoch, tick };
  }

  /** @returns a function that ends the subscription */
  subscribe(listener: (status: Status) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Restarts the game on this canvas. Without an address, the status is refused. */
  start(canvas: HTMLCanvasElement, address: string | undefined): void {
    this.dispose();
    if (address === undefined) {
      this.publish({ ...INITIAL_STATUS, state: "refused", reason: "address" });
      return;
    }
    this.publish(INITIAL_STATUS);
    this.run = new Run(canvas, address, this.environment, (status) => this.publish(status));
    this.run.session.connect();
  }

  /** Reconnects after a refusal, at the player's request. */
  retry(): void {
    this.run?.session.connect();
  }

  /** Ends the game; the socket is closed with 1000. */
  dispose(): void {
    this.run?.dispose();
    this.run = undefined;
  }

  private publish(status: Status): void {
    if (sameStatus(status, this.current)) return;
    this.current = status;
    for (const listener of this.listeners) listener(status);
  }
}

class Run {
  readonly session: Session;
  private readonly view = new ShipsView();
  private readonly renderer: Renderer;
  private readonly pointer: PointerInput;
  private readonly resizing: ResizeObserver;
  private readonly listening = new AbortController();
  private cancelFrame: () => void;
  private cancelStatus: () => void;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    address: string,
    private readonly environment: Environment,
    private readonly publish: (status: Status) => void,
  ) {
    const tickets = new TicketDrawer(environment.storage, address);
    this.session = new Session(address, tickets, environment, () => this.publishStatus());
    this.renderer = new Renderer(canvas);
    this.pointer = new PointerInput(canvas, window, {
      ship: () => this.shipOnCanvas(),
      steer: (heading, thrusting) => this.session.steer(heading, thrusting),
    });
    this.resizing = new ResizeObserver(() => this.resize());
    this.resizing.observe(canvas);
    this.listenToPage();
    this.cancelFrame = environment.onNextFrame(() => this.draw());
    this.cancelStatus = environment.after(STATUS_INTERVAL_MS, () => this.lookAtNumbers());
  }

  dispose(): void {
    this.listening.abort();
    this.resizing.disconnect();
    this.pointer.dispose();
    this.cancelFrame();
    this.cancelStatus();
    this.session.close();
  }

  private listenToPage(): void {
    const options = { signal: this.listening.signal };
    window.addEventListener("online", () => this.session.hint(), options);
    document.addEventListener("visibilitychange", () => this.visibilityChanged(), options);
    this.visibilityChanged();
  }

  private visibilityChanged(): void {
    if (document.hidden) this.pointer.release();
    this.session.setHidden(document.hidden);
  }

  private publishStatus(): void {
    this.publish(this.session.status());
  }

  private lookAtNumbers(): void {
    this.publishStatus();
    this.cancelStatus = this.environment.after(STATUS_INTERVAL_MS, () => this.lookAtNumbers());
  }

  private resize(): void {
    this.renderer.resize(this.canvas.clientWidth, this.canvas.clientHeight, window.devicePixelRatio);
    this.draw(); // at once, because a new size clears the canvas
  }

  private draw(): void {
    this.cancelFrame();
    const now = this.environment.now();
    this.session.timeline.viewAt(now, this.view);
    this.renderer.draw(this.view, this.session.shipId, now);
    this.pointer.follow();
    this.cancelFrame = this.environment.onNextFrame(() => this.draw());
  }

  private shipOnCanvas(): Point | undefined {
    const n = this.view.indexOf(this.session.shipId);
    return n < 0 ? undefined : this.renderer.toCss(this.view.x[n], this.view.y[n]);
  }
}
