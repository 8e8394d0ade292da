import type { App } from "../core/app.ts";
import type { Clock, Log } from "../core/ports.ts";
import type { PowerEvents } from "./idle.ts";

/** An administrator counts on a change within a minute, and no timer of ours fires twice in half a minute. */
const lookEveryMs = 50_000;

/**
 * Looks at the policy as long as the app runs, and whenever the computer wakes up: a timer does not run while it sleeps,
 * and whoever opens the lid again may be bound by something else by now. A look that fails is written down, and the next one
 * comes all the same. Returns the function that ends it.
 */
export function watchPolicy(app: Pick<App, "lookAtPolicy">, power: PowerEvents, clock: Clock, log: Log): () => void {
  const over = new AbortController();
  const look = async (): Promise<void> => {
    try {
      await app.lookAtPolicy();
    } catch (bug) {
      log("error", "policy.look-failed", { problem: String(bug) });
    }
  };
  const run = async (): Promise<void> => {
    while (!over.signal.aborted) {
      await clock.wait(lookEveryMs, over.signal);
      if (!over.signal.aborted) await look();
    }
  };
  void run();
  power.on("resume", () => {
    if (!over.signal.aborted) void look();
  });
  return () => over.abort();
}
