import { exportJWK, exportPKCS8, generateKeyPair } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Credential, createTokens } from "../../../src/core/pingone/tokens.ts";
import type { Http } from "../../../src/core/ports.ts";
import { createServerClock } from "../../../src/core/server-clock.ts";
import { createHttp as createNodeHttp } from "../../../src/node/http-node.ts";
import { createHttp } from "../../../src/node/http-undici.ts";
import { type AuthorizationServer, startAuthorizationServer } from "../../fakes/authorization-server.ts";
import { expectFailure, quickClock, watched } from "./setting.ts";

let server: AuthorizationServer;
let pem: string;
let jwk: string;
beforeAll(async () => {
  const pair = await generateKeyPair("RS256", { extractable: true });
  pem = await exportPKCS8(pair.privateKey);
  jwk = JSON.stringify({ ...(await exportJWK(pair.privateKey)), kid: "k1" });
  server = await startAuthorizationServer({ workerKey: { ...(await exportJWK(pair.publicKey)), kid: "k1" } });
});
afterAll(() => server.close());

type Kind = "secret-basic" | "secret-post" | "secret-jwt" | "key in PEM" | "key as JWK";
const kinds = ["secret-basic", "secret-post", "secret-jwt", "key in PEM", "key as JWK"] as const;

function credential(kind: Kind): Credential {
  const { basic, post, jwt } = server.workers;
  const { clientId } = server.keyWorker;
  switch (kind) {
    case "secret-basic":
      return { kind, ...basic };
    case "secret-post":
      return { kind, ...post };
    case "secret-jwt":
      return { kind, ...jwt };
    case "key in PEM":
      return { kind: "private-key-jwt", clientId, privateKey: pem, keyId: "k1" };
    case "key as JWK":
      return { kind: "private-key-jwt", clientId, privateKey: jwk, keyId: null };
  }
}

let serial = 0;
function tokensOf(given: Credential, at = server, http: Http = createHttp()) {
  const seen = watched(http);
  const clock = quickClock();
  const random = { uuid: () => `test-${(serial += 1)}-${performance.now()}`, fraction: () => 0 };
  const serverClock = createServerClock(clock);
  const endpoints = {
    apiBase: "http://127.0.0.1:9/v1",
    authBase: new URL(at.issuer).origin,
    issuer: at.issuer,
    environmentId: at.environmentId,
  };
  return {
    tokens: createTokens({ http: seen.http, clock, random }, endpoints, given, serverClock),
    serverClock,
    ...seen,
  };
}

describe.each(kinds)("a worker with %s", (kind) => {
  test.each([
    ["undici", createHttp],
    ["node:http", createNodeHttp],
  ])("gets a token, over %s", async (_name, create) => {
    const { tokens } = tokensOf(credential(kind), server, create());
    const outcome = await tokens.current();
    expect(outcome).toEqual({ ok: true, value: expect.stringMatching(/^[\w-]+$/) as string });
    if (!outcome.ok) return;
    tokens.refused(outcome.value);
    const next = await tokens.current();
    expect(next.ok && next.value !== outcome.value).toBe(true);
  });

  test("sends its secret in one place only, and the key in none", async () => {
    const { tokens, requests } = tokensOf(credential(kind));
    expect((await tokens.current()).ok).toBe(true);
    expect(requests).toHaveLength(1);
    const [{ url, headers, body }] = requests as [(typeof requests)[number]];
    expect(url).toBe(`${server.issuer}/token`);
    const form = Object.fromEntries(new URLSearchParams(body));
    expect(form["grant_type"]).toBe("client_credentials");
    expect("scope" in form).toBe(false);
    expect(headers["authorization"] !== undefined).toBe(kind === "secret-basic");
    expect("client_secret" in form).toBe(kind === "secret-post");
    expect("client_assertion" in form).toBe(kind !== "secret-basic" && kind !== "secret-post");
    expect(body).not.toContain("PRIVATE");
    if (kind === "secret-jwt") expect(body).not.toContain(server.workers.jwt.clientSecret);
  });

  test("that is wrong is refused, and nothing of it is told", async () => {
    const right = credential(kind);
    const other = await generateKeyPair("RS256", { extractable: true });
    const wrong: Credential =
      right.kind === "private-key-jwt"
        ? { ...right, privateKey: await exportPKCS8(other.privateKey), keyId: "k1" }
        : { ...right, clientSecret: `${right.clientSecret}-wrong` };
    const seen = tokensOf(wrong);
    expectFailure(await seen.tokens.current(), { code: "sign-in-refused", reason: "invalid_client" }, seen);
    expect(seen.requests).toHaveLength(1);
  });

  test("signs out: no token any more, and no request", async () => {
    const { tokens, requests } = tokensOf(credential(kind));
    await tokens.current();
    expect(await tokens.end()).toEqual({ ok: true, value: null });
    expect(await tokens.current()).toEqual({ ok: false, error: { code: "sign-in-required" } });
    expect(requests).toHaveLength(1);
  });
});

// An assertion that comes from the past has ended. One from the future this server takes as it is; others do not.
describe.each([
  [600_000, 2],
  [-600_000, 1],
])("a server whose clock is %d ms off", (clockOffsetMs, requestsNeeded) => {
  test("tells the time with its first answer, and a refused assertion is made anew by it", async () => {
    const off = await startAuthorizationServer({ clockOffsetMs });
    try {
      const { tokens, requests, serverClock } = tokensOf({ kind: "secret-jwt", ...server.workers.jwt }, off);
      expect(await tokens.current()).toMatchObject({ ok: true });
      expect(requests).toHaveLength(requestsNeeded);
      expect(Math.round((serverClock.offset()?.ms ?? 0) / 10_000)).toBe(-clockOffsetMs / 10_000);
      // From then on the first one is right.
      const before = requests.length;
      const outcome = await tokens.current();
      if (outcome.ok) tokens.refused(outcome.value);
      expect(await tokens.current()).toMatchObject({ ok: true });
      expect(requests).toHaveLength(before + 1);
    } finally {
      await off.close();
    }
  });

  test("does not get a wrong secret more than twice", async () => {
    const off = await startAuthorizationServer({ clockOffsetMs });
    try {
      const wrong = {
        kind: "secret-jwt",
        ...server.workers.jwt,
        clientSecret: "planted-wrong-secret-0123456789ab",
      } as const;
      const seen = tokensOf(wrong, off);
      expectFailure(await seen.tokens.current(), { code: "sign-in-refused", reason: "invalid_client" }, seen);
      expect(seen.requests).toHaveLength(2);
      const [one, other] = seen.requests.map(({ body }) => new URLSearchParams(body).get("client_assertion"));
      expect(one).not.toBe(other);
    } finally {
      await off.close();
    }
  });
});
