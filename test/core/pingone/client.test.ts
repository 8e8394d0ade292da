import { describe, expect, test } from "vitest";
import type { AppError } from "../../../src/contract/errors.ts";
import { type Answer, createPingOne } from "../../../src/core/pingone/client.ts";
import { createTokens, type Tokens } from "../../../src/core/pingone/tokens.ts";
import type { HttpResult } from "../../../src/core/ports.ts";
import { answer, failure, inTurn, refusal, scriptedHttp, tlsFailure } from "../../fakes/http.ts";
import { fakePorts } from "../../fakes/ports.ts";
import { call, clientOn, endpoints, environmentUrl, good, steadyTokens, token } from "./calls.ts";

describe("the request", () => {
  test("carries the token and goes below the environment", async () => {
    const { client, pingOne } = clientOn(inTurn(good));
    expect(await client.call(call("GET"))).toEqual({ ok: true, value: "ok", correlationId: "c-200" });
    expect(pingOne.requests).toEqual([
      {
        method: "GET",
        url: `${environmentUrl}/things`,
        headers: { authorization: `Bearer ${token}`, accept: "application/json" },
        timeoutMs: 30_000,
        maxBytes: 2_000_000,
      },
    ]);
  });

  test("a body is JSON in the media type that the call names", async () => {
    const { client, pingOne } = clientOn(inTurn(good));
    await client.call(call("POST", { contentType: "application/vnd.x+json", body: { a: "ä" }, timeoutMs: 5 }));
    expect(pingOne.requests[0]).toMatchObject({ body: '{"a":"ä"}', timeoutMs: 5 });
    expect(pingOne.requests[0]?.headers["content-type"]).toBe("application/vnd.x+json");
  });

  test("every request of one piece of work carries its transaction id", async () => {
    const { client, pingOne } = clientOn(inTurn(answer(503), good, good), steadyTokens(), "pairing-1");
    await client.call(call("GET"));
    await client.call(call("POST"));
    expect(pingOne.requests.map((request) => request.headers["x-ping-external-transaction-id"])).toEqual(
      Array.from({ length: 3 }, () => "pairing-1"),
    );
  });
});

describe("addresses in replies", () => {
  test("a link on the same origin is followed with the token", async () => {
    const { client, pingOne } = clientOn(inTurn(good));
    await client.call(call("GET", { path: `${environmentUrl}/things?cursor=2` }));
    expect(pingOne.requests[0]?.url).toBe(`${environmentUrl}/things?cursor=2`);
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
    const { client, pingOne } = clientOn(inTurn(good));
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

describe("a 401", () => {
  test("is answered by one new token, then it is the answer", async () => {
    const tokens = steadyTokens();
    const { client, pingOne, clock } = clientOn(inTurn(answer(401, refusal("ACCESS_FAILED"))), tokens);
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
    const { client } = clientOn(inTurn(answer(401), good));
    expect(await client.call(call("POST"))).toMatchObject({ ok: true, value: "ok" });
  });

  test("after a throttled try there is still one new token", async () => {
    const { client, pingOne } = clientOn(inTurn(answer(429), answer(401), good));
    expect((await client.call(call("POST"))).ok).toBe(true);
    expect(pingOne.requests).toHaveLength(3);
  });

  test("no token, no request", async () => {
    const error: AppError = { code: "sign-in-refused" };
    const tokens: Pick<Tokens, "current" | "refused"> = {
      current: async () => ({ ok: false, error }),
      refused: () => undefined,
    };
    const { client, pingOne } = clientOn(inTurn(good), tokens);
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
    ...(["refused", "reset", "timed-out", "unresolved", "too-large"] as const).flatMap((kind) => [
      [`${kind}, not sent`, failure(kind, false), "not-done"] as const,
      [`${kind}, sent`, failure(kind, true), "unknown"] as const,
    ]),
    ["TLS", tlsFailure("it has expired"), "not-done"],
  ];
  test.each(cases)("POST: %s", async (_case, result, certainty) => {
    const { client } = clientOn(inTurn(result));
    expect(await client.call(call("POST"))).toMatchObject({ ok: false, certainty });
  });

  const refused = answer(409);
  const tried = (...results: readonly HttpResult[]): Promise<Answer<string>> =>
    clientOn(inTurn(...results)).client.call(call("DELETE"));

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
    const tokens: Pick<Tokens, "current" | "refused"> = {
      current: async () => (++asked === 1 ? { ok: true, value: token } : { ok: false, error }),
      refused: () => undefined,
    };
    const { client } = clientOn(inTurn(answer(503)), tokens);
    expect(await client.call(call("DELETE"))).toMatchObject({ ok: false, error, certainty: "unknown" });
  });
});

describe("what can be told afterwards", () => {
  test("correlation ids of answers and of failures", async () => {
    const { client } = clientOn(inTurn(answer(400, refusal("INVALID_DATA"), { "correlation-id": "cor-7" })));
    expect(await client.call(call("POST"))).toMatchObject({
      correlationId: "cor-7",
      error: { correlationId: "cor-7", serverErrorId: "5f8a1c9e-0000-4000-8000-00000000beef" },
    });
  });

  test("a header of any length fits what is shown", async () => {
    const { client } = clientOn(inTurn(answer(200, { name: "ok" }, { "correlation-id": "x".repeat(5_000) })));
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
    const credential = { kind: "secret-basic", clientId: "c", clientSecret: "s3cret" } as const;
    const tokens = createTokens(world.ports, endpoints, credential);
    await createPingOne(world.ports, { endpoints, tokens, mode: "worker" }).call(call("GET"));
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
  const credential = { kind: "secret-basic", clientId: "c", clientSecret: "s" } as const;
  const client = createPingOne(ports, {
    endpoints,
    tokens: createTokens(ports, endpoints, credential),
    mode: "worker",
  });
  await Promise.all([client.call(call("GET")), client.call(call("GET")), client.call(call("POST"))]);
  expect(script.requests.filter((request) => request.url.endsWith("/as/token"))).toHaveLength(1);
});
