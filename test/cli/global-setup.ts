import { ensureBuilt } from "../../scripts/build.ts";

/** Once per run: these tests drive what is shipped, so it must be what the sources say. */
export async function setup(): Promise<void> {
  await ensureBuilt("command-line");
}
