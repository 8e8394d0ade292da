import { spawnSync } from "node:child_process";
import { installWithApt } from "../../scripts/apt.ts";
import { ensureBuilt } from "../../scripts/build.ts";

/** Once per run: the command line that the recipes drive, and the programs that read or run the recipes. */
export async function setup(): Promise<void> {
  await ensureBuilt("command-line");
  const missing = Object.entries({ shellcheck: "shellcheck", "ansible-playbook": "ansible-core" })
    .filter(([program]) => spawnSync(program, ["--version"]).error !== undefined)
    .map(([, debian]) => debian);
  if (missing.length === 0) return;
  process.stderr.write(`Installing ${missing.join(" and ")} for the tests of the fleet recipes …\n`);
  installWithApt(missing);
}
