/** The colours of the game. A ship's colour is derived from its id, so it never changes. */

export interface Livery {
  /** Light and dark side of the hull. */
  light: string;
  dark: string;
  /** Trail and glow, as "r, g, b" without opacity. */
  glow: string;
}

/** Twelve distinct hues on deep blue, with about the same lightness. */
const LIVERIES: readonly Livery[] = [
  livery("#8fd3ff", "#2b6ea8", "96, 190, 255"),
  livery("#ffb3a0", "#a8452f", "255, 132, 102"),
  livery("#b9f3c2", "#2f8a55", "112, 226, 150"),
  livery("#e2b8ff", "#7440b0", "190, 130, 255"),
  livery("#ffe19a", "#a37420", "255, 204, 92"),
  livery("#9cf0ea", "#1f8584", "84, 226, 218"),
  livery("#ffb0d4", "#a63a72", "255, 118, 182"),
  livery("#d6e89a", "#6f8a1f", "194, 222, 92"),
  livery("#b4c1ff", "#4553b5", "130, 148, 255"),
  livery("#ffc795", "#a85a1c", "255, 160, 84"),
  livery("#a8ecd0", "#278066", "96, 222, 178"),
  livery("#f3b9f0", "#96409a", "236, 128, 232"),
];

/** The player's ship: white gold, which no other ship has. */
export const OWN: Livery = livery("#ffffff", "#b9892e", "255, 226, 150");

export const LIVERY_COUNT = LIVERIES.length;

/** 2³² divided by the golden ratio. Its multiples are spread evenly, so neighbouring ids get different hues. */
const GOLDEN_RATIO = 0x9e3779b1;

export function liveryIndex(id: number): number {
  return (Math.imul(id, GOLDEN_RATIO) >>> 16) % LIVERY_COUNT;
}

export function liveryAt(index: number): Livery {
  return LIVERIES[index];
}

export const SPACE = {
  inner: "#0d1430",
  outer: "#04060f",
  line: "rgba(132, 160, 255, 0.20)",
  corner: "rgba(168, 194, 255, 0.75)",
  grid: "rgba(150, 178, 255, 0.13)",
  outside: "rgba(2, 3, 9, 0.46)",
  label: "rgba(190, 206, 245, 0.62)",
  ownLabel: "#ffe9b8",
} as const;

/** Clouds behind the stars: position and size as fractions of the canvas. */
export const NEBULAE: readonly { x: number; y: number; reach: number; colour: string; opacity: number }[] = [
  { x: 0.24, y: 0.26, reach: 0.52, colour: "68, 84, 190", opacity: 0.34 },
  { x: 0.76, y: 0.68, reach: 0.55, colour: "116, 52, 150", opacity: 0.3 },
  { x: 0.6, y: 0.2, reach: 0.34, colour: "30, 120, 150", opacity: 0.22 },
  { x: 0.3, y: 0.84, reach: 0.4, colour: "24, 96, 128", opacity: 0.2 },
  { x: 0.5, y: 0.5, reach: 0.24, colour: "150, 120, 200", opacity: 0.1 },
];

function livery(light: string, dark: string, glow: string): Livery {
  return { light, dark, glow };
}
