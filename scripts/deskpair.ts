import { ensureBuilt } from "./build.ts";
import { root, runNode } from "./processes.ts";

// `npm run --silent deskpair -- <arguments>`: the built command line, as an installed `deskpair` would run.
await ensureBuilt("command-line");
process.exitCode = await runNode([`${root}/out/cli/deskpair.js`, ...process.argv.slice(2)], { cwd: process.cwd() });
