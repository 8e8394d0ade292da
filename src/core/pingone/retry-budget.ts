import type { Clock } from "../ports.ts";

/**
 * What all requests to one tenant share. PingOne's limits are those of a licence ("Rate Limiting"): whoever goes on while
 * one request is told to wait is part of the storm, and a tenant that fails is not helped by many who try again.
 */
export type RetryBudget = {
  /** Takes one retry out of the budget. `false`: it is spent, and the failure has to be told. */
  readonly take: () => boolean;
  /** PingOne asked one request to wait this long; until then none is begun. */
  readonly hold: (ms: number) => void;
  /** Milliseconds until a request may be begun; 0: now. */
  readonly heldForMs: () => number;
};

/** Enough for four requests at once that each use all of their tries; then one more every few seconds. */
const capacity = 20;
const refillMs = 3_000;

export function createRetryBudget(clock: Pick<Clock, "monotonic">): RetryBudget {
  let left = capacity;
  let countedAt = clock.monotonic();
  let heldUntil = 0;
  return {
    take: () => {
      const now = clock.monotonic();
      left = Math.min(capacity, left + (now - countedAt) / refillMs);
      countedAt = now;
      if (left < 1) return false;
      left -= 1;
      return true;
    },
    hold: (ms) => {
      heldUntil = Math.max(heldUntil, clock.monotonic() + ms);
    },
    heldForMs: () => Math.max(0, heldUntil - clock.monotonic()),
  };
}
