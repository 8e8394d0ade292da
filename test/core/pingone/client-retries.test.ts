import { describe, expect, test } from "vitest";
import { answer, failure, inTurn, refusal, tlsFailure } from "../../fakes/http.ts";
import { call, clientOn, good, type Method, methods } from "./calls.ts";

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
      const { client, pingOne } = clientOn(inTurn(answer(status, { name: "ok" })));
      await client.call(call(method));
      expect(pingOne.requests).toHaveLength(expected(method, status));
    },
  );

  test.each(
    methods.flatMap((method) =>
      (["refused", "unresolved", "reset", "timed-out", "too-large", "cancelled"] as const).map(
        (kind) => [method, kind] as const,
      ),
    ),
  )("%s and the network: %s", async (method, kind) => {
    const { client, pingOne } = clientOn(inTurn(failure(kind, true)));
    expect((await client.call(call(method))).ok).toBe(false);
    const again = method !== "POST" && (kind === "reset" || kind === "timed-out");
    expect(pingOne.requests).toHaveLength(again ? 2 : 1);
  });

  test.each(methods)("%s and a certificate that is not trusted: told at once", async (method) => {
    const { client, pingOne } = clientOn(inTurn(tlsFailure("it has expired")));
    expect(await client.call(call(method))).toMatchObject({ error: { code: "tls-failed" }, certainty: "not-done" });
    expect(pingOne.requests).toHaveLength(1);
  });

  test("the first good answer ends it", async () => {
    const { client, pingOne } = clientOn(inTurn(answer(503), answer(500, "<html>"), good, answer(500)));
    expect(await client.call(call("GET"))).toMatchObject({ ok: true, value: "ok" });
    expect(pingOne.requests).toHaveLength(3);
  });

  test("a connection that broke gets one more try, also after a token had to be renewed", async () => {
    const { client, pingOne } = clientOn(inTurn(answer(401), failure("reset", true), good));
    expect((await client.call(call("GET"))).ok).toBe(true);
    expect(pingOne.requests).toHaveLength(3);
  });

  test.each(methods)("%s at the device limit is never tried again", async (method) => {
    const limit = answer(429, refusal("REQUEST_LIMITED", [{ code: "LIMIT_EXCEEDED" }]));
    const { client, pingOne, clock } = clientOn(inTurn(limit));
    expect(await client.call(call(method))).toMatchObject({ error: { code: "device-limit-reached" } });
    expect(pingOne.requests).toHaveLength(1);
    expect(clock.waits).toEqual([]);
  });
});

describe("how long it waits", () => {
  test("one second, doubled, with up to 100 ms of jitter, four times", async () => {
    const { client, clock } = clientOn(inTurn(answer(503)));
    await client.call(call("GET"));
    expect(clock.waits).toHaveLength(4);
    for (const [index, wait] of clock.waits.entries()) {
      expect(wait).toBeGreaterThanOrEqual(1_000 * 2 ** index);
      expect(wait).toBeLessThan(1_000 * 2 ** index + 100);
    }
    expect(new Set(clock.waits.map((wait) => wait % 1_000)).size).toBe(4);
  });

  test("a renewed token does not make the waits longer", async () => {
    const { client, clock } = clientOn(inTurn(answer(401), answer(503), good));
    await client.call(call("GET"));
    expect(clock.waits).toHaveLength(1);
    expect(clock.waits[0]).toBeLessThan(1_100);
  });

  test("what Retry-After says, in seconds", async () => {
    const { client, clock } = clientOn(inTurn(answer(429, "", { "retry-after": "7" }), good));
    await client.call(call("POST"));
    expect(clock.waits).toEqual([7_000]);
  });

  test("what Retry-After says, as a date", async () => {
    const { client, clock } = clientOn((request, index) =>
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
      const { client, clock } = clientOn(inTurn(answer(503, "", { "retry-after": value }), good));
      await client.call(call("GET"));
      expect(clock.waits).toHaveLength(1);
      expect(clock.waits[0]).toBeGreaterThanOrEqual(1_000);
    },
  );

  test("half a minute is waited, more is told to the operator instead", async () => {
    const short = clientOn(inTurn(answer(429, "", { "retry-after": "30" }), good));
    expect((await short.client.call(call("GET"))).ok).toBe(true);
    const long = clientOn(inTurn(answer(429, "", { "retry-after": "31" }), good));
    expect(await long.client.call(call("GET"))).toMatchObject({
      error: { code: "rate-limited", retryAfterSeconds: 31 },
      status: 429,
    });
    expect(long.clock.waits).toEqual([]);
    expect(long.pingOne.requests).toHaveLength(1);
  });
});
