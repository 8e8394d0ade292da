import { runNode, tool } from "./processes.ts";

/**
 * `npm run check`: what must hold before every commit, in under a minute. Types, lint, format, unused code and the
 * tests that need neither a browser nor a build.
 */
const steps: readonly (readonly [string, readonly string[]])[] = [
  ["types", [tool("typescript/bin/tsc"), "-b"]],
  ["lint", [tool("oxlint/bin/oxlint"), "--type-aware", "--deny-warnings"]],
  ["format", [tool("@biomejs/biome/bin/biome"), "check", "--error-on-warnings", "."]],
  ["unused code", [tool("knip/bin/knip.js"), "--no-progress"]],
  [
    "unit tests",
    [tool("vitest/vitest.mjs"), "run", ...["arch", "contract", "core"].flatMap((project) => ["--project", project])],
  ],
];

for (const [name, args] of steps) {
  const started = performance.now();
  const code = await runNode(args, { env: { DESKPAIR_TESTS: "short" } });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stderr.write(`${code === 0 ? "ok  " : "FAIL"}  ${name} (${seconds} s)\n`);
  if (code !== 0) {
    process.exitCode = 1;
    break;
  }
}
