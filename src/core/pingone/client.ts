import type { AppError } from "../../contract/errors.ts";
import type { HttpFailure, HttpRequest, HttpResponse, Ports } from "../ports.ts";
import type { Endpoints } from "./endpoints.ts";
import { type Action, parseJson, retryAfterSeconds, toAppError, toNetworkError, toReplyError } from "./errors.ts";
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
};

export type PingOne = {
  readonly endpoints: Endpoints;
  readonly call: <T>(call: Call<T>) => Promise<Answer<T>>;
};

const maxBytes = 2_000_000;
/** The vendor's own numbers ("Best practices"): five tries, one second doubled, 0 to 100 ms of jitter. */
const tries = 5;
const baseDelayMs = 1_000;
const jitterMs = 100;
/** Nobody waits longer than this in front of a screen; a server that asks for more is told to the operator instead. */
const longestWaitMs = 30_000;
const retriedStatuses = new Set([408, 429, 500, 502, 503, 504]);

/**
 * @param transactionId identifies all requests of one piece of work to PingOne's support
 *   (`X-Ping-External-Transaction-ID`); letters, digits and `-`, at most 100.
 * @param giveUp once aborted, nothing is tried again: who waits has stopped waiting. A request on its way is not cut
 *   off, because its outcome would then be unknown.
 */
export function createPingOne(
  ports: Ports,
  endpoints: Endpoints,
  tokens: Tokens,
  transactionId?: string,
  giveUp?: AbortSignal,
): PingOne {
  const origin = new URL(endpoints.apiBase).origin;
  const base = `${endpoints.apiBase}/environments/${endpoints.environmentId}`;

  async function call<T>(spec: Call<T>): Promise<Answer<T>> {
    const url = spec.path.startsWith("http") ? spec.path : base + spec.path;
    // SECURITY: the token goes to the configured origin only, whatever a link in a reply says.
    if (URL.parse(url)?.origin !== origin) {
      const error: AppError = { code: "reply-invalid", action: spec.action, problem: "it links to another server" };
      return { ok: false, error, status: null, certainty: "not-done", correlationId: null };
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
      const result = await ports.http({
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
      const wait = attempt < tries && giveUp?.aborted !== true ? retryDelay(ports, spec.method, attempt, result) : null;
      const answer = result.ok ? readAnswer(spec, result.response) : lost(spec, result.failure, url);
      if (wait === null) return answer.ok || !perhapsDone ? answer : { ...answer, certainty: "unknown" };
      perhapsDone ||= !answer.ok && answer.certainty === "unknown";
      ports.log("info", "pingone.retry", { action: spec.action, attempt, waitMs: wait });
      await ports.clock.wait(wait, giveUp);
      if (giveUp?.aborted === true) return answer;
      attempt += 1;
    }
  }

  return { endpoints, call };
}

/**
 * How long to wait before the same request is sent again; `null`: not again.
 * A POST is repeated only after a 429, which says that it was not processed. Everything else may have been acted on.
 */
function retryDelay(
  ports: Ports,
  method: HttpRequest["method"],
  attempt: number,
  result: Awaited<ReturnType<Ports["http"]>>,
): number | null {
  const backoff = baseDelayMs * 2 ** (attempt - 1) + ports.random.fraction() * jitterMs;
  if (!result.ok) {
    // One more try for a connection that broke under an idempotent request; a dead network is told at once.
    const broken = result.failure.kind === "reset" || result.failure.kind === "timed-out";
    return method !== "POST" && broken && attempt === 1 ? backoff : null;
  }
  const { response } = result;
  if (!retriedStatuses.has(response.status)) return null;
  if (method === "POST" && response.status !== 429) return null;
  if (response.status === 429 && toAppError(response, "").code !== "rate-limited") return null;
  const asked = retryAfterSeconds(response, ports.clock.now());
  if (asked !== null && asked * 1000 > longestWaitMs) return null;
  return asked === null ? backoff : Math.max(asked * 1000, ports.random.fraction() * jitterMs);
}

function readAnswer<T>(spec: Call<T>, response: HttpResponse): Answer<T> {
  const correlationId = response.headers["correlation-id"]?.slice(0, 500) ?? null;
  const { status } = response;
  if (status < 200 || status >= 300) {
    const error = toAppError(response, spec.action);
    return {
      ok: false,
      error,
      status,
      certainty: status >= 500 || status === 408 ? "unknown" : "not-done",
      correlationId,
    };
  }
  const read = spec.read(response.body === "" ? undefined : parseJson(response.body));
  if ("value" in read) return { ok: true, value: read.value, correlationId };
  return {
    ok: false,
    error: toReplyError(response, spec.action, read.problem),
    status,
    certainty: "unknown",
    correlationId,
  };
}

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
