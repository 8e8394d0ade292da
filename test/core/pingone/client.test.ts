import { describe, expect, test } from "vitest";
import type { AppError } from "../../../src/contract/errors.ts";
import { type Answer, type Call, createPingOne } from "../../../src/core/pingone/client.ts";
import { createTokens, type Tokens } from "../../../src/core/pingone/tokens.ts";
import type { HttpRequest, HttpResult } from "../../../src/core/ports.ts";
import { answer, failure, inTurn, refusal, type Script, scriptedHttp, tlsFailure } from "../../fakes/http.ts";
import { fakePorts } from "../../fakes/ports.ts";

const endpoints = {
  apiBase: "https://api.pingone.eu/v1",
  authBase: "https://auth.pingone.eu",
  environmentId: "abfba8f6-49eb-49f5-a5d9-80ad5c98f9f6",
};
const base = `${endpoints.apiBase}/environments/${endpoints.environmentId}`;
const token = "token-of-the-day";

/** Tokens that need no request: `refused` counts. */
function steadyTokens(): Tokens & { refusals: number } {
  const tokens = {
    refusals: 0,
    current: async () => ({ ok: true, value: tokens.refusals === 0 ? token : `${token}-${tokens.refusals}` }) as const,
    refused: () => {
      tokens.refusals += 1;
    },
  };
  return tokens;
}

function given(script: Script, tokens: Tokens = steadyTokens(), transactionId?: string) {
  const world = fakePorts({ pingOne: script });
  return { ...world, tokens, client: createPingOne(world.ports, endpoints, tokens, transactionId) };
}

type Method = HttpRequest["method"];
const readName = (json: unknown) =>
  typeof json === "object" && json !== null && "name" in json && typeof json.name === "string"
    ? { value: json.name }
    : { problem: "it has no name" };
const call = (method: Method, more: Partial<Call<string>> = {}): Call<string> => ({
  method,
  path: "/things",
  action: "read the things",
  read: readName,
  ...more,
});
const good = answer(200, { name: "ok" });
const methods: readonly Method[] = ["GET", "PUT", "DELETE", "POST"];

describe("the request", () => {
  test("carries the token and goes below the environment", async () => {
    const { client, pingOne } = given(inTurn(good));
    expect(await client.call(call("GET"))).toEqual({ ok: true, value: "ok", correlationId: "c-200" });
    expect(pingOne.requests).toEqual([
      {
        method: "GET",
        url: `${base}/things`,
        headers: { authorization: `Bearer ${token}`, accept: "application/json" },
        timeoutMs: 30_000,
        maxBytes: 2_000_000,
      },
    ]);
  });

  test("a body is JSON in the media type that the call names", async () => {
    const { client, pingOne } = given(inTurn(good));
    await client.call(call("POST", { contentType: "application/vnd.x+json", body: { a: "ä" }, timeoutMs: 5 }));
    expect(pingOne.requests[0]).toMatchObject({ body: '{"a":"ä"}', timeoutMs: 5 });
    expect(pingOne.requests[0]?.headers["content-type"]).toBe("application/vnd.x+json");
  });

  test("every request of one piece of work carries its transaction id", async () => {
    const { client, pingOne } = given(inTurn(answer(503), good, good), steadyTokens(), "pairing-1");
    await client.call(call("GET"));
    await client.call(call("POST"));
    expect(pingOne.requests.map((request) => request.headers["x-ping-external-transaction-id"])).toEqual(
      Array.from({ length: 3 }, () => "pairing-1"),
    );
  });
});

describe("addresses in replies", () => {
  test("a link on the same origin is followed with the token", async () => {
    const { client, pingOne } = given(inTurn(good));
    await client.call(call("GET", { path: `${base}/things?cursor=2` }));
    expect(pingOne.requests[0]?.url).toBe(`${base}/things?cursor=2`);
  });

  test.each([
    "https://evil.example/v1/environments",
    "http://api.pingone.eu/v1/environments/x",
    "https://api.pingone.eu:8443/v1/environments/x",
    "https://api.pingone.eu.evil.example/v1",
    "https://api.pingone.eu@evil.example/v1",
    "https://evil.example\\@api.pingone.eu/v1",
    "httpx://api.pingone.eu/v1",
    "http://",
    "https://[",
    "http",
  ])("%s gets neither a request nor the token", async (path) => {
    const { client, pingOne } = given(inTurn(good));
    expect(await client.call(call("GET", { path }))).toEqual({
      ok: false,
      error: { code: "reply-invalid", action: "read the things", problem: "it links to another server" },
      status: null,
      certainty: "not-done",
      correlationId: null,
    });
    expect(pingOne.requests).toEqual([]);
  });
});

describe("which answers are tried again", () => {
  const statuses = [200, 201, 204, 302, 400, 401, 403, 404, 405, 408, 409, 415, 422, 429, 500, 501, 502, 503, 504];
  const idempotent = new Set([408, 429, 500, 502, 503, 504]);
  // A 401 is tried once more, with a new token; see below.
  const expected = (method: Method, status: number): number => {
    if (status === 401) return 2;
    if (method === "POST") return status === 429 ? 5 : 1;
    return idempotent.has(status) ? 5 : 1;
  };
  test.each(methods.flatMap((method) => statuses.map((status) => [method, status] as const)))(
    "%s %i",
    async (method, status) => {
      const { client, pingOne } = given(inTurn(answer(status, { name: "ok" })));
      await client.call(call(method));
      expect(pingOne.requests).toHaveLength(expected(method, status));
    },
  );

  test.each(
    methods.flatMap((method) =>
      (["refused", "unresolved", "reset", "timed-out", "proxy", "too-large", "cancelled"] as const).map(
        (kind) => [method, kind] as const,
      ),
    ),
  )("%s and the network: %s", async (method, kind) => {
    const { client, pingOne } = given(inTurn(failure(kind, true)));
    expect((await client.call(call(method))).ok).toBe(false);
    const again = method !== "POST" && (kind === "reset" || kind === "timed-out");
    expect(pingOne.requests).toHaveLength(again ? 2 : 1);
  });

  test.each(methods)("%s and a certificate that is not trusted: told at once", async (method) => {
    const { client, pingOne } = given(inTurn(tlsFailure("it has expired")));
    expect(await client.call(call(method))).toMatchObject({ error: { code: "tls-failed" }, certainty: "not-done" });
    expect(pingOne.requests).toHaveLength(1);
  });

  test("the first good answer ends it", async () => {
    const { client, pingOne } = given(inTurn(answer(503), answer(500, "<html>"), good, answer(500)));
    expect(await client.call(call("GET"))).toMatchObject({ ok: true, value: "ok" });
    expect(pingOne.requests).toHaveLength(3);
  });

  test("a connection that broke gets one more try, also after a token had to be renewed", async () => {
    const { client, pingOne } = given(inTurn(answer(401), failure("reset", true), good));
    expect((await client.call(call("GET"))).ok).toBe(true);
    expect(pingOne.requests).toHaveLength(3);
  });

  test.each(methods)("%s at the device limit is never tried again", async (method) => {
    const limit = answer(429, refusal("REQUEST_LIMITED", [{ code: "LIMIT_EXCEEDED" }]));
    const { client, pingOne, clock } = given(inTurn(limit));
    expect(await client.call(call(method))).toMatchObject({ error: { code: "device-limit-reached" } });
    expect(pingOne.requests).toHaveLength(1);
    expect(clock.waits).toEqual([]);
  });
});

describe("how long it waits", () => {
  test("one second, doubled, with up to 100 ms of jitter, four times", async () => {
    const { client, clock } = given(inTurn(answer(503)));
    await client.call(call("GET"));
    expect(clock.waits).toHaveLength(4);
    for (const [index, wait] of clock.waits.entries()) {
      expect(wait).toBeGreaterThanOrEqual(1_000 * 2 ** index);
      expect(wait).toBeLessThan(1_000 * 2 ** index + 100);
    }
    expect(new Set(clock.waits.map((wait) => wait % 1_000)).size).toBe(4);
  });

  test("a renewed token does not make the waits longer", async () => {
    const { client, clock } = given(inTurn(answer(401), answer(503), good));
    await client.call(call("GET"));
    expect(clock.waits).toHaveLength(1);
    expect(clock.waits[0]).toBeLessThan(1_100);
  });

  test("what Retry-After says, in seconds", async () => {
    const { client, clock } = given(inTurn(answer(429, "", { "retry-after": "7" }), good));
    await client.call(call("POST"));
    expect(clock.waits).toEqual([7_000]);
  });

  test("what Retry-After says, as a date", async () => {
    const { client, clock } = given((request, index) =>
      index === 0 && request.method === "GET"
        ? answer(503, "", { "retry-after": new Date(Math.ceil(Date.parse("2026-02-16T11:51:44Z"))).toUTCString() })
        : good,
    );
    await client.call(call("GET"));
    expect(clock.waits).toEqual([10_000]);
  });

  test.each(["soon", "", "Mon, 16 Feb 2026 11:00:00 GMT"])(
    "Retry-After %j says nothing: the usual wait",
    async (value) => {
      const { client, clock } = given(inTurn(answer(503, "", { "retry-after": value }), good));
      await client.call(call("GET"));
      expect(clock.waits).toHaveLength(1);
      expect(clock.waits[0]).toBeGreaterThanOrEqual(1_000);
    },
  );

  test("half a minute is waited, more is told to the operator instead", async () => {
    const short = given(inTurn(answer(429, "", { "retry-after": "30" }), good));
    expect((await short.client.call(call("GET"))).ok).toBe(true);
    const long = given(inTurn(answer(429, "", { "retry-after": "31" }), good));
    expect(await long.client.call(call("GET"))).toMatchObject({
      error: { code: "rate-limited", retryAfterSeconds: 31 },
      status: 429,
    });
    expect(long.clock.waits).toEqual([]);
    expect(long.pingOne.requests).toHaveLength(1);
  });
});

describe("a 401", () => {
  test("is answered by one new token, then it is the answer", async () => {
    const tokens = steadyTokens();
    const { client, pingOne, clock } = given(inTurn(answer(401, refusal("ACCESS_FAILED"))), tokens);
    expect(await client.call(call("POST"))).toMatchObject({
      ok: false,
      error: { code: "sign-in-refused" },
      status: 401,
      certainty: "not-done",
    });
    expect(tokens.refusals).toBe(1);
    expect(clock.waits).toEqual([]);
    expect(pingOne.requests.map((request) => request.headers["authorization"])).toEqual([
      `Bearer ${token}`,
      `Bearer ${token}-1`,
    ]);
  });

  test("repeats a POST with the new token, because nothing was done", async () => {
    const { client } = given(inTurn(answer(401), good));
    expect(await client.call(call("POST"))).toMatchObject({ ok: true, value: "ok" });
  });

  test("after a throttled try there is still one new token", async () => {
    const { client, pingOne } = given(inTurn(answer(429), answer(401), good));
    expect((await client.call(call("POST"))).ok).toBe(true);
    expect(pingOne.requests).toHaveLength(3);
  });

  test("no token, no request", async () => {
    const error: AppError = { code: "sign-in-refused" };
    const tokens: Tokens = { current: async () => ({ ok: false, error }), refused: () => undefined };
    const { client, pingOne } = given(inTurn(good), tokens);
    expect(await client.call(call("POST"))).toEqual({
      ok: false,
      error,
      status: null,
      certainty: "not-done",
      correlationId: null,
    });
    expect(pingOne.requests).toEqual([]);
  });
});

describe("whether PingOne may have acted", () => {
  const cases: readonly (readonly [string, HttpResult, "not-done" | "unknown"])[] = [
    ...([400, 401, 403, 404, 405, 409, 415, 422, 429, 302] as const).map(
      (status) => [`${status}`, answer(status), "not-done"] as const,
    ),
    ...([408, 500, 501, 502, 503, 504] as const).map((status) => [`${status}`, answer(status), "unknown"] as const),
    ["200 with half a reply", answer(200, '{"name":"o'), "unknown"],
    ["201 with nothing", answer(201, ""), "unknown"],
    ["200 with HTML", answer(200, "<html>"), "unknown"],
    ["200 with another reply", answer(200, { nom: "x" }), "unknown"],
    ...(["refused", "reset", "timed-out", "unresolved", "proxy", "too-large"] as const).flatMap((kind) => [
      [`${kind}, not sent`, failure(kind, false), "not-done"] as const,
      [`${kind}, sent`, failure(kind, true), "unknown"] as const,
    ]),
    ["TLS", tlsFailure("it has expired"), "not-done"],
  ];
  test.each(cases)("POST: %s", async (_case, result, certainty) => {
    const { client } = given(inTurn(result));
    expect(await client.call(call("POST"))).toMatchObject({ ok: false, certainty });
  });

  const refused = answer(409);
  const tried = (...results: readonly HttpResult[]): Promise<Answer<string>> =>
    given(inTurn(...results)).client.call(call("DELETE"));

  test("a refusal after a try that may have been done is not the last word", async () => {
    expect(await tried(refused)).toMatchObject({ certainty: "not-done" });
    expect(await tried(answer(503), refused)).toMatchObject({ certainty: "unknown", status: 409 });
    expect(await tried(failure("reset", true), refused)).toMatchObject({ certainty: "unknown" });
    expect(await tried(failure("timed-out", true), failure("refused", false))).toMatchObject({ certainty: "unknown" });
  });

  test("a refusal after tries that were not done is", async () => {
    expect(await tried(answer(429), refused)).toMatchObject({ certainty: "not-done" });
    expect(await tried(failure("reset", false), refused)).toMatchObject({ certainty: "not-done" });
    expect(await tried(answer(401), refused)).toMatchObject({ certainty: "not-done" });
  });

  test("neither is a sign-in that fails after it", async () => {
    const error: AppError = { code: "sign-in-refused" };
    let asked = 0;
    const tokens: Tokens = {
      current: async () => (++asked === 1 ? { ok: true, value: token } : { ok: false, error }),
      refused: () => undefined,
    };
    const { client } = given(inTurn(answer(503)), tokens);
    expect(await client.call(call("DELETE"))).toMatchObject({ ok: false, error, certainty: "unknown" });
  });
});

describe("what can be told afterwards", () => {
  test("correlation ids of answers and of failures", async () => {
    const { client } = given(inTurn(answer(400, refusal("INVALID_DATA"), { "correlation-id": "cor-7" })));
    expect(await client.call(call("POST"))).toMatchObject({
      correlationId: "cor-7",
      error: { correlationId: "cor-7", serverErrorId: "5f8a1c9e-0000-4000-8000-00000000beef" },
    });
  });

  test("a header of any length fits what is shown", async () => {
    const { client } = given(inTurn(answer(200, { name: "ok" }, { "correlation-id": "x".repeat(5_000) })));
    expect((await client.call(call("GET"))).correlationId?.length).toBeLessThanOrEqual(500);
  });

  test("every try is in the log, and no token is", async () => {
    const world = fakePorts({
      pingOne: (request, index) =>
        request.url.endsWith("/as/token")
          ? answer(200, { access_token: token })
          : index < 3
            ? answer(503, `Bearer ${token}`)
            : good,
    });
    const credential = { kind: "client-secret", clientId: "c", clientSecret: "s3cret" } as const;
    const tokens = createTokens(world.ports.http, world.clock, endpoints, credential);
    await createPingOne(world.ports, endpoints, tokens).call(call("GET"));
    expect(world.logged.filter((line) => line.event === "pingone.answer").map((line) => line.fields["status"])).toEqual(
      [503, 503, 200],
    );
    expect(JSON.stringify(world.logged)).not.toContain(token);
    expect(JSON.stringify(world.logged)).not.toContain("s3cret");
  });
});

test("one token serves calls that run at the same time", async () => {
  const script = scriptedHttp((request) =>
    request.url.endsWith("/as/token") ? answer(200, { access_token: token }) : good,
  );
  const world = fakePorts();
  const ports = { ...world.ports, http: script.http };
  const credential = { kind: "client-secret", clientId: "c", clientSecret: "s" } as const;
  const client = createPingOne(ports, endpoints, createTokens(script.http, world.clock, endpoints, credential));
  await Promise.all([client.call(call("GET")), client.call(call("GET")), client.call(call("POST"))]);
  expect(script.requests.filter((request) => request.url.endsWith("/as/token"))).toHaveLength(1);
});
