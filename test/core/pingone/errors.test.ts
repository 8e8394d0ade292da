import { describe, expect, test } from "vitest";
import { appErrorSchema, type ErrorCode } from "../../../src/contract/errors.ts";
import {
  retryAfterSeconds,
  toAppError,
  toNetworkError,
  toReplyError,
  toSignInError,
} from "../../../src/core/pingone/errors.ts";
import type { HttpResponse } from "../../../src/core/ports.ts";
import { refusal } from "../../fakes/http.ts";

const reply = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): HttpResponse => ({
  status,
  headers: { "correlation-id": "cor-1", ...headers },
  body: typeof body === "string" ? body : JSON.stringify(body),
});
const html = "<!DOCTYPE html><html><body><h1>Bad Gateway</h1></body></html>";
const action = "create the device";
const codeOf = (status: number, body: unknown, headers?: Readonly<Record<string, string>>): ErrorCode => {
  const error = toAppError(reply(status, body, headers), action);
  // Whatever it is, it must be able to cross to the page.
  expect(appErrorSchema.safeParse(error).success).toBe(true);
  return error.code;
};
/** A refusal with one detail. */
const of = (code: string, detail?: string, target?: string) =>
  refusal(
    code,
    detail === undefined ? [] : [{ code: detail, message: "m", ...(target === undefined ? {} : { target }) }],
  );

describe("every status and code of the vendor's table", () => {
  const badRequests = [
    "INVALID_VALUE",
    "REQUIRED_VALUE",
    "EMPTY_VALUE",
    "INVALID_PARAMETER",
    "INVALID_FILTER",
    "OUT_OF_RANGE",
    "SIZE_LIMIT_EXCEEDED",
    "CONSTRAINT_VIOLATION",
    "UNIQUENESS_VIOLATION",
    "INVALID_OTP",
    "ACCOUNT_NOT_USABLE",
    "MFA_AUTH_METHODS_CONFLICT",
    "NO_PASSWORD",
    "SOMETHING_NEW",
  ];
  test.each(badRequests)("400 %s is a refusal that says so", (code) => {
    expect(toAppError(reply(400, of("INVALID_DATA", code, "nickname")), action)).toEqual({
      code: "request-refused",
      action,
      status: 400,
      serverCode: code,
      target: "nickname",
      correlationId: "cor-1",
      serverErrorId: "5f8a1c9e-0000-4000-8000-00000000beef",
      serverMessage: "m",
    });
  });

  test.each([
    [400, of("INVALID_DATA"), "request-refused"],
    [400, of("INVALID_REQUEST"), "request-refused"],
    [400, of("REQUEST_FAILED"), "request-refused"],
    [400, of("INVALID_DATA", "INVALID_VALUE", "type"), "pairing-not-allowed"],
    [400, of("INVALID_DATA", "INVALID_VALUE", "policy"), "policy-unknown"],
    [400, of("INVALID_DATA", "INVALID_VALUE", "policy.id"), "policy-unknown"],
    [400, of("INVALID_DATA", "INVALID_VALUE", "attestation"), "activation-refused"],
    [400, of("INVALID_DATA", "INVALID_VALUE", "status"), "request-refused"],
    [400, of("INVALID_DATA", "INVALID_VALUE", "typeOfNews"), "request-refused"],
    [400, of("INVALID_DATA", "LIMIT_EXCEEDED"), "device-limit-reached"],
    // "a 400 may become a 403": the code inside the class decides.
    [422, of("INVALID_DATA", "INVALID_VALUE", "type"), "pairing-not-allowed"],
    [422, of("INVALID_DATA", "INVALID_VALUE", "attestation"), "activation-refused"],
    [401, of("ACCESS_FAILED", "INVALID_TOKEN"), "sign-in-refused"],
    [401, of("INVALID_TOKEN"), "sign-in-refused"],
    [401, of("ACCESS_FAILED"), "sign-in-refused"],
    // Documented with 401 as well as with 403: a new token or another secret would not help, a role would.
    [401, of("ACCESS_FAILED", "INSUFFICIENT_PERMISSIONS"), "not-allowed"],
    [403, of("ACCESS_FAILED", "INSUFFICIENT_PERMISSIONS"), "not-allowed"],
    [403, of("ACCESS_FAILED"), "not-allowed"],
    [403, of("ACCESS_FAILED", "LICENSE_EXCEEDED"), "licence-exceeded"],
    [404, of("NOT_FOUND"), "request-refused"],
    [404, of("NOT_FOUND", "ANYTHING"), "request-refused"],
    [405, "", "request-refused"],
    [409, of("UNIQUENESS_VIOLATION"), "request-refused"],
    [415, of("INVALID_REQUEST", "INVALID_VALUE", "Content-Type"), "request-refused"],
    [418, "", "request-refused"],
    [429, of("REQUEST_LIMITED"), "rate-limited"],
    [429, "", "rate-limited"],
    [429, of("REQUEST_LIMITED", "QUOTA_EXCEEDED"), "rate-limited"],
    [429, of("REQUEST_LIMITED", "LIMIT_EXCEEDED"), "device-limit-reached"],
    [500, of("UNEXPECTED_ERROR"), "server-unavailable"],
    [500, html, "server-unavailable"],
    [502, html, "server-unavailable"],
    [503, "", "server-unavailable"],
    [504, "upstream timed out", "server-unavailable"],
    [599, "", "server-unavailable"],
    [408, "", "server-unavailable"],
    [301, "", "reply-invalid"],
    [302, html, "reply-invalid"],
    [307, "", "reply-invalid"],
  ] as const)("%i %j", (status, body, expected) => {
    expect(codeOf(status, body)).toBe(expected);
  });

  test("a second detail is found as well as a first", () => {
    const body = refusal("INVALID_DATA", [
      { code: "REQUIRED_VALUE", target: "x" },
      { code: "INVALID_VALUE", target: "type" },
    ]);
    expect(codeOf(400, body)).toBe("pairing-not-allowed");
  });

  test("LIMIT_EXCEEDED with Retry-After is throttling: all devices used up is not over in 20 seconds", () => {
    expect(toAppError(reply(429, of("REQUEST_LIMITED", "LIMIT_EXCEEDED"), { "retry-after": "20" }), action)).toEqual(
      expect.objectContaining({ code: "rate-limited", retryAfterSeconds: 20 }),
    );
  });

  test.each([400, 401, 403, 404, 409, 415, 422, 429, 500, 503])("a body that is not PingOne's with %i", (status) => {
    const bodies = [html, "", "null", "[]", "7", '"text"', '{"code":7,"details":"x"}', '{"details":[null]}', "{"];
    for (const body of bodies) {
      const error = toAppError(reply(status, body), action);
      expect(appErrorSchema.safeParse(error).success).toBe(true);
      expect(error).toMatchObject({ correlationId: "cor-1" });
      expect(JSON.stringify(error)).not.toContain("<");
    }
  });
});

describe("what support needs", () => {
  test("correlation id and the server's error id are carried by every refusal", () => {
    for (const status of [400, 401, 403, 404, 405, 408, 409, 415, 422, 429, 500, 502, 503, 504]) {
      expect(toAppError(reply(status, of("INVALID_DATA")), action)).toMatchObject({
        correlationId: "cor-1",
        serverErrorId: "5f8a1c9e-0000-4000-8000-00000000beef",
        serverMessage: "The request could not be completed.",
      });
    }
  });

  test("without them, nothing stands in their place", () => {
    expect(toAppError({ status: 409, headers: {}, body: "" }, action)).toEqual({
      code: "request-refused",
      action,
      status: 409,
    });
  });

  test("the detail's message says more than the general one", () => {
    expect(toAppError(reply(400, of("INVALID_DATA", "INVALID_VALUE", "rp")), action)).toMatchObject({
      serverMessage: "m",
    });
  });

  test("everything is cut to what the contract allows", () => {
    const long = "x".repeat(9_000);
    const body = { id: long, code: long, message: long, details: [{ code: long, target: long, message: long }] };
    for (const status of [400, 401, 403, 429, 500]) {
      const error = toAppError(reply(status, body, { "correlation-id": long }), action);
      expect(appErrorSchema.safeParse(error).success).toBe(true);
    }
  });
});

describe("a server that quotes what we sent", () => {
  const jwt = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzZWNyZXQifQ.c2lnbmF0dXJl";
  const secrets = [jwt, "Bearer 0123456789abcdef", "Basic Y2xpZW50OnNlY3JldA==", "client_secret=s3cr3t-value"];
  test.each(secrets)("%s is taken out of every text", (secret) => {
    const said = `Cannot read ${secret} here`;
    const body = {
      id: said,
      code: said,
      message: said,
      error: said,
      error_description: said,
      details: [{ code: said, target: said }],
    };
    for (const status of [400, 401, 403, 404, 429, 500]) {
      const texts = JSON.stringify([toAppError(reply(status, body), action), toSignInError(reply(status, body))]);
      expect(texts).not.toContain(secret.replace(/^(Bearer |Basic |client_secret=)/, ""));
      expect(texts).toContain("redacted");
    }
  });
});

describe("a refused token request", () => {
  test.each([
    [401, { error: "invalid_client", error_description: "Invalid (Correlation ID: x)" }, "sign-in-refused"],
    [400, { error: "invalid_request" }, "sign-in-refused"],
    [400, { error: "unauthorized_client" }, "sign-in-refused"],
    [400, { error: "unsupported_grant_type" }, "sign-in-refused"],
    [400, { error: "invalid_scope" }, "sign-in-refused"],
    [403, { error: "access_denied" }, "sign-in-refused"],
    [404, of("NOT_FOUND"), "sign-in-refused"],
    [401, html, "sign-in-refused"],
    [429, { error: "slow_down" }, "rate-limited"],
    [408, "", "server-unavailable"],
    [500, { error: "server_error" }, "server-unavailable"],
    [503, html, "server-unavailable"],
    [302, "", "reply-invalid"],
  ] as const)("%i %j", (status, body, expected) => {
    const error = toSignInError(reply(status, body));
    expect(error.code).toBe(expected);
    expect(error).toMatchObject({ correlationId: "cor-1" });
    expect(appErrorSchema.safeParse(error).success).toBe(true);
  });

  test("says which OAuth error it was, and the server's own words", () => {
    expect(toSignInError(reply(401, { error: "invalid_client", error_description: "Unknown client" }))).toEqual({
      code: "sign-in-refused",
      reason: "invalid_client",
      serverMessage: "Unknown client",
      correlationId: "cor-1",
    });
  });
});

describe("no answer at all", () => {
  const url = "https://api.pingone.eu/v1/environments/x?secret=1";
  test.each(["refused", "unresolved", "reset", "timed-out", "too-large"] as const)("%s", (kind) => {
    expect(toNetworkError({ kind, sent: false }, url)).toEqual({
      code: "network-failed",
      host: "api.pingone.eu",
      reason: kind,
    });
  });

  test("TLS and cancelling have their own codes", () => {
    expect(toNetworkError({ kind: "tls", problem: "it has expired", sent: false }, url)).toEqual({
      code: "tls-failed",
      host: "api.pingone.eu",
      problem: "it has expired",
    });
    expect(toNetworkError({ kind: "cancelled", sent: true }, url)).toEqual({ code: "cancelled" });
  });

  test("a success that does not hold what it must keeps its trace", () => {
    expect(toReplyError(reply(200, "{}"), action, "it is not a device")).toEqual({
      code: "reply-invalid",
      action,
      problem: "it is not a device",
      correlationId: "cor-1",
    });
  });
});

describe("Retry-After", () => {
  const now = Date.parse("2026-02-16T12:00:00Z");
  const seconds = (value: string | undefined, at: number | null = now) =>
    retryAfterSeconds(reply(429, "", value === undefined ? {} : { "retry-after": value }), at);

  test.each([
    [undefined, null],
    ["0", 0],
    ["7", 7],
    [" 7 ", 7],
    ["86400", 86_400],
    ["Mon, 16 Feb 2026 12:00:10 GMT", 10],
    ["Monday, 16-Feb-26 12:00:10 GMT", 10],
    // One of the two clocks is wrong, so it does not say how long; trying again at once would be a storm.
    ["Mon, 16 Feb 2026 12:00:00 GMT", null],
    ["Mon, 16 Feb 2026 11:00:00 GMT", null],
    ["Feb 30", null],
    ["", null],
    ["soon", null],
    ["-5", null],
    ["1.5", null],
    ["1e3", null],
    ["0x10", null],
    ["5 seconds", null],
    ["7, 8", null],
  ])("%j is %j seconds", (value, expected) => {
    expect(seconds(value)).toBe(expected);
  });

  test("a date needs to know what time it is", () => {
    expect(seconds("Mon, 16 Feb 2026 12:00:10 GMT", null)).toBeNull();
  });
});
