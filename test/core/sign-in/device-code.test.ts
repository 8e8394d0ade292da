import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Outcome } from "../../../src/contract/errors.ts";
import type { Http, HttpRequest, HttpResult } from "../../../src/core/ports.ts";
import { type DeviceCodeWaiting, signInWithDeviceCode } from "../../../src/core/sign-in/device-code.ts";
import type { Grant } from "../../../src/core/sign-in/grant.ts";
import { technicianScopes } from "../../../src/core/sign-in/scopes.ts";
import { createHttp as createNodeHttp } from "../../../src/node/http-node.ts";
import { createHttp } from "../../../src/node/http-undici.ts";
import { type AuthorizationServer, startAuthorizationServer } from "../../fakes/authorization-server.ts";
import { answer, failure, tlsFailure } from "../../fakes/http.ts";
import { visit } from "./person.ts";
import { altering, expectFailure, jsonOf, quickClock, type Watched, watched } from "./setting.ts";

let server: AuthorizationServer;
beforeAll(async () => {
  server = await startAuthorizationServer();
});
afterEach(() => server.interfere(null));
afterAll(() => server.close());

type SignIn = Watched & {
  readonly outcome: Outcome<Grant>;
  readonly told: readonly DeviceCodeWaiting[];
  readonly waits: readonly number[];
  /** How often the token endpoint was asked. */
  readonly polls: number;
};

type Given = {
  readonly http?: Http;
  /** Before which poll the person is done with the page; none: never. */
  readonly doneBefore?: number;
  readonly decision?: "yes" | "no";
  /** Answers a poll instead of the server. */
  readonly poll?: (index: number, request: HttpRequest) => HttpResult | null;
  readonly signal?: AbortSignal;
};

async function signIn(given: Given = {}): Promise<SignIn> {
  const clock = quickClock();
  const real = given.http ?? createHttp();
  const told: DeviceCodeWaiting[] = [];
  let polls = 0;
  const seen = watched(async (request) => {
    if (!request.url.endsWith("/token")) return real(request);
    polls += 1;
    if (polls === given.doneBefore) await visit(told[0]?.completeAddress ?? "", given.decision);
    return given.poll?.(polls, request) ?? real(request);
  });
  const outcome = await signInWithDeviceCode(
    { http: seen.http, clock },
    { issuer: server.issuer, clientId: server.clientId, scopes: technicianScopes },
    (waiting) => told.push(waiting),
    given.signal ?? new AbortController().signal,
  );
  return { ...seen, outcome, told, waits: clock.waits, polls };
}

test.each([
  ["undici", createHttp],
  ["node:http", createNodeHttp],
])("a person enters the code, over %s", async (_name, create) => {
  const before = Date.now();
  const { outcome, told, waits, polls } = await signIn({ http: create(), doneBefore: 3 });
  expect(outcome).toEqual({
    ok: true,
    value: {
      accessToken: expect.any(String) as string,
      expiresInMs: 3_600_000,
      refreshToken: expect.any(String) as string,
      scopes: technicianScopes,
      identity: server.account,
    },
  });
  expect(told).toEqual([
    {
      userCode: expect.stringMatching(/^[A-Z]{4}-[A-Z]{4}$/) as string,
      address: `${server.issuer}/device`,
      completeAddress: `${server.issuer}/device?user_code=${told[0]?.userCode ?? ""}`,
      deadlineAt: expect.any(Number) as number,
    },
  ]);
  expect(Math.abs((told[0]?.deadlineAt ?? 0) - before - 600_000)).toBeLessThan(60_000);
  // RFC 8628: five seconds where the server names no interval, and before the first question, too.
  expect(waits).toEqual([5_000, 5_000, 5_000]);
  expect(polls).toBe(3);
});

test("the person declines", async () => {
  const signedIn = await signIn({ doneBefore: 2, decision: "no" });
  expectFailure(signedIn.outcome, { code: "sign-in-denied" }, signedIn);
  expect(signedIn.polls).toBe(2);
});

test("nobody enters the code", async () => {
  const signedIn = await signIn();
  expectFailure(signedIn.outcome, { code: "sign-in-timed-out", seconds: 600 }, signedIn);
  // Every five seconds, ten minutes long, and not at the end, when the code is over anyway.
  expect(signedIn.polls).toBeGreaterThan(110);
  expect(signedIn.polls).toBeLessThan(120);
});

test("somebody gives up", async () => {
  const giveUp = new AbortController();
  const poll = (index: number): null => {
    if (index === 3) giveUp.abort();
    return null;
  };
  const signedIn = await signIn({ signal: giveUp.signal, poll });
  expect(signedIn.outcome).toEqual({ ok: false, error: { code: "cancelled" } });
  expect(signedIn.polls).toBe(3);
});

describe("how often is asked", () => {
  const oauth = (error: string, headers = {}, status = 400) => answer(status, { error }, headers);
  const told = (change: Record<string, unknown>): Http =>
    altering(createHttp(), "/device_authorization", (response) => ({
      ...response,
      body: JSON.stringify({ ...jsonOf(response), ...change }),
    }));
  const script =
    (...results: readonly HttpResult[]) =>
    (index: number): HttpResult | null =>
      results[index - 1] ?? null;

  test("slow_down adds five seconds each time, for good", async () => {
    const slow = oauth("slow_down");
    const { outcome, waits } = await signIn({
      doneBefore: 5,
      poll: script(slow, oauth("authorization_pending"), slow),
    });
    expect(outcome.ok).toBe(true);
    expect(waits).toEqual([5_000, 10_000, 10_000, 15_000, 15_000]);
  });

  test("the server's interval, and its Retry-After", async () => {
    const poll = script(oauth("authorization_pending", { "retry-after": "30" }), oauth("authorization_pending"));
    const { waits } = await signIn({ http: told({ interval: 2 }), doneBefore: 3, poll });
    expect(waits).toEqual([2_000, 30_000, 2_000]);
  });

  test("an interval or a lifetime beyond all reason is cut", async () => {
    const signedIn = await signIn({ http: told({ interval: 86_400, expires_in: 86_400 }) });
    expectFailure(signedIn.outcome, { code: "sign-in-timed-out", seconds: 3_600 }, signedIn);
    expect(Math.max(...signedIn.waits)).toBe(60_000);
  });

  test("a code that is over at once is not asked about", async () => {
    const signedIn = await signIn({ http: told({ expires_in: 0 }) });
    expectFailure(signedIn.outcome, { code: "sign-in-timed-out", seconds: 0 }, signedIn);
    expect(signedIn.polls).toBe(0);
  });

  test("the server says that the code is over", async () => {
    const signedIn = await signIn({ poll: script(oauth("authorization_pending"), oauth("expired_token")) });
    expectFailure(signedIn.outcome, { code: "sign-in-timed-out", seconds: 600 }, signedIn);
    expect(signedIn.polls).toBe(2);
  });

  test.each([
    ["a connection that breaks", failure("reset", true)],
    ["no network", failure("unresolved", false)],
    ["an answer that never comes", failure("timed-out", true)],
    ["a server that is down", answer(503, "<html>", { "content-type": "text/html" })],
    ["a server that has enough", answer(429, "")],
  ])("%s is waited out, more and more patiently", async (_case, trouble) => {
    const { outcome, waits } = await signIn({ doneBefore: 5, poll: script(trouble, trouble, trouble) });
    expect(outcome).toMatchObject({ ok: true, value: { identity: server.account } });
    expect(waits).toEqual([5_000, 10_000, 20_000, 40_000, 5_000]);
  });

  test("a network that never comes back is told, and not that nobody entered the code", async () => {
    const signedIn = await signIn({ poll: () => failure("unresolved", false) });
    expectFailure(signedIn.outcome, { code: "network-failed", reason: "unresolved" }, signedIn);
  });

  test.each([
    ["a certificate that is not trusted", tlsFailure("it has expired"), { code: "tls-failed" }],
    ["a redirect", answer(302, ""), { code: "reply-invalid" }],
    ["a refusal", oauth("invalid_client", {}, 401), { code: "sign-in-refused", reason: "invalid_client" }],
    ["a refusal that quotes the code", answer(400, { error: "invalid_grant" }), { code: "sign-in-refused" }],
    ["HTML", answer(200, "<html>", { "content-type": "text/html" }), { code: "reply-invalid" }],
    ["far too much", failure("too-large", true), { code: "network-failed", reason: "too-large" }],
  ] as const)("%s is the end", async (_case, result, error) => {
    const signedIn = await signIn({ poll: () => result });
    expectFailure(signedIn.outcome, error, signedIn);
    expect(signedIn.polls).toBe(1);
  });

  test("a refusal that repeats what it was sent says nothing of it", async () => {
    const poll = (_index: number, request: HttpRequest): HttpResult => {
      const form = new URLSearchParams(request.body);
      const description = `What is ${form.get("device_code")}? And ${form.get("code_verifier")}?`;
      return answer(400, { error: "invalid_grant", error_description: description });
    };
    const signedIn = await signIn({ poll });
    expectFailure(
      signedIn.outcome,
      { code: "sign-in-refused", serverMessage: "What is [redacted]? And [redacted]?" },
      signedIn,
    );
  });

  test.each([
    ["no address", { verification_uri: undefined }, { code: "reply-invalid" }],
    ["an address without https", { verification_uri: "http://device.example.com/" }, { code: "reply-invalid" }],
    ["a script for an address", { verification_uri: "javascript:alert(1)" }, { code: "reply-invalid" }],
    ["no code", { user_code: "" }, { code: "reply-invalid" }],
  ] as const)("%s: nobody is sent there", async (_case, change, error) => {
    const signedIn = await signIn({ http: told(change) });
    expectFailure(signedIn.outcome, error, signedIn);
    expect(signedIn.told).toEqual([]);
  });

  test("a complete address that is not safe is left out", async () => {
    const signedIn = await signIn({
      http: told({ verification_uri_complete: "javascript:alert(1)" }),
      poll: () => oauth("access_denied"),
    });
    expect(signedIn.told).toMatchObject([{ completeAddress: null, address: `${server.issuer}/device` }]);
  });
});

test("keys that cannot be had after the code was used up are told, and the code is not sent again", async () => {
  server.interfere((request, _response, serve) => {
    if (request.url?.endsWith("/jwks") === true) request.destroy();
    else serve();
  });
  const signedIn = await signIn({ doneBefore: 1 });
  expectFailure(signedIn.outcome, { code: "network-failed", reason: "reset" }, signedIn);
  expect(signedIn.polls).toBe(1);
});

test("a server without device codes says so", async () => {
  const http = altering(createHttp(), "/openid-configuration", (response) => ({
    ...response,
    body: JSON.stringify({ ...jsonOf(response), device_authorization_endpoint: undefined }),
  }));
  const signedIn = await signIn({ http });
  const problem = "it names no device authorization endpoint";
  expectFailure(signedIn.outcome, { code: "reply-invalid", problem }, signedIn);
});
