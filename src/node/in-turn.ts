import { ok } from "../contract/errors.ts";
import type { Clock, Ports } from "../core/ports.ts";
import { clock as systemClock } from "./host.ts";
import { withLock } from "./lock.ts";

/**
 * Longer than a refresh of a token may take: half a minute for the answer, and time to write down what came. Whoever
 * went on earlier would send a refresh token that is on its way already, and PingOne takes that for theft. Whoever holds
 * it longer is stuck, and must not hold up everybody else.
 */
const longestWaitMs = 45_000;

/** The `inTurn` port: one process at a time, by a lock in the data folder. Where that cannot be written, nobody waits. */
export function createInTurn(folder: string, clock: Clock = systemClock): Ports["inTurn"] {
  return async (name, work) => {
    const done = await withLock(folder, name, async () => ok(await work()), { waitMs: longestWaitMs, clock });
    return done.ok ? done.value : work();
  };
}
