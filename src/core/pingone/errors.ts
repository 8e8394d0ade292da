import type { AppError } from "../../contract/errors.ts";
import type { HttpFailure, HttpResponse } from "../ports.ts";
import { redactText } from "../redact.ts";
import { type ErrorReply, errorReply } from "./wire.ts";

/**
 * PingOne's refusals as our codes. Decided by HTTP class first and by code second, because codes inside a class may
 * change ("Error codes").
 */

type Trace = Pick<Extract<AppError, { code: "sign-in-refused" }>, "correlationId" | "serverErrorId" | "serverMessage">;

/** What was being done, as the end of "may not …" and "refused to …". */
export type Action = string;

export function readErrorReply(response: HttpResponse): ErrorReply {
  const parsed = errorReply.safeParse(parseJson(response.body));
  return parsed.success ? parsed.data : {};
}

/** `undefined` when the text is not JSON, which nothing in JSON can be. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The error for a reply of the platform API that is not a success. */
export function toAppError(response: HttpResponse, action: Action): AppError {
  const reply = readErrorReply(response);
  const trace = traceOf(response, reply);
  const has = (code: string, target?: RegExp): boolean =>
    (reply.details ?? []).some((d) => d.code === code && (target === undefined || target.test(d.target ?? "")));
  const detail = reply.details?.[0];
  const refused: AppError = {
    code: "request-refused",
    action,
    status: response.status,
    serverCode: clip(detail?.code ?? reply.code),
    target: clip(detail?.target),
    ...trace,
  };

  switch (response.status) {
    case 400:
    case 422:
      if (has("INVALID_VALUE", /^type$/)) return { code: "pairing-not-allowed", ...trace };
      if (has("INVALID_VALUE", /^policy/)) return { code: "policy-unknown", ...trace };
      if (has("INVALID_VALUE", /^(attestation|origin)/)) return { code: "activation-refused", ...trace };
      if (has("LIMIT_EXCEEDED")) return { code: "device-limit-reached", ...trace };
      return refused;
    case 401:
      // Comes with 401 as well as with 403 ("Error codes"); it is the role that is missing, not the sign-in.
      if (has("INSUFFICIENT_PERMISSIONS")) return { code: "not-allowed", action, ...trace };
      return { code: "sign-in-refused", reason: clip(detail?.code ?? reply.code), ...trace };
    case 403:
      if (has("LICENSE_EXCEEDED")) return { code: "licence-exceeded", ...trace };
      return { code: "not-allowed", action, ...trace };
    case 429: {
      // Not throttling: the user's devices are all used up, and no waiting helps. Told apart by the detail code and by
      // the absence of `Retry-After`.
      const throttled = response.headers["retry-after"] !== undefined;
      if (has("LIMIT_EXCEEDED") && !throttled) return { code: "device-limit-reached", ...trace };
      const seconds = retryAfterSeconds(response, null);
      return { code: "rate-limited", retryAfterSeconds: seconds ?? undefined, ...trace };
    }
    default:
      if (response.status >= 500 || response.status === 408) {
        return { code: "server-unavailable", status: response.status, ...trace };
      }
      if (response.status >= 300 && response.status < 400) {
        return { code: "reply-invalid", action, problem: "a redirect, which PingOne's API does not send", ...trace };
      }
      return refused;
  }
}

/** The error for a refused token request ("Access tokens and ID tokens", OAuth form). */
export function toSignInError(response: HttpResponse): AppError {
  const reply = readErrorReply(response);
  if (response.status === 429 || response.status >= 500 || response.status === 408)
    return toAppError(response, "sign in");
  if (response.status >= 300 && response.status < 400) return toAppError(response, "sign in");
  return { code: "sign-in-refused", reason: clip(reply.error ?? reply.code), ...traceOf(response, reply) };
}

/** The error for no reply at all. */
export function toNetworkError(failure: HttpFailure, url: string): AppError {
  const host = URL.parse(url)?.host ?? url;
  switch (failure.kind) {
    case "cancelled":
      return { code: "cancelled" };
    case "tls":
      return {
        code: "tls-failed",
        host,
        problem: failure.problem,
        ...(failure.issuer === undefined ? {} : { issuer: failure.issuer }),
        ...through(failure),
      };
    case "proxy": {
      const { proxy, reason, status } = failure;
      return { code: "proxy-failed", host, proxy, reason, ...(status === undefined ? {} : { status }) };
    }
    case "proxy-credentials": {
      const { proxy, given, offered } = failure;
      return { code: "proxy-credentials-required", host, proxy, given, offered: [...offered] };
    }
    case "no-route":
      return { code: "configuration-invalid", setting: failure.setting, problem: failure.problem };
    default:
      return { code: "network-failed", host, reason: failure.kind, ...through(failure) };
  }
}

const through = ({ proxy }: { readonly proxy?: string }) => (proxy === undefined ? {} : { proxy });

/** The error for a success reply that does not hold what it must. */
export function toReplyError(response: HttpResponse, action: Action, problem: string): AppError {
  return { code: "reply-invalid", action, problem, ...traceOf(response, {}) };
}

/**
 * Seconds that the server asks us to wait: a number, or an HTTP date, which needs `now` (milliseconds since 1970).
 * `null`: it does not say, or not in a form that we can read.
 */
export function retryAfterSeconds(response: HttpResponse, now: number | null): number | null {
  const value = response.headers["retry-after"];
  if (value === undefined) return null;
  if (/^\d{1,6}$/.test(value.trim())) return Number(value.trim());
  // `Date.parse` alone takes "1.5" for a day in January. A date that has passed comes from a clock that is not ours.
  const date = /^[A-Z][a-z]{2,8}, /.test(value) ? Date.parse(value) : Number.NaN;
  return now === null || Number.isNaN(date) || date <= now ? null : Math.ceil((date - now) / 1000);
}

/** What support needs of an error, to be kept when another code says better what it means. */
export const traceIn = (error: AppError): Trace =>
  "correlationId" in error
    ? {
        correlationId: error.correlationId,
        serverErrorId: error.serverErrorId,
        serverMessage: error.serverMessage,
      }
    : {};

function traceOf(response: HttpResponse, reply: ErrorReply): Trace {
  const message =
    reply.details?.find((d) => d.message !== undefined)?.message ?? reply.message ?? reply.error_description;
  return {
    correlationId: clip(response.headers["correlation-id"]),
    serverErrorId: clip(reply.id),
    serverMessage: clip(message),
  };
}

/** Text from a server, fit to be shown: short, and redacted, because it may quote what we sent. Empty counts as absent. */
const clip = (value: string | undefined): string | undefined =>
  value === undefined || value === "" ? undefined : redactText(value).slice(0, 500);
