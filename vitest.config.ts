import { defineConfig } from "vitest/config";

/** One project per folder of `test` whose tests run in Node, so that a part can be run alone: `vitest run --project core`. */
const folders = ["arch", "contract", "core", "node", "main", "cli", "simulator", "electron-stand-in", "matrix"];

export default defineConfig({
  test: {
    projects: folders.map((name) => ({
      test: {
        name,
        environment: "node",
        include: [`test/${name}/**/*.test.ts`],
        ...(name === "cli" ? { globalSetup: ["test/cli/global-setup.ts"] } : {}),
      },
    })),
  },
});
