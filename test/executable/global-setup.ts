import { ensureExecutable } from "../../scripts/executable.ts";

/**
 * Once per run: the executable of this machine, of the sources as they are. The others take minutes and a network. When
 * it cannot be built that is said here, in one line, and the tests that start it fail.
 */
export async function setup(): Promise<void> {
  try {
    await ensureExecutable();
  } catch (error) {
    process.stderr.write(`The executable cannot be built. ${error instanceof Error ? error.message : ""}\n`);
  }
}
