/** The sky: the same stars for every player, painted once per canvas size. */
import { NEBULAE, SPACE } from "./palette";
import type { Viewport } from "./viewport";

export interface Star {
  /** Fractions of the canvas, 0…1. */
  x: number;
  y: number;
  /** Radius in CSS pixels. */
  radius: number;
  opacity: number;
  /** 0 blue … 1 orange. */
  warmth: number;
}

const SEED = 20;
const STARS_PER_MEGAPIXEL = 1500; // per million CSS pixels
const BRIGHT = 1.3; // minimum radius of a star with a halo
const BAND_SHARE = 0.4; // fraction of the stars in the band
const BAND_WIDTH = 0.16; // fraction of the canvas, to each side
const GRID_STEP_UNITS = 100;

/**
 * Most stars are faint: brightness is a power of a random number. Many faint stars form a band from the bottom left to the top right.
 */
export function starField(count: number): Star[] {
  const random = mulberry32(SEED);
  return Array.from({ length: count }, () => {
    const brightness = random() ** 6;
    const { x, y } = random() < BAND_SHARE ? inBand(random) : { x: random(), y: random() };
    return {
      x,
      y,
      radius: 0.35 + 1.2 * brightness,
      opacity: 0.16 + 0.34 * random() + 0.5 * brightness,
      warmth: random(),
    };
  });
}

/** The mean of three random numbers, which is most often near the middle. */
function inBand(random: () => number): { x: number; y: number } {
  const along = random();
  const aside = (random() + random() + random() - 1.5) * BAND_WIDTH;
  return { x: along + aside, y: 1 - along + aside };
}

/** Paints sky, clouds, stars and the frame of the arena on the whole canvas. */
export function paintSky(context: CanvasRenderingContext2D, viewport: Viewport): void {
  paintDepth(context, viewport);
  paintNebulae(context, viewport);
  const megapixels = (viewport.width * viewport.height) / viewport.ratio ** 2 / 1e6;
  for (const star of starField(Math.round(STARS_PER_MEGAPIXEL * megapixels))) paintStar(context, viewport, star);
  paintOutside(context, viewport);
  paintGrid(context, viewport);
  paintFrame(context, viewport);
}

function paintDepth(context: CanvasRenderingContext2D, { width, height }: Viewport): void {
  const reach = Math.hypot(width, height) / 2;
  const gradient = context.createRadialGradient(width / 2, height / 2, 0, width / 2, height / 2, reach);
  gradient.addColorStop(0, SPACE.inner);
  gradient.addColorStop(1, SPACE.outer);
  context.fillStyle = gradient;
  context.fillRect(0, 0, width, height);
}

function paintNebulae(context: CanvasRenderingContext2D, { left, top, edge, width, height }: Viewport): void {
  context.save();
  context.globalCompositeOperation = "lighter";
  for (const { x, y, reach, colour, opacity } of NEBULAE) {
    const [centreX, centreY] = [left + x * edge, top + y * edge];
    const gradient = context.createRadialGradient(centreX, centreY, 0, centreX, centreY, reach * edge);
    gradient.addColorStop(0, `rgba(${colour}, ${opacity})`);
    gradient.addColorStop(0.45, `rgba(${colour}, ${opacity * 0.42})`);
    gradient.addColorStop(1, `rgba(${colour}, 0)`);
    context.fillStyle = gradient;
    context.fillRect(0, 0, width, height);
  }
  context.restore();
}

function paintStar(context: CanvasRenderingContext2D, { width, height, ratio }: Viewport, star: Star): void {
  const [x, y, radius] = [star.x * width, star.y * height, star.radius * ratio];
  const colour = `${Math.round(196 + 59 * star.warmth)}, ${Math.round(214 + 14 * star.warmth)}, ${Math.round(255 - 60 * star.warmth)}`;
  if (star.radius >= BRIGHT) paintHalo(context, x, y, 7 * radius, colour);
  context.fillStyle = `rgba(${colour}, ${star.opacity})`;
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fill();
}

function paintHalo(context: CanvasRenderingContext2D, x: number, y: number, reach: number, colour: string): void {
  const gradient = context.createRadialGradient(x, y, 0, x, y, reach);
  gradient.addColorStop(0, `rgba(${colour}, 0.30)`);
  gradient.addColorStop(0.3, `rgba(${colour}, 0.07)`);
  gradient.addColorStop(1, `rgba(${colour}, 0)`);
  context.fillStyle = gradient;
  context.fillRect(x - reach, y - reach, 2 * reach, 2 * reach);
}

function paintOutside(context: CanvasRenderingContext2D, { left, top, edge, width, height }: Viewport): void {
  context.fillStyle = SPACE.outside;
  context.beginPath();
  context.rect(0, 0, width, height);
  context.rect(left, top, edge, edge);
  context.fill("evenodd");
}

/** Small crosses every 100 units, as a fixed reference for movement. */
function paintGrid(context: CanvasRenderingContext2D, { left, top, edge, scale, ratio }: Viewport): void {
  const arm = 2.5 * ratio;
  context.strokeStyle = SPACE.grid;
  context.lineWidth = ratio;
  context.beginPath();
  for (let x = GRID_STEP_UNITS * scale; x < edge - 1; x += GRID_STEP_UNITS * scale) {
    for (let y = GRID_STEP_UNITS * scale; y < edge - 1; y += GRID_STEP_UNITS * scale) {
      paintCross(context, left + x, top + y, arm);
    }
  }
  context.stroke();
}

function paintCross(context: CanvasRenderingContext2D, x: number, y: number, arm: number): void {
  context.moveTo(x - arm, y);
  context.lineTo(x + arm, y);
  context.moveTo(x, y - arm);
  context.lineTo(x, y + arm);
}

function paintFrame(context: CanvasRenderingContext2D, { left, top, edge, ratio }: Viewport): void {
  const inset = ratio / 2;
  context.lineWidth = ratio;
  context.strokeStyle = SPACE.line;
  context.strokeRect(left + inset, top + inset, edge - ratio, edge - ratio);
  context.strokeStyle = SPACE.corner;
  context.lineWidth = 1.5 * ratio;
  const arm = 14 * ratio;
  context.beginPath();
  for (const [x, y, inX, inY] of corners(left + inset, top + inset, edge - ratio)) {
    context.moveTo(x + inX * arm, y);
    context.lineTo(x, y);
    context.lineTo(x, y + inY * arm);
  }
  context.stroke();
}

/** Each corner of a square, with the directions to its inside. */
function corners(left: number, top: number, edge: number): [number, number, number, number][] {
  return [
    [left, top, 1, 1],
    [left + edge, top, -1, 1],
    [left, top + edge, 1, -1],
    [left + edge, top + edge, -1, -1],
  ];
}

/** A small seeded generator (mulberry32), for stars only. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
