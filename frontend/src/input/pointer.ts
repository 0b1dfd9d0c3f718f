/**
 * Steers with mouse, pen or finger: the ship turns to the pointer and thrusts while the primary button or the finger is down.
 *
 * Blur, cancel and lost capture also release the thrust.
 */
import { headingOf } from "../sim/headings";

export interface Point {
  /** CSS pixels from the left top corner of the canvas. */
  x: number;
  y: number;
}

export interface PointerEvents {
  /** The position of the player's ship on the canvas, if it is drawn. */
  ship: () => Point | undefined;
  /** Called with the new controls. */
  steer: (heading: number, thrusting: boolean) => void;
}

export class PointerInput {
  private readonly listening = new AbortController();
  private at: Point | undefined;
  private held: number | undefined; // id of the pointer that thrusts
  private heading = 0;

  /**
   * @param surface usually the canvas
   * @param page usually the window, which reports a lost focus
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
    ); // no menu after a long touch
    page.addEventListener("blur", () => this.release(), options);
  }

  /** Call it with each animation frame: a thrusting ship moves, so the direction to a resting pointer changes. */
  follow(): void {
    if (this.held !== undefined) this.aim();
  }

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

/** A captured pointer also steers outside the canvas. A pointer that has already left cannot be captured. */
function capture(surface: EventTarget, pointerId: number): void {
  try {
    (surface as Partial<Element>).setPointerCapture?.(pointerId);
  } catch {
    // NotFoundError: the pointer has already left
  }
}
