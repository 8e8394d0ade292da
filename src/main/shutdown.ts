import type { Clock, Log } from "../core/ports.ts";
import type { RecordIncident } from "./incident.ts";

/** How long a person waits at most for the app to go. What is not done by then is for the next start. */
export const shutdownLimitMs = { pairing: 10_000, session: 2_000 } as const;

export type ShutdownOptions = {
  /** What is under way that must not simply end. */
  readonly mustFinish: () => keyof typeof shutdownLimitMs | null;
  /** Ends what is under way and waits for its roll-back. */
  readonly stop: () => Promise<void>;
  /** Quits again, now for good. */
  readonly quit: () => void;
  readonly clock: Clock;
  readonly log: Log;
  readonly recordIncident: RecordIncident;
};

/** Holds back the closing of a window or the quitting of the app until everything has ended. */
export type Hold = (event: { readonly preventDefault: () => void }) => void;

/**
 * Quitting in the middle of a pairing must not leave a device behind. The first wish to quit is held back, the app is
 * stopped, and then the wish is repeated; the window stays until then and shows what is happening.
 *
 * Tokens that are to be revoked or kept hold it back for a moment. Nothing else does: on the Mac that would cancel the
 * whole log-out that it belongs to.
 */
export function createShutdown(options: ShutdownOptions): Hold {
  let state: "running" | "stopping" | "stopped" = "running";

  const finish = async (limitMs: number): Promise<void> => {
    const limit = new AbortController();
    try {
      const stopped = options.stop().then(() => "stopped" as const);
      const late = options.clock.wait(limitMs, limit.signal).then(() => "late" as const);
      if ((await Promise.race([stopped, late])) === "late") options.log("error", "shutdown.gave-up");
    } catch (thrown) {
      options.recordIncident("shutdown.failed", thrown);
    }
    limit.abort();
    state = "stopped";
    options.quit();
  };

  return (event) => {
    if (state === "stopped") return;
    const unfinished = state === "running" ? options.mustFinish() : null;
    if (state === "running" && unfinished === null) {
      state = "stopped";
      options.stop().catch((thrown: unknown) => options.recordIncident("shutdown.failed", thrown));
      return;
    }
    event.preventDefault();
    if (unfinished === null) return;
    state = "stopping";
    void finish(shutdownLimitMs[unfinished]);
  };
}
