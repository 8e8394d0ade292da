import { ensureBuilt } from "./build.ts";
import { findElectron } from "./electron.ts";
import { runNode } from "./processes.ts";

/** `npm start`: the app against a real environment. */
const electron = await findElectron();
if (electron.usable) {
  await ensureBuilt();
  process.exitCode = await runNode(["node_modules/electron/cli.js", ".", ...process.argv.slice(2)]);
} else {
  process.stderr.write(
    `The app cannot be opened here: ${electron.why}.\nThe command line does the same: npm run --silent deskpair -- --help\n`,
  );
  process.exitCode = 1;
}
