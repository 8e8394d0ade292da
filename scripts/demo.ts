import { parseArgs } from "node:util";
import { ensureBuilt } from "./build.ts";
import { findElectron } from "./electron.ts";
import { root, runNode } from "./processes.ts";

/**
 * `npm run demo`: a whole pairing on the built-in simulator. In the app where it can be opened, else in the terminal.
 * `--sign-in browser` (or `device-code`) begins with the sign-in, in both. All other arguments (`--output json`,
 * `--fault …`) are those of `deskpair demo` and mean the terminal.
 */
const args = process.argv.slice(2);
const { signIn, others } = readArguments(args);

if (others) {
  await ensureBuilt("command-line");
  process.exitCode = await demoInTerminal();
} else {
  const electron = await findElectron();
  await ensureBuilt(electron.usable ? "all" : "command-line");
  if (electron.usable) {
    const next = signIn === null ? "Press “Pair this workstation”." : "Sign in as admin, then press “Pair”.";
    process.stderr.write(`Opening DeskPair on its simulator. ${next}\n`);
    const demo = signIn === null ? "--demo" : `--demo=${signIn}`;
    process.exitCode = await runNode(["node_modules/electron/cli.js", ".", demo]);
  } else {
    process.stderr.write(`The window cannot be opened here (${electron.why}); the demo runs in the terminal.\n\n`);
    process.exitCode = await demoInTerminal();
  }
}

/** A way to sign in that does not exist is left to the command line, which says so. */
function readArguments(given: readonly string[]): { readonly signIn: string | null; readonly others: boolean } {
  const { values, tokens } = parseArgs({
    args: [...given],
    strict: false,
    tokens: true,
    options: { "sign-in": { type: "string" } },
  });
  const wanted = values["sign-in"];
  const signIn = wanted === "browser" || wanted === "device-code" ? wanted : null;
  const isOther = (token: (typeof tokens)[number]): boolean => token.kind !== "option" || token.name !== "sign-in";
  return { signIn, others: tokens.some(isOther) || (wanted !== undefined && signIn === null) };
}

function demoInTerminal(): Promise<number> {
  return runNode([`${root}/out/cli/deskpair.js`, "demo", ...args], { cwd: process.cwd() });
}
