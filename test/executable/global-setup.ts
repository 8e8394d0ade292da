import { rmSync } from "node:fs";
import { ensureExecutable, executableFile } from "../../scripts/executable.ts";
import { host } from "../../scripts/executable-targets.ts";

/**
 * Once per run: the executable of this machine, of the sources as they are. The others take minutes and a network. When
 * it cannot be built that is said here, in one line, and the tests that start it fail.
 */
export async function setup(): Promise<void> {
  try {
    await ensureExecutable();
  } catch (error) {
    // An older one would be tested in its place.
    if (host !== null) rmSync(executableFile(host), { force: true });
    process.stderr.write(`The executable cannot be built. ${error instanceof Error ? error.message : ""}\n`);
  }
}
