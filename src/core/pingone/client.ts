import type { AppError } from "../../contract/errors.ts";
import type { SignInMode } from "../../contract/settings.ts";
import type { HttpFailure, HttpRequest, HttpResponse, Ports } from "../ports.ts";
import { createServerClock, type Offset } from "../server-clock.ts";
import type { Endpoints } from "./endpoints.ts";
import { type Action, parseJson, toAppError, toNetworkError, toReplyError } from "./errors.ts";
import { needsFor } from "./needs.ts";
import { holdDelay, retryDelay, tries } from "./retries.ts";
import { createRetryBudget, type RetryBudget } from "./retry-budget.ts";
import type { Tokens } from "./tokens.ts";

/**
 * One authorised call to the platform API: token, correlation, retries, errors.
 *
 * `certainty` is the point of this file. After a failed write the pairing must know whether PingOne may have acted:
 * `not-done` means it has not (refused, or never received), `unknown` means that only reading can tell.
 */
export type Answer<T> = { readonly correlationId: string | null } & (
  | { readonly ok: true; readonly value: T }
  | {
      readonly ok: false;
      readonly error: AppError;
      readonly status: number | null;
      readonly certainty: "not-done" | "unknown";
    }
);

export type Call<T> = {
  readonly method: HttpRequest["method"];
  /** Below `/environments/{environmentId}`, or an absolute URL on the same origin (a collection's `next` link). */
  readonly path: string;
  readonly action: Action;
  readonly contentType?: string;
  readonly body?: unknown;
  /** Turns the parsed JSON (`undefined` when there is none) into a value, or says what is missing. */
  readonly read: (json: unknown) => { readonly value: T } | { readonly problem: string };
  readonly timeoutMs?: number;
  /** How often it is sent at most, where that is less than the vendor advises. */
  readonly tries?: number;
};

/** For a read without which everything goes on: nobody waits long for it, or for a second try. */
export const dispensable = { timeoutMs: 5_000, tries: 1 } as const satisfies Partial<Call<unknown>>;

/** Who calls, and where. */
export type Access = {
  readonly endpoints: Endpoints;
  readonly tokens: Pick<Tokens, "current" | "refused">;
  /** Whose token it is: decides what a refusal is told to lack. */
  readonly mode: SignInMode;
  /** Shared by all who call this tenant. Absent: nobody else does. */
  readonly retries?: RetryBudget;
};

export type PingOne = {
  readonly endpoints: Endpoints;
  readonly mode: SignInMode;
  /** How far this computer's clock is from the server's, by the answers so far; `null`: none has told. */
  readonly clockOffset: () => Offset | null;
  readonly call: <T>(call: Call<T>) => Promise<Answer<T>>;
};

const maxBytes = 2_000_000;
/**
 * @param transactionId identifies all requests of one piece of work to PingOne's support
 *   (`X-Ping-External-Transaction-ID`); letters, digits and `-`, at most 100.
 * @param giveUp once aborted, nothing is tried again: who waits has stopped waiting. A request on its way is not cut
 *   off, because its outcome would then be unknown.
 */
export function createPingOne(
  ports: Ports,
  { endpoints, tokens, mode, retries = createRetryBudget(ports.clock) }: Access,
  transactionId?: string,
  giveUp?: AbortSignal,
): PingOne {
  const origin = new URL(endpoints.apiBase).origin;
  const base = `${endpoints.apiBase}/environments/${endpoints.environmentId}`;
  const serverClock = createServerClock(ports.clock);
  // Asked anew each time, because who composes the ports may put something around them later.
  const http = serverClock.watch((request) => ports.http(request));

  async function call<T>(spec: Call<T>): Promise<Answer<T>> {
    const url = spec.path.startsWith("http") ? spec.path : base + spec.path;
    // SECURITY: the token goes to the configured origin only, whatever a link in a reply says.
    if (URL.parse(url)?.origin !== origin) {
      const error: AppError = { code: "reply-invalid", action: spec.action, problem: "it links to another server" };
      return { ok: false, error, status: null, certainty: "not-done", correlationId: null };
    }
    const heldForMs = retries.heldForMs();
    if (heldForMs > 0) {
      ports.log("info", "pingone.held", { action: spec.action, waitMs: Math.round(heldForMs) });
      await ports.clock.wait(heldForMs, giveUp);
      if (giveUp?.aborted === true) return notBegun;
    }
    let renewed = false;
    /** A try before the last one may have been acted on, whatever the last one says. */
    let perhapsDone = false;
    for (let attempt = 1; ; ) {
      const token = await tokens.current();
      if (!token.ok) {
        const certainty = perhapsDone ? "unknown" : "not-done";
        return { ok: false, error: token.error, status: null, certainty, correlationId: null };
      }
      const started = ports.clock.monotonic();
      const result = await http({
        method: spec.method,
        url,
        headers: {
          authorization: `Bearer ${token.value}`,
          accept: "application/json",
          ...(spec.contentType === undefined ? {} : { "content-type": spec.contentType }),
          ...(transactionId === undefined ? {} : { "x-ping-external-transaction-id": transactionId }),
        },
        ...(spec.body === undefined ? {} : { body: JSON.stringify(spec.body) }),
        timeoutMs: spec.timeoutMs ?? 30_000,
        maxBytes,
      });
      ports.log("debug", "pingone.answer", {
        method: spec.method,
        action: spec.action,
        status: result.ok ? result.response.status : null,
        failure: result.ok ? null : result.failure.kind,
        correlationId: result.ok ? result.response.headers["correlation-id"] : null,
        ms: Math.round(ports.clock.monotonic() - started),
        attempt,
      });
      // A 401 means that nothing was done: get a new token once, which is not one of the tries. A second 401 is the answer.
      if (result.ok && result.response.status === 401 && !renewed) {
        tokens.refused(token.value);
        renewed = true;
        continue;
      }
      const givenUp = giveUp?.aborted === true;
      const isLast = attempt >= (spec.tries ?? tries);
      const delay = !isLast && !givenUp ? retryDelay(ports, isRepeatable(spec.method), attempt, result) : null;
      // Also when this request is not sent again: the others would only be told the same.
      if (result.ok && !givenUp) retries.hold(holdDelay(ports, result.response, delay));
      const wait = delay !== null && retries.take() ? delay : null;
      const answer = result.ok ? readAnswer(spec, result.response, mode) : lost(spec, result.failure, url);
      if (wait === null) return answer.ok || !perhapsDone ? answer : { ...answer, certainty: "unknown" };
      perhapsDone ||= !answer.ok && answer.certainty === "unknown";
      ports.log("info", "pingone.retry", { action: spec.action, attempt, waitMs: wait });
      await ports.clock.wait(wait, giveUp);
      if (giveUp?.aborted === true) return answer;
      attempt += 1;
    }
  }

  return { endpoints, mode, clockOffset: serverClock.offset, call };
}

/** A POST that may have been acted on is never sent again. */
const isRepeatable = (method: HttpRequest["method"]): boolean => method !== "POST";

function readAnswer<T>(spec: Call<T>, response: HttpResponse, mode: SignInMode): Answer<T> {
  const correlationId = response.headers["correlation-id"]?.slice(0, 500) ?? null;
  const { status } = response;
  if (status < 200 || status >= 300) {
    const refused = toAppError(response, spec.action);
    const needs = refused.code === "not-allowed" ? needsFor(mode, spec.action) : undefined;
    const error = refused.code === "not-allowed" && needs !== undefined ? { ...refused, needs } : refused;
    return {
      ok: false,
      error,
      status,
      certainty: status >= 500 || status === 408 ? "unknown" : "not-done",
      correlationId,
    };
  }
  const json = response.body === "" ? undefined : parseJson(response.body);
  // Where nothing of the answer is needed, a web page would do as well; but it does not come from PingOne, which then
  // has done nothing.
  const isForeign = response.body !== "" && json === undefined;
  const read = spec.read(json);
  if ("value" in read && !isForeign) return { ok: true, value: read.value, correlationId };
  return {
    ok: false,
    error: toReplyError(response, spec.action, "problem" in read ? read.problem : "it is not JSON"),
    status,
    certainty: "unknown",
    correlationId,
  };
}

const notBegun: Answer<never> = {
  ok: false,
  error: { code: "cancelled" },
  status: null,
  certainty: "not-done",
  correlationId: null,
};

function lost<T>(spec: Call<T>, failure: HttpFailure, url: string): Answer<T> {
  return {
    ok: false,
    error: failure.kind === "too-large" ? tooLarge(spec.action) : toNetworkError(failure, url),
    status: null,
    certainty: failure.sent ? "unknown" : "not-done",
    correlationId: null,
  };
}

const tooLarge = (action: Action): AppError => ({ code: "reply-invalid", action, problem: "it is far too large" });
