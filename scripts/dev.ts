import { join } from "node:path";
import { buildEnrolment } from "./build-enrolment.ts";
import { findElectron } from "./electron.ts";
import { root, runNode, tool } from "./processes.ts";

/**
 * `npm run dev`: the app with live reload. Without an Electron binary it runs on the stand-in (Node and Chromium,
 * headless), which is good for the page and the bridge and for nothing else.
 */
// Served by the app itself, never by the development server.
await buildEnrolment();
const electron = await findElectron();
const standIn = join(root, "test/electron-stand-in/electron");
if (!electron.usable) {
  process.stderr.write(
    `Electron cannot run here (${electron.why}); using the stand-in of the tests, without a window.\n`,
  );
}
process.exitCode = await runNode(
  [tool("electron-vite/bin/electron-vite.js"), "dev", "--watch", "--", ...process.argv.slice(2)],
  { env: { ELECTRON_EXEC_PATH: electron.usable ? electron.binary : standIn } },
);
