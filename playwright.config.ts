import { defineConfig } from "@playwright/test";

/** Tests that need a browser: of the Electron stand-in, of the built page alone, and of the built app as a whole. */
const executablePath = process.env["DESKPAIR_CHROMIUM"] ?? "/usr/bin/chromium";

export default defineConfig({
  // `*.test.ts` in the same folders are vitest's.
  testMatch: "**/*.spec.ts",
  workers: 2,
  retries: 0,
  forbidOnly: true,
  reporter: "list",
  outputDir: "node_modules/.cache/playwright",
  use: { launchOptions: { executablePath } },
  projects: [
    { name: "stand-in", testDir: "test/electron-stand-in" },
    { name: "renderer", testDir: "test/renderer" },
    {
      name: "enrolment",
      testDir: "test/enrolment",
      // Under its real address, and certainly not from there: no name leads anywhere.
      use: { launchOptions: { executablePath, args: ["--host-resolver-rules=MAP * ~NOTFOUND"] } },
    },
    { name: "e2e", testDir: "test/e2e" },
  ],
});
