/**
 * Draws the arena: the sky once per canvas size, the ships with each frame. It does not allocate memory per frame.
 */
import { radiansOf } from "../sim/headings";
import { SIZE_UNITS } from "../sim/rules";
import type { ShipsView } from "../state/interpolation";
import { OWN, SPACE } from "./palette";
import { SpriteSheet } from "./sprites";
import type { ShipSprites, Sprite } from "./sprites";
import { paintSky } from "./stars";
import { fit } from "./viewport";
import type { Viewport } from "./viewport";

const LABEL_CSS = 11; // font size, CSS pixels
const LABEL_FONT = "Inter, ui-sans-serif, system-ui, sans-serif";
const LABEL_BELOW = 1.3; // distance from the ship's centre to the top of its label, radii
const OWN_LABEL_BELOW = 1.75; // the label is below the ring
const STERN = -0.52; // position of the nozzle, radii
const TRAIL_PER_SPEED = 0.55; // length of the trail per unit/tick
const FLICKER_PER_MS = 0.045; // radians; about 7 flickers a second

export class Renderer {
  private readonly context: CanvasRenderingContext2D | null;
  private readonly sky = document.createElement("canvas");
  private readonly labels = new Map<number, string>();
  private viewport: Viewport = fit(1, 1, 1);
  private sprites = new SpriteSheet(1, 1);

  constructor(private readonly canvas: HTMLCanvasElement) {
    this.context = canvas.getContext("2d", { alpha: false });
  }

  /** Sets the size of the canvas on the page, CSS pixels. */
  resize(cssWidth: number, cssHeight: number, devicePixelRatio: number): void {
    const viewport = fit(cssWidth, cssHeight, devicePixelRatio);
    this.viewport = viewport;
    this.sprites = new SpriteSheet(viewport.scale, viewport.ratio);
    this.sky.width = this.canvas.width = viewport.width;
    this.sky.height = this.canvas.height = viewport.height;
    const sky = this.sky.getContext("2d");
    if (sky) paintSky(sky, viewport);
  }

  /** Converts a position in the world (units) to the canvas (CSS pixels). */
  toCss(x: number, y: number): { x: number; y: number } {
    const { left, top, scale, ratio } = this.viewport;
    return { x: (left + x * scale) / ratio, y: (top + y * scale) / ratio };
  }

  /** @param ownId the player's ship, 0 for none; `nowMs` is only for flickering flames */
  draw(view: ShipsView, ownId: number, nowMs: number): void {
    const { context } = this;
    if (!context) return;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.drawImage(this.sky, 0, 0);
    context.save();
    this.clipToArena(context);
    const own = view.indexOf(ownId);
    this.useLabelStyle(context, 400, SPACE.label);
    for (let n = 0; n < view.count; n++) if (n !== own) this.drawShip(context, view, n, false, nowMs);
    this.useLabelStyle(context, 600, SPACE.ownLabel);
    if (own >= 0) this.drawShip(context, view, own, true, nowMs); // on top of all others
    context.restore();
  }

  private clipToArena(context: CanvasRenderingContext2D): void {
    const { left, top, edge } = this.viewport;
    context.beginPath();
    context.rect(left, top, edge, edge);
    context.clip();
  }

  /** A ship at an edge is visible on both sides, so it is drawn once per side. */
  private drawShip(context: CanvasRenderingContext2D, view: ShipsView, n: number, own: boolean, nowMs: number): void {
    const { edge, scale } = this.viewport;
    const reach = (this.sprites.radius * 3) / scale; // including the label, units
    const acrossX = across(view.x[n], reach) * edge;
    const acrossY = across(view.y[n], reach) * edge;
    this.drawShipAt(context, view, n, own, nowMs, 0, 0);
    if (acrossX !== 0) this.drawShipAt(context, view, n, own, nowMs, acrossX, 0);
    if (acrossY !== 0) this.drawShipAt(context, view, n, own, nowMs, 0, acrossY);
    if (acrossX !== 0 && acrossY !== 0) this.drawShipAt(context, view, n, own, nowMs, acrossX, acrossY);
  }

  private drawShipAt(
    context: CanvasRenderingContext2D,
    view: ShipsView,
    n: number,
    own: boolean,
    nowMs: number,
    shiftX: number,
    shiftY: number,
  ): void {
    const { left, top, scale } = this.viewport;
    const x = left + view.x[n] * scale + shiftX;
    const y = top + view.y[n] * scale + shiftY;
    const sprites = this.sprites.of(view.ids[n], own);
    this.drawTrail(context, sprites, x, y, view.vx[n], view.vy[n]);
    this.turnTo(context, x, y, radiansOf(view.heading[n]));
    if (view.burning[n]) this.drawFlame(context, sprites, 1 + 0.16 * Math.sin(nowMs * FLICKER_PER_MS + view.ids[n]));
    this.blit(context, sprites.hull);
    context.setTransform(1, 0, 0, 1, 0, 0);
    if (own) this.drawRing(context, x, y);
    this.drawLabel(context, view.ids[n], own, x, y);
  }

  private turnTo(context: CanvasRenderingContext2D, x: number, y: number, radians: number): void {
    const [cosine, sine] = [Math.cos(radians), Math.sin(radians)];
    context.setTransform(cosine, sine, -sine, cosine, x, y);
  }

  private drawTrail(
    context: CanvasRenderingContext2D,
    sprites: ShipSprites,
    x: number,
    y: number,
    vx: number,
    vy: number,
  ): void {
    const speed = Math.hypot(vx, vy);
    if (speed === 0) return;
    const stretch = speed * TRAIL_PER_SPEED;
    const [along, across] = [vx / speed, vy / speed];
    context.setTransform(along * stretch, across * stretch, -across, along, x, y);
    this.blit(context, sprites.trail);
  }

  private drawFlame(context: CanvasRenderingContext2D, { flame }: ShipSprites, stretch: number): void {
    const { canvas, left, top } = flame;
    const stern = STERN * this.sprites.radius;
    context.drawImage(canvas, stern + left * stretch, top, canvas.width * stretch, canvas.height);
  }

  private blit(context: CanvasRenderingContext2D, { canvas, left, top }: Sprite): void {
    context.drawImage(canvas, left, top);
  }

  /** A ring marks the player's ship, because a colour alone is not accessible. */
  private drawRing(context: CanvasRenderingContext2D, x: number, y: number): void {
    const radius = 1.55 * this.sprites.radius;
    context.strokeStyle = `rgba(${OWN.glow}, 0.75)`;
    context.lineWidth = 1.25 * this.viewport.ratio;
    for (let quarter = 0; quarter < 4; quarter++) {
      const middle = (quarter + 0.5) * (Math.PI / 2);
      context.beginPath();
      context.arc(x, y, radius, middle - 0.42, middle + 0.42);
      context.stroke();
    }
  }

  private useLabelStyle(context: CanvasRenderingContext2D, weight: number, colour: string): void {
    context.font = `${weight} ${LABEL_CSS * this.viewport.ratio}px ${LABEL_FONT}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillStyle = colour;
  }

  private drawLabel(context: CanvasRenderingContext2D, id: number, own: boolean, x: number, y: number): void {
    const below = (own ? OWN_LABEL_BELOW : LABEL_BELOW) * this.sprites.radius + (LABEL_CSS / 2) * this.viewport.ratio;
    context.fillText(own ? "you" : this.labelOf(id), x, y + below);
  }

  private labelOf(id: number): string {
    let label = this.labels.get(id);
    if (label === undefined) this.labels.set(id, (label = `#${id}`)); // up to 65,535 short strings
    return label;
  }
}

/** The side on which a ship at this position (units) is drawn again: one arena further (1), back (−1), or none (0). */
function across(place: number, reach: number): number {
  if (place < reach) return 1;
  return place > SIZE_UNITS - reach ? -1 : 0;
}
