import { root, runNode, tool } from "./processes.ts";

/**
 * `npm run nightly`: the fault matrix, and its two properties with as many runs as a night allows (10,000 each; another
 * number may be given). `npm run nightly -- write` runs the matrix alone and writes `docs/reliability.md` anew.
 */
const usual = 10_000;
const [wanted] = process.argv.slice(2);
const runs = Number(wanted ?? usual);

if (wanted !== "write" && !(Number.isInteger(runs) && runs > 0)) {
  process.stderr.write("Usage: npm run nightly [-- write | NUMBER OF RUNS]\n");
  process.exitCode = 2;
} else {
  const files = wanted === "write" ? ["test/matrix/matrix.test.ts", "--update"] : [];
  process.exitCode = await runNode([tool("vitest/vitest.mjs"), "run", "--project", "matrix", ...files], {
    cwd: root,
    env: wanted === "write" ? {} : { DESKPAIR_PROPERTY_RUNS: String(runs) },
  });
}
