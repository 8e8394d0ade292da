import type { Clock } from "../../src/core/ports.ts";

export type FakeClock = Clock & {
  /** Every wait that was asked for, in milliseconds, in order. */
  readonly waits: readonly number[];
  readonly advance: (ms: number) => void;
  /** Moves the time of day only, as when somebody sets the clock. */
  readonly jump: (ms: number) => void;
};

/** A clock that stands still until somebody waits on it: a wait is over at once, and the time has passed. */
export function fakeClock(start = Date.parse("2026-02-16T11:51:34.153Z")): FakeClock {
  let wall = start;
  let passed = 0;
  const waits: number[] = [];
  const advance = (ms: number): void => {
    wall += ms;
    passed += ms;
  };
  return {
    now: () => wall,
    monotonic: () => passed,
    wait: async (ms, signal) => {
      waits.push(ms);
      if (signal?.aborted !== true) advance(ms);
    },
    waits,
    advance,
    jump: (ms) => {
      wall += ms;
    },
  };
}
