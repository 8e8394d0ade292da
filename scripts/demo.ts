import { parseArgs } from "node:util";
import { ensureBuilt } from "./build.ts";
import { findElectron } from "./electron.ts";
import { root, runNode } from "./processes.ts";

/**
 * `npm run demo`: a whole pairing on the built-in simulator. In the app where it can be opened, else in the terminal.
 * Arguments (`--output json`, `--fault …`) are those of `deskpair demo` and mean the terminal.
 */
const args = process.argv.slice(2);
const { values } = parseArgs({ args, strict: false, options: { output: { type: "string", short: "O" } } });
const inTerminal = args.length > 0 || values.output !== undefined;

if (inTerminal) {
  await ensureBuilt("command-line");
  process.exitCode = await demoInTerminal();
} else {
  const electron = await findElectron();
  await ensureBuilt(electron.usable ? "all" : "command-line");
  if (electron.usable) {
    process.stderr.write("Opening DeskPair on its simulator. Press “Pair this workstation”.\n");
    process.exitCode = await runNode(["node_modules/electron/cli.js", ".", "--demo"]);
  } else {
    process.stderr.write(`The window cannot be opened here (${electron.why}); the demo runs in the terminal.\n\n`);
    process.exitCode = await demoInTerminal();
  }
}

function demoInTerminal(): Promise<number> {
  return runNode([`${root}/out/cli/deskpair.js`, "demo", ...args], { cwd: process.cwd() });
}
