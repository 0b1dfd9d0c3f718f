/** The 256 directions of a ship: their thrust vectors, from the table that the server reads too, and their angles. */
import thrustTable from "../../../app/sim/thrust.json";
import { HEADINGS } from "./rules";

const QUARTER_TURN = HEADINGS / 4;
const RADIANS_PER_HEADING = (2 * Math.PI) / HEADINGS;

/** Thrust along x per heading, subunits per tick². */
export const THRUST_X = Int16Array.from(thrustTable);

/** Thrust along y per heading, subunits per tick². */
export const THRUST_Y = THRUST_X.map((_, heading) => THRUST_X[(heading - QUARTER_TURN) & (HEADINGS - 1)]);

/** The heading (0…255) nearest to the direction of the vector; the zero vector points right. */
export function headingOf(dx: number, dy: number): number {
  return Math.round(Math.atan2(dy, dx) / RADIANS_PER_HEADING) & (HEADINGS - 1);
}

/** The angle of a heading, which need not be whole, in radians. */
export function radiansOf(heading: number): number {
  return heading * RADIANS_PER_HEADING;
}
