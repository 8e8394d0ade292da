import type { App } from "../core/app.ts";
import type { Clock } from "../core/ports.ts";
import type { PowerEvents } from "./idle.ts";

/** An administrator counts on a change within a minute, and no timer of ours fires twice in half a minute. */
const lookEveryMs = 50_000;

/**
 * Looks at the policy as long as the app runs, and whenever the computer wakes up: a timer does not run while it sleeps,
 * and whoever opens the lid again may be bound by something else by now. Returns the function that ends it.
 */
export function watchPolicy(app: Pick<App, "lookAtPolicy">, power: PowerEvents, clock: Clock): () => void {
  const over = new AbortController();
  const run = async (): Promise<void> => {
    while (!over.signal.aborted) {
      await clock.wait(lookEveryMs, over.signal);
      if (!over.signal.aborted) await app.lookAtPolicy();
    }
  };
  void run();
  power.on("resume", () => {
    if (!over.signal.aborted) void app.lookAtPolicy();
  });
  return () => over.abort();
}
