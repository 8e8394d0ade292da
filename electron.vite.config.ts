import { resolve } from "node:path";
import react from "@vitejs/plugin-react";
import { defineConfig } from "electron-vite";
import { embeddedEngine } from "./scripts/embedded-engine.ts";
import { noteBundled } from "./scripts/package/bundled.ts";

/**
 * Everything is bundled, so nothing of node_modules is shipped. The preload must be one CommonJS file: a sandboxed
 * preload can neither be an ES module nor load a second file.
 */
export default defineConfig({
  main: {
    plugins: [noteBundled("main"), embeddedEngine],
    build: {
      externalizeDeps: false,
      sourcemap: true,
      rolldownOptions: {
        input: { index: resolve("src/main/index.ts") },
      },
    },
  },
  preload: {
    plugins: [noteBundled("preload")],
    build: {
      externalizeDeps: false,
      isolatedEntries: true,
      rolldownOptions: {
        input: { index: resolve("src/preload/index.ts"), enrolment: resolve("src/preload/enrolment.ts") },
        output: { format: "cjs", entryFileNames: "[name].cjs" },
      },
    },
  },
  renderer: {
    root: "src/renderer",
    plugins: [react(), noteBundled("renderer")],
    build: {
      minify: true,
      // No inlined assets: the page's Content-Security-Policy has no `data:`.
      assetsInlineLimit: 0,
      modulePreload: false,
      rolldownOptions: { input: resolve("src/renderer/index.html") },
    },
  },
});
