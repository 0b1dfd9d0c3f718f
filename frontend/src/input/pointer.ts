/**
 * Steers by mouse, pen or finger: the ship turns to the pointer and thrusts while the primary button, or the finger, is down.
 *
 * Thrust never sticks: whatever takes the pointer away (blur, cancel, capture lost) releases it.
 */
import { headingOf } from "../sim/headings";

export interface Point {
  /** CSS pixels from the left top corner of the canvas. */
  x: number;
  y: number;
}

export interface PointerEvents {
  /** Where the own ship is drawn, if it is. */
  ship: () => Point | undefined;
  /** The player wants this, from now on. */
  steer: (heading: number, thrusting: boolean) => void;
}

export class PointerInput {
  private readonly listening = new AbortController();
  private at: Point | undefined;
  private held: number | undefined; // id of the pointer that thrusts
  private heading = 0;

  /**
   * @param surface usually the canvas
   * @param page usually the window, which knows when the focus goes
   */
  constructor(
    private readonly surface: EventTarget,
    page: EventTarget,
    private readonly events: PointerEvents,
  ) {
    this.on("pointermove", (event) => this.moved(event));
    this.on("pointerdown", (event) => this.pressed(event));
    this.on("pointerup", (event) => this.releasedBy(event));
    this.on("pointercancel", (event) => this.releasedBy(event));
    this.on("lostpointercapture", (event) => this.releasedBy(event));
    const options = { signal: this.listening.signal };
    surface.addEventListener(
      "contextmenu",
      (event) => {
        event.preventDefault();
      },
      options,
    ); // a long touch opens none
    page.addEventListener("blur", () => this.release(), options);
  }

  /** To be called with each picture: a thrusting ship flies, so the way to a resting pointer turns. A coasting one waits for a move. */
  follow(): void {
    if (this.held !== undefined) this.aim();
  }

  /** Stops thrusting. */
  release(): void {
    if (this.held === undefined) return;
    this.held = undefined;
    this.events.steer(this.heading, false);
  }

  dispose(): void {
    this.listening.abort();
  }

  private on(type: string, handle: (event: PointerEvent) => void): void {
    const listener = (event: Event) => {
      handle(event as PointerEvent);
    };
    this.surface.addEventListener(type, listener, { signal: this.listening.signal });
  }

  private moved(event: PointerEvent): void {
    if (!event.isPrimary) return;
    this.at = { x: event.offsetX, y: event.offsetY };
    this.aim();
  }

  private pressed(event: PointerEvent): void {
    if (!event.isPrimary || event.button !== 0) return;
    this.held = event.pointerId;
    capture(this.surface, event.pointerId);
    this.moved(event);
  }

  private releasedBy(event: PointerEvent): void {
    const otherButton = event.type === "pointerup" && event.button !== 0;
    if (event.pointerId === this.held && !otherButton) this.release();
  }

  private aim(): void {
    const ship = this.events.ship();
    if (this.at && ship) this.heading = headingOf(this.at.x - ship.x, this.at.y - ship.y);
    if (ship) this.events.steer(this.heading, this.held !== undefined);
  }
}

/** A pointer outside the canvas still steers while it is held. One that is gone already cannot be captured, which changes nothing. */
function capture(surface: EventTarget, pointerId: number): void {
  try {
    (surface as Partial<Element>).setPointerCapture?.(pointerId);
  } catch {
    // NotFoundError: the pointer left between the event and now
  }
}
