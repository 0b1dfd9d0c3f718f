/** A ship with the server's exact state: every field is an integer or a bit. */
export interface Ship {
  /** 1…65535. */
  id: number;
  /** 0…SIZE−1, subunits. */
  x: number;
  /** 0…SIZE−1, subunits; grows downwards. */
  y: number;
  /** Subunits per tick. */
  vx: number;
  /** Subunits per tick. */
  vy: number;
  /** 0…255; 0 points right, 64 down. */
  heading: number;
  thrusting: boolean;
  /** 0…255: low byte of the sequence of the last applied input. */
  sequence: number;
}
