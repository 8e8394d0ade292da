import type { Http, HttpFailure, HttpRequest, HttpResponse, HttpResult } from "../../src/core/ports.ts";

export type ScriptedHttp = { readonly http: Http; readonly requests: readonly HttpRequest[] };

/** What a request gets; `undefined` is a mistake of the test. */
export type Script = (request: HttpRequest, index: number) => HttpResult | Promise<HttpResult>;

/**
 * An `Http` that answers by a function and keeps every request. Like the real adapters it sends nothing, and answers
 * `cancelled`, when its signal has been aborted before.
 */
export function scriptedHttp(script: Script): ScriptedHttp {
  const requests: HttpRequest[] = [];
  return {
    requests,
    http: async (request) => {
      if (request.signal?.aborted === true) return failure("cancelled", false);
      requests.push(request);
      return script(request, requests.length - 1);
    },
  };
}

/** The results one after the other; the last one again and again. */
export const inTurn =
  (...results: readonly HttpResult[]): Script =>
  (_request, index) => {
    const result = results[Math.min(index, results.length - 1)];
    if (result === undefined) throw new Error("The script is empty.");
    return result;
  };

export const answer = (
  status: number,
  body: unknown = "",
  headers: Readonly<Record<string, string>> = {},
): HttpResult => ({
  ok: true,
  response: {
    status,
    headers: { "content-type": "application/json", "correlation-id": `c-${status}`, ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  } satisfies HttpResponse,
});

export const failure = (
  kind: Exclude<HttpFailure["kind"], "tls" | "proxy" | "proxy-credentials" | "no-route">,
  sent: boolean,
): Extract<HttpResult, { ok: false }> => ({ ok: false, failure: { kind, sent } });

export const tlsFailure = (problem: string): HttpResult => ({
  ok: false,
  failure: { kind: "tls", problem, sent: false },
});

/** PingOne's error body ("Error codes"). */
export const refusal = (
  code: string,
  details: readonly { readonly code?: string; readonly target?: string; readonly message?: string }[] = [],
): Readonly<Record<string, unknown>> => ({
  id: "5f8a1c9e-0000-4000-8000-00000000beef",
  code,
  message: "The request could not be completed.",
  ...(details.length === 0 ? {} : { details }),
});

/** Resolves when the test says so: holds a request, or a file, in the middle. */
export function gate<T>(): { readonly passed: Promise<T>; readonly open: (value: T) => void } {
  const { promise, resolve } = Promise.withResolvers<T>();
  return { passed: promise, open: resolve };
}
