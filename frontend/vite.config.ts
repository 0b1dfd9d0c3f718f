/** Builds the one file that a page needs: a classic script with React inside, and runs the tests beside the sources. */
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  define: { "process.env.NODE_ENV": JSON.stringify(process.env["NODE_ENV"] ?? "production") },
  publicDir: false,
  build: {
    outDir: here("../app/web/static/flotilla"),
    emptyOutDir: false, // the folder belongs to the site, only the bundle is ours
    target: "es2022",
    reportCompressedSize: false, // scripts/check-size.mjs measures it, and fails
    lib: {
      entry: here("src/element/index.ts"),
      formats: ["iife"],
      name: "FlotillaGame",
      fileName: () => "flotilla-game.js",
    },
  },
  test: {
    include: ["src/**/*.test.{ts,tsx}"],
    restoreMocks: true,
  },
});
