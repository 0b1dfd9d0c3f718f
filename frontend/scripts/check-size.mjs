/** Fails the build when the bundle, compressed as a server would send it, is larger than a phone on a slow network should load. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const LIMIT_KB = 80; // React included: about two seconds on slow 3G, once
const bundle = fileURLToPath(new URL("../../app/web/static/flotilla/flotilla-game.js", import.meta.url));
const plain = readFileSync(bundle);
const kilobytes = gzipSync(plain, { level: 9 }).length / 1000;

console.log(
  `flotilla-game.js: ${(plain.length / 1000).toFixed(1)} kB, ${kilobytes.toFixed(1)} kB gzip (limit ${LIMIT_KB})`,
);
process.exitCode = kilobytes <= LIMIT_KB ? 0 : 1;
