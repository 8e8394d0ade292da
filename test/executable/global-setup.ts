import { ensureExecutable } from "../../scripts/executable.ts";

/** Once per run: the executable of this machine, of the sources as they are. The others take minutes and a network. */
export async function setup(): Promise<void> {
  await ensureExecutable();
}
