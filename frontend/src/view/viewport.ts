/** The position of the arena on the canvas: the largest centred square. */
import { SIZE_UNITS } from "../sim/rules";

/** More than two device pixels per CSS pixel are not visible but slow on phones. */
const MAX_PIXEL_RATIO = 2;

export interface Viewport {
  /** Size of the canvas, device pixels. */
  width: number;
  height: number;
  /** Device pixels per CSS pixel. */
  ratio: number;
  /** Top left corner of the arena, device pixels. */
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
