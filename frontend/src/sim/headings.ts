/** Thrust vectors and angles of the 256 headings. The server reads the same table. */
import thrustTable from "../../../app/sim/thrust.json";
import { HEADINGS } from "./rules";

const QUARTER_TURN = HEADINGS / 4;
const RADIANS_PER_HEADING = (2 * Math.PI) / HEADINGS;

/** Thrust along x per heading, subunits per tick². */
export const THRUST_X = Int16Array.from(thrustTable);

/** Thrust along y per heading, subunits per tick². */
export const THRUST_Y = THRUST_X.map((_, heading) => THRUST_X[(heading - QUARTER_TURN) & (HEADINGS - 1)]);

/** The heading (0…255) nearest to the direction of the vector; 0 for the zero vector. */
export function headingOf(dx: number, dy: number): number {
  return Math.round(Math.atan2(dy, dx) / RADIANS_PER_HEADING) & (HEADINGS - 1);
}

/** The angle of a heading, which may have a fraction, in radians. */
export function radiansOf(heading: number): number {
  return heading * RADIANS_PER_HEADING;
}
