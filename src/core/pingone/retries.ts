import type { HttpResponse, Ports } from "../ports.ts";
import { retryAfterSeconds, toAppError } from "./errors.ts";

/** The vendor's own numbers ("Best practices"): five tries, one second doubled, 0 to 100 ms of jitter. */
export const tries = 5;
const baseDelayMs = 1_000;
const jitterMs = 100;
/** Nobody waits longer than this in front of a screen; a server that asks for more is told to the operator instead. */
const longestWaitMs = 30_000;
const retriedStatuses = new Set([408, 429, 500, 502, 503, 504]);

/**
 * How long to wait before the same request is sent again; `null`: not again.
 * What is not repeatable is sent again only after a 429, which says that it was not processed. Everything else may have
 * been acted on.
 *
 * @param repeatable whether it does no harm to do it twice
 * @param attempt the tries so far
 */
export function retryDelay(
  ports: Pick<Ports, "clock" | "random">,
  repeatable: boolean,
  attempt: number,
  result: Awaited<ReturnType<Ports["http"]>>,
): number | null {
  const backoff = baseDelayMs * 2 ** (attempt - 1) + ports.random.fraction() * jitterMs;
  if (!result.ok) {
    // One more try for a connection that broke under an idempotent request; a dead network is told at once.
    const broken = result.failure.kind === "reset" || result.failure.kind === "timed-out";
    return repeatable && broken && attempt === 1 ? backoff : null;
  }
  const { response } = result;
  if (!retriedStatuses.has(response.status)) return null;
  if (!repeatable && response.status !== 429) return null;
  if (response.status === 429 && !isRateLimited(response)) return null;
  const asked = retryAfterSeconds(response, ports.clock.now());
  if (asked !== null && asked * 1000 > longestWaitMs) return null;
  return asked === null ? backoff : Math.max(asked * 1000, ports.random.fraction() * jitterMs);
}

/**
 * How long the other requests to the tenant have to wait after this reply; 0: it does not say that there are too many.
 * Never longer than anybody waits: after that the next one is told anew.
 *
 * @param delay after which this request is sent again; `null`: it is not
 */
export function holdDelay(ports: Pick<Ports, "clock">, response: HttpResponse, delay: number | null): number {
  if (!isRateLimited(response)) return 0;
  return delay ?? Math.min((retryAfterSeconds(response, ports.clock.now()) ?? 0) * 1000, longestWaitMs);
}

/** A 429 may also say that the user has all the devices that they may have. */
const isRateLimited = (response: HttpResponse): boolean =>
  response.status === 429 && toAppError(response, "").code === "rate-limited";
