/** Constants of the simulation, all integers. docs/protocol.md defines them. */

/** Subunits in one unit: positions are integers of 1/1024 unit. */
export const SUBUNITS = 1024;

/** Edge of the arena in units; it is a torus. */
export const SIZE_UNITS = 1000;

/** Edge of the arena in subunits. */
export const SIZE = SIZE_UNITS * SUBUNITS;

/** Maximum speed of a thrusting ship, subunits per tick (5 units). */
export const CAP = 5 * SUBUNITS;

/** Directions of a ship; one step is 2π/256. */
export const HEADINGS = 256;

export const TICKS_PER_SECOND = 20;
export const TICK_MS = 1000 / TICKS_PER_SECOND;

/** The shorter signed difference of two ticks, which are unsigned 32-bit integers that wrap. */
export function ticksBetween(from: number, to: number): number {
  return (to - from) | 0;
}
