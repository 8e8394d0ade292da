import type { Clock } from "../../src/core/ports.ts";

export type ManualClock = Clock & {
  /** Lets the time pass: whoever waited for less goes on. */
  readonly advance: (ms: number) => void;
  /** How many are waiting now. */
  readonly waiting: () => number;
};

/** A clock whose time passes only when a test says so. */
export function manualClock(): ManualClock {
  let passed = 0;
  const waits = new Set<{ readonly until: number; readonly go: () => void }>();
  return {
    now: () => passed,
    monotonic: () => passed,
    wait: (ms, signal) =>
      new Promise((resolve) => {
        const wait = {
          until: passed + ms,
          go: () => {
            waits.delete(wait);
            resolve();
          },
        };
        if (signal?.aborted === true) return resolve();
        waits.add(wait);
        signal?.addEventListener("abort", wait.go, { once: true });
      }),
    advance: (ms) => {
      passed += ms;
      for (const wait of waits) if (wait.until <= passed) wait.go();
    },
    waiting: () => waits.size,
  };
}
