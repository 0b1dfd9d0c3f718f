/**
 * Draws the arena: the sky once per size, the ships with each picture. It knows no network and keeps no time; nothing is allocated per
 * picture.
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

const LABEL_CSS = 11; // height of the letters, CSS pixels
const LABEL_FONT = "Inter, ui-sans-serif, system-ui, sans-serif";
const LABEL_BELOW = 1.3; // upper end of the label below the middle of the ship, radii
const OWN_LABEL_BELOW = 1.75; // below its ring
const STERN = -0.52; // place of the nozzle, radii
const TRAIL_PER_SPEED = 0.55; // stretch of the trail per unit/tick
const FLICKER_PER_MS = 0.045; // radians: about 7 flickers a second

export class Renderer {
  private readonly context: CanvasRenderingContext2D | null;
  private readonly sky = document.createElement("canvas");
  private readonly labels = new Map<number, string>();
  private viewport: Viewport = fit(1, 1, 1);
  private sprites = new SpriteSheet(1, 1);

  constructor(private readonly canvas: HTMLCanvasElement) {
    this.context = canvas.getContext("2d", { alpha: false });
  }

  /** Takes the size of the canvas on the page, CSS pixels. */
  resize(cssWidth: number, cssHeight: number, devicePixelRatio: number): void {
    const viewport = fit(cssWidth, cssHeight, devicePixelRatio);
    this.viewport = viewport;
    this.sprites = new SpriteSheet(viewport.scale, viewport.ratio);
    this.sky.width = this.canvas.width = viewport.width;
    this.sky.height = this.canvas.height = viewport.height;
    const sky = this.sky.getContext("2d");
    if (sky) paintSky(sky, viewport);
  }

  /** Where a position of the world, in units, lies on the canvas, in CSS pixels. */
  toCss(x: number, y: number): { x: number; y: number } {
    const { left, top, scale, ratio } = this.viewport;
    return { x: (left + x * scale) / ratio, y: (top + y * scale) / ratio };
  }

  /** @param ownId the ship of this player, 0 for none; `nowMs` only makes flames flicker */
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
    if (own >= 0) this.drawShip(context, view, own, true, nowMs); // above all others
    context.restore();
  }

  private clipToArena(context: CanvasRenderingContext2D): void {
    const { left, top, edge } = this.viewport;
    context.beginPath();
    context.rect(left, top, edge, edge);
    context.clip();
  }

  /** A ship near an edge is half on each side of it, so it is drawn once per side. */
  private drawShip(context: CanvasRenderingContext2D, view: ShipsView, n: number, own: boolean, nowMs: number): void {
    const { edge, scale } = this.viewport;
    const reach = (this.sprites.radius * 3) / scale; // with its label, units
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

  /** The flame leaves the stern. */
  private drawFlame(context: CanvasRenderingContext2D, { flame }: ShipSprites, stretch: number): void {
    const { canvas, left, top } = flame;
    const stern = STERN * this.sprites.radius;
    context.drawImage(canvas, stern + left * stretch, top, canvas.width * stretch, canvas.height);
  }

  private blit(context: CanvasRenderingContext2D, { canvas, left, top }: Sprite): void {
    context.drawImage(canvas, left, top);
  }

  /** More than a colour tells the own ship from the others. */
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
    if (label === undefined) this.labels.set(id, (label = `#${id}`)); // at most 65,535 short strings
    return label;
  }
}

/** The direction in which a ship at this place, in units, has its other half: one arena further (1), back (−1), or nowhere (0). */
function across(place: number, reach: number): number {
  if (place < reach) return 1;
  return place > SIZE_UNITS - reach ? -1 : 0;
}
