/** Test vectors in tests/golden, which client and server share. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Ship } from "../sim/ship";

export interface Vector {
  name: string;
  hex: string;
  value: unknown;
}

export interface RefusedVector {
  name: string;
  hex: string;
  reason: string;
}

export interface HistoryFrame {
  name: string;
  hex: string;
  tick: number;
  ships: Ship[];
}

export interface StepsCase {
  name: string;
  steps: number;
  before: Ship;
  after: Ship;
}

interface Block {
  direction: "client" | "server";
  messages?: Vector[];
  refused?: RefusedVector[];
  history?: HistoryFrame[];
}

const blocks = read("protocol.json") as Block[];

export const clientMessages = of("client", "messages") as Vector[];
export const serverMessages = of("server", "messages") as Vector[];
export const serverRefused = of("server", "refused") as RefusedVector[];
export const serverHistory = of("server", "history") as HistoryFrame[];
export const stepsCases = (read("steps.json") as { cases: StepsCase[] }).cases;

export function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, "hex"));
}

export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

function read(name: string): unknown {
  return JSON.parse(readFileSync(join(import.meta.dirname, "../../../tests/golden", name), "utf8"));
}

function of(direction: Block["direction"], kind: "messages" | "refused" | "history"): unknown[] {
  return blocks.flatMap((block): unknown[] => (block.direction === direction ? (block[kind] ?? []) : []));
}
