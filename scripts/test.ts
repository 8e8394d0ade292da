import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";
import { host } from "../test/electron-stand-in/launch.ts";
import { ensureBuilt } from "./build.ts";
import { ensureChromium } from "./chromium.ts";
import { root, runNode, tool } from "./processes.ts";
import { ensureSecretService } from "./secret-service.ts";

/**
 * `npm test`: sets up what the tests need, runs all of them and ends with `N passed, N failed`. A suite that cannot run
 * says so in one line and counts as one failure: nothing passes because something was missing.
 */
type Count = { readonly passed: number; readonly failed: number };

const reports = join(root, "node_modules/.cache/reports");
rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });

await ensureBuilt();
const chromium = await ensureChromium();
const hasSecretService = ensureSecretService();
const counts: Count[] = [];
counts.push(await vitest());
if (chromium === null) {
  process.stdout.write("The browser tests cannot run: no Chromium is installed and none could be downloaded.\n");
  counts.push({ passed: 0, failed: 1 });
} else {
  counts.push(await playwright(chromium));
}

if (!hasSecretService) {
  process.stdout.write(
    "\nNo secret service could be installed: the key store was tested as on a machine without one.\n",
  );
}
process.stdout.write(
  `\nThe end-to-end tests drove ${host === "electron" ? "the real Electron" : "the stand-in for Electron"}.\n`,
);
const total = counts.reduce((sum, c) => ({ passed: sum.passed + c.passed, failed: sum.failed + c.failed }));
process.stdout.write(`\n${total.passed} passed, ${total.failed} failed\n`);
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;

async function vitest(): Promise<Count> {
  const file = join(reports, "vitest.json");
  const code = await runNode([
    tool("vitest/vitest.mjs"),
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${file}`,
  ]);
  const report = readReport(file, z.object({ numPassedTests: z.number(), numFailedTests: z.number() }));
  if (report === null) return couldNotRun("The Node tests", code);
  return orAtLeastOne({ passed: report.numPassedTests, failed: report.numFailedTests }, code);
}

async function playwright(browser: string): Promise<Count> {
  const file = join(reports, "playwright.json");
  const code = await runNode([tool("@playwright/test/cli.js"), "test", "--reporter=list,json"], {
    env: { DESKPAIR_CHROMIUM: browser, PLAYWRIGHT_JSON_OUTPUT_FILE: file },
  });
  const report = readReport(
    file,
    z.object({ stats: z.object({ expected: z.number(), unexpected: z.number(), flaky: z.number() }) }),
  );
  if (report === null) return couldNotRun("The browser tests", code);
  const { expected, unexpected, flaky } = report.stats;
  return orAtLeastOne({ passed: expected, failed: unexpected + flaky }, code);
}

function readReport<T>(file: string, schema: z.ZodMiniType<T>): T | null {
  try {
    return schema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return null;
  }
}

function couldNotRun(what: string, code: number): Count {
  process.stdout.write(`${what} could not run (exit code ${code}).\n`);
  return { passed: 0, failed: 1 };
}

/** A run that failed without a failed test (a file that does not load, an unhandled rejection) has failed all the same. */
function orAtLeastOne(count: Count, code: number): Count {
  return code !== 0 && count.failed === 0 ? { ...count, failed: 1 } : count;
}
