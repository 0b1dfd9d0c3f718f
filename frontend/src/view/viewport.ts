/** Where the arena lies on the canvas: a square, as large as fits, in the middle. */
import { SIZE_UNITS } from "../sim/rules";

/** Beyond two device pixels per CSS pixel nobody sees a difference, but every phone feels it. */
const MAX_PIXEL_RATIO = 2;

export interface Viewport {
  /** Of the canvas, device pixels. */
  width: number;
  height: number;
  /** Device pixels per CSS pixel. */
  ratio: number;
  /** Left top corner of the arena, device pixels. */
  left: number;
  top: number;
  /** Edge of the arena, device pixels. */
  edge: number;
  /** Device pixels per unit. */
  scale: number;
}

/** @param cssWidth and cssHeight: size of the canvas on the page, CSS pixels */
export function fit(cssWidth: number, cssHeight: number, devicePixelRatio: number): Viewport {
  const ratio = Math.min(MAX_PIXEL_RATIO, Math.max(1, devicePixelRatio));
  const width = Math.max(1, Math.round(cssWidth * ratio));
  const height = Math.max(1, Math.round(cssHeight * ratio));
  const edge = Math.min(width, height);
  const [left, top] = [Math.round((width - edge) / 2), Math.round((height - edge) / 2)];
  return { width, height, ratio, left, top, edge, scale: edge / SIZE_UNITS };
}
