import { availableParallelism } from "node:os";
import { configDefaults, defineConfig } from "vitest/config";

/** One project per folder of `test` whose tests run in Node, so that a part can be run alone: `vitest run --project core`. */
const folders = [
  "arch",
  "contract",
  "core",
  "node",
  "main",
  "cli",
  "simulator",
  "electron-stand-in",
  "matrix",
  "fleet",
  "executable",
  "packages",
];

/** Those that need something built or installed first. */
const withSetup: ReadonlySet<string> = new Set(["cli", "fleet", "executable", "packages"]);

/** Processes that are killed, networks that are cut, a hundred switches: left to `npm test` by `npm run check`. */
const long = ["**/killed.test.ts", "**/interrupted.test.ts", "**/real-sockets/**", "**/profiles-never-mix.test.ts"];
const exclude =
  process.env["DESKPAIR_TESTS"] === "short" ? [...configDefaults.exclude, ...long] : configDefaults.exclude;

export default defineConfig({
  test: {
    // By default a core is left to the others, which are not there: of two it would be half.
    maxWorkers: availableParallelism(),
    projects: folders.map((name) => ({
      test: {
        name,
        environment: "node",
        include: [`test/${name}/**/*.test.ts`],
        exclude,
        // For what hangs, not for what is slow: other work may keep the cores busy.
        testTimeout: 20_000,
        ...(withSetup.has(name) ? { globalSetup: [`test/${name}/global-setup.ts`] } : {}),
      },
    })),
  },
});
