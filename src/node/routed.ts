import type { Http, HttpFailure, HttpRequest, HttpResult } from "../core/ports.ts";
import { failed } from "./exchange.ts";
import { type FindRoute, type Hop, nameOfProxy, type Proxy, unasked } from "./route.ts";

/** One request over one way: straight, or through a proxy. */
export type SendOver = (request: HttpRequest, proxy: Proxy | null) => Promise<HttpResult>;

/** How long a proxy that was not reached comes after all others. */
const avoidMs = 60_000;

/**
 * An `Http` that asks for the way of each request and takes the next way only when nothing was reached on the one
 * before: a proxy that answers, whatever it says, has been asked. Within the one time limit of the request.
 */
export function routed(findRoute: FindRoute, sendOver: SendOver): Http {
  const avoidedUntil = new Map<string, number>();
  const isAvoided = (hop: Hop): boolean => hop !== "direct" && (avoidedUntil.get(keyOf(hop)) ?? 0) > performance.now();

  return async (request) => {
    const started = performance.now();
    const timeLeft = (): number => Math.ceil(request.timeoutMs - (performance.now() - started));
    if (request.signal?.aborted === true) return failed(false, { kind: "cancelled" });
    const found = await inTime(
      // It promises not to reject; if it did, the request would never end.
      findRoute(new URL(request.url)).catch(() => unasked),
      request,
    );
    if ("kind" in found) return failed(false, found);
    if (!found.ok) return refusal({ kind: "no-route", setting: found.setting, problem: found.problem, sent: false });

    const hops = [...found.hops.filter((hop) => !isAvoided(hop)), ...found.hops.filter(isAvoided)];
    let result: HttpResult = failed(false, { kind: "timed-out" });
    for (const hop of hops) {
      if (timeLeft() <= 0) break;
      result = await over(hop, { ...request, timeoutMs: timeLeft() }, sendOver);
      if (result.ok || !wasUnreached(result.failure)) return result;
      // Straight keeps its place: where it fails, one server is gone, and the others must not go through a proxy for it.
      if (hop !== "direct") avoidedUntil.set(keyOf(hop), performance.now() + avoidMs);
    }
    return result;
  };
}

async function over(hop: Hop, request: HttpRequest, sendOver: SendOver): Promise<HttpResult> {
  if (hop === "direct") return sendOver(request, null);
  if ("unspoken" in hop) return refusal({ kind: "proxy", proxy: hop.unspoken, reason: "kind", sent: false });
  const result = await sendOver(request, hop);
  return result.ok ? result : refusal(throughProxy(result.failure, hop));
}

/** With the name of the proxy, where the other end of the tunnel or the tunnel itself has failed: it may be to blame. */
export function throughProxy(failure: HttpFailure, proxy: Proxy): HttpFailure {
  switch (failure.kind) {
    case "cancelled":
    case "no-route":
    case "proxy":
    case "proxy-credentials":
      return failure;
    default:
      return { ...failure, proxy: nameOfProxy(proxy) };
  }
}

/** Whether nobody on the way took the connection. A request that may have been sent never goes another way. */
export function wasUnreached(failure: HttpFailure): boolean {
  if (failure.sent) return false;
  if (failure.kind === "proxy") return ["refused", "unresolved", "timed-out", "kind"].includes(failure.reason);
  return failure.kind === "refused" || failure.kind === "unresolved";
}

const keyOf = (hop: Exclude<Hop, "direct">): string => ("unspoken" in hop ? hop.unspoken : nameOfProxy(hop));

const refusal = (failure: HttpFailure): HttpResult => ({ ok: false, failure });

/** A script that decides about the way may take its time; the request does not wait for it longer than for an answer. */
function inTime<T>(
  work: Promise<T>,
  { timeoutMs, signal }: HttpRequest,
): Promise<T | { readonly kind: "timed-out" | "cancelled" }> {
  return new Promise((resolve) => {
    const settle = (value: T | { readonly kind: "timed-out" | "cancelled" }): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", cancel);
      resolve(value);
    };
    const cancel = (): void => settle({ kind: "cancelled" });
    const timer = setTimeout(() => settle({ kind: "timed-out" }), timeoutMs);
    signal?.addEventListener("abort", cancel, { once: true });
    void work.then(settle);
  });
}
