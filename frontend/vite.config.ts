/** Builds one classic script with React, and runs the tests. */
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  define: { "process.env.NODE_ENV": JSON.stringify(process.env["NODE_ENV"] ?? "production") },
  publicDir: false,
  build: {
    outDir: here("../app/web/static/flotilla"),
    emptyOutDir: false, // the folder may contain other files
    target: "es2022",
    reportCompressedSize: false, // scripts/check-size.mjs checks it
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
