/** Sprites of ships: drawn once as vectors in screen size, then copied once per ship and frame. */
import { LIVERY_COUNT, OWN, liveryAt, liveryIndex } from "./palette";
import type { Livery } from "./palette";

/** A cropped picture, because transparent pixels cost time too, and the position of the ship's centre in it. */
export interface Sprite {
  canvas: HTMLCanvasElement;
  /** From the centre to the picture's top left corner, device pixels. */
  left: number;
  top: number;
}

/** The pictures for one colour; all point right. */
export interface ShipSprites {
  hull: Sprite;
  flame: Sprite;
  trail: Sprite;
}

/** From the nose to the centre, units. A ship is drawn a little larger than its size in the world. */
const RADIUS_UNITS = 17;

/** Minimum size of a ship on the screen, CSS pixels, because a phone shows the whole arena. */
const MIN_RADIUS_CSS = 9;

/** The extent of each picture around the centre, in radii. */
const GLOW_REACH = 1.7;
const HULL_BOX = { left: -GLOW_REACH, top: -GLOW_REACH, right: GLOW_REACH, bottom: GLOW_REACH };
const FLAME_LENGTH = 1.75;
const FLAME_BOX = { left: -FLAME_LENGTH, top: -0.32, right: 0, bottom: 0.32 };
const TRAIL_LENGTH = 2;
const TRAIL_BOX = { left: -TRAIL_LENGTH, top: -0.22, right: 0, bottom: 0.22 };

type Box = typeof HULL_BOX;

export class SpriteSheet {
  /** From the nose to the centre, device pixels. */
  readonly radius: number;
  private readonly own: ShipSprites;
  private readonly others: ShipSprites[];

  /** @param scale device pixels per unit; `ratio` device pixels per CSS pixel */
  constructor(scale: number, ratio: number) {
    this.radius = Math.max(RADIUS_UNITS * scale, MIN_RADIUS_CSS * ratio);
    this.own = drawSprites(OWN, this.radius);
    this.others = Array.from({ length: LIVERY_COUNT }, (_, n) => drawSprites(liveryAt(n), this.radius));
  }

  of(id: number, own: boolean): ShipSprites {
    return own ? this.own : this.others[liveryIndex(id)];
  }
}

function drawSprites(livery: Livery, radius: number): ShipSprites {
  return {
    hull: drawn(radius, HULL_BOX, (context) => drawHull(context, livery)),
    flame: drawn(radius, FLAME_BOX, drawFlame),
    trail: drawn(radius, TRAIL_BOX, (context) => drawTrail(context, livery)),
  };
}

/** Draws with the ship's centre at (0, 0) and its nose at (1, 0). */
function drawn(radius: number, box: Box, draw: (context: CanvasRenderingContext2D) => void): Sprite {
  const canvas = document.createElement("canvas");
  const [left, top] = [Math.floor(box.left * radius), Math.floor(box.top * radius)];
  canvas.width = Math.ceil(box.right * radius) - left;
  canvas.height = Math.ceil(box.bottom * radius) - top;
  const context = canvas.getContext("2d");
  context?.setTransform(radius, 0, 0, radius, -left, -top);
  if (context) draw(context);
  return { canvas, left, top };
}

/** A dart with swept wings, lit from above, and a canopy. */
function drawHull(context: CanvasRenderingContext2D, { light, dark, glow }: Livery): void {
  drawGlow(context, glow);
  const paint = context.createLinearGradient(0, -0.7, 0, 0.7);
  paint.addColorStop(0, light);
  paint.addColorStop(0.5, light);
  paint.addColorStop(0.5, dark);
  paint.addColorStop(1, dark);
  context.fillStyle = paint;
  context.lineJoin = "round";
  traceHull(context);
  context.fill();
  context.strokeStyle = `rgba(${glow}, 0.9)`;
  context.lineWidth = 0.06;
  context.stroke();
  drawCanopy(context);
}

function traceHull(context: CanvasRenderingContext2D): void {
  context.beginPath();
  context.moveTo(1, 0);
  context.quadraticCurveTo(0.45, -0.2, 0.1, -0.26);
  context.lineTo(-0.72, -0.72);
  context.lineTo(-0.52, -0.22);
  context.lineTo(-0.62, 0);
  context.lineTo(-0.52, 0.22);
  context.lineTo(-0.72, 0.72);
  context.lineTo(0.1, 0.26);
  context.quadraticCurveTo(0.45, 0.2, 1, 0);
  context.closePath();
}

function drawCanopy(context: CanvasRenderingContext2D): void {
  context.fillStyle = "rgba(6, 12, 32, 0.82)";
  context.beginPath();
  context.ellipse(0.2, 0, 0.26, 0.1, 0, 0, 2 * Math.PI);
  context.fill();
  context.fillStyle = "rgba(210, 236, 255, 0.85)";
  context.beginPath();
  context.ellipse(0.27, -0.035, 0.12, 0.03, 0, 0, 2 * Math.PI);
  context.fill();
}

function drawGlow(context: CanvasRenderingContext2D, glow: string): void {
  const gradient = context.createRadialGradient(0, 0, 0.2, 0, 0, GLOW_REACH);
  gradient.addColorStop(0, `rgba(${glow}, 0.30)`);
  gradient.addColorStop(1, `rgba(${glow}, 0)`);
  context.fillStyle = gradient;
  context.fillRect(-GLOW_REACH, -GLOW_REACH, 2 * GLOW_REACH, 2 * GLOW_REACH);
}

/** The flame starts at the centre and points left, so that stretching it along x makes it flicker. */
function drawFlame(context: CanvasRenderingContext2D): void {
  const tongues = [
    { length: FLAME_LENGTH, width: 0.3, colour: "255, 110, 40", opacity: 0.55 },
    { length: 1.25, width: 0.22, colour: "255, 184, 76", opacity: 0.85 },
    { length: 0.75, width: 0.14, colour: "255, 248, 224", opacity: 1 },
  ];
  for (const { length, width, colour, opacity } of tongues) {
    const gradient = context.createLinearGradient(0, 0, -length, 0);
    gradient.addColorStop(0, `rgba(${colour}, ${opacity})`);
    gradient.addColorStop(1, `rgba(${colour}, 0)`);
    context.fillStyle = gradient;
    context.beginPath();
    context.moveTo(0, -width);
    context.quadraticCurveTo(-length * 0.4, -width, -length, 0);
    context.quadraticCurveTo(-length * 0.4, width, 0, width);
    context.fill();
  }
}

/** The trail of a moving ship: it starts at the centre, points left and fades. */
function drawTrail(context: CanvasRenderingContext2D, { glow }: Livery): void {
  const gradient = context.createLinearGradient(0, 0, -TRAIL_LENGTH, 0);
  gradient.addColorStop(0, `rgba(${glow}, 0.42)`);
  gradient.addColorStop(0.35, `rgba(${glow}, 0.16)`);
  gradient.addColorStop(1, `rgba(${glow}, 0)`);
  context.fillStyle = gradient;
  context.beginPath();
  context.moveTo(0, -0.2);
  context.lineTo(-TRAIL_LENGTH, 0);
  context.lineTo(0, 0.2);
  context.fill();
}
