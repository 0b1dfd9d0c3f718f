/** Fails the build if the compressed bundle exceeds the limit for phones on slow networks. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const LIMIT_KB = 80; // with React; about two seconds on slow 3G
const bundle = fileURLToPath(new URL("../../app/web/static/flotilla/flotilla-game.js", import.meta.url));
const plain = readFileSync(bundle);
const kilobytes = gzipSync(plain, { level: 9 }).length / 1000;

console.log(
  `flotilla-game.js: ${(plain.length / 1000).toFixed(1)} kB, ${kilobytes.toFixed(1)} kB gzip (limit ${LIMIT_KB})`,
);
process.exitCode = kilobytes <= LIMIT_KB ? 0 : 1;
