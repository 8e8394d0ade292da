/** Ctrl-C, a polite kill, and the terminal being closed. */
const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

export type Interrupt = {
  readonly signal: AbortSignal;
  /** Gives the signals back to the system. */
  readonly release: () => void;
};

/**
 * One wish to stop arrives several times: the terminal, `timeout` and service managers send it to the whole process
 * group, and npm and the launcher pass it on as well. Taken for a second wish, it would leave before the roll-back.
 */
const echoMs = 500;

/**
 * The first signal asks for a cancel, which may have to wait for a roll-back. A second one that is no echo of it leaves
 * at once: an operator who presses Ctrl-C twice means it.
 *
 * @param leave must not return
 */
export function listenForInterrupt(source: NodeJS.Process, leave: () => void): Interrupt {
  const controller = new AbortController();
  let firstAt = 0;
  const onSignal = (): void => {
    const now = performance.now();
    if (!controller.signal.aborted) {
      firstAt = now;
      controller.abort();
    } else if (now - firstAt >= echoMs) {
      leave();
    }
  };
  for (const name of signals) source.on(name, onSignal);
  return {
    signal: controller.signal,
    release: () => {
      for (const name of signals) source.off(name, onSignal);
    },
  };
}

/** The value of `work`, or of `cancelled` as soon as the signal aborts. For work that has nothing to undo. */
export async function unlessInterrupted<T>(work: Promise<T>, signal: AbortSignal, cancelled: T): Promise<T> {
  if (signal.aborted) return cancelled;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => resolve(cancelled);
    signal.addEventListener("abort", onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
