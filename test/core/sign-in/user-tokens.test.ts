import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { fail, ok } from "../../../src/contract/errors.ts";
import type { Http, HttpRequest, HttpResult } from "../../../src/core/ports.ts";
import { signInWithDeviceCode } from "../../../src/core/sign-in/device-code.ts";
import type { Grant } from "../../../src/core/sign-in/grant.ts";
import { technicianScopes } from "../../../src/core/sign-in/scopes.ts";
import { createUserTokens, type Keeper } from "../../../src/core/sign-in/user-tokens.ts";
import { createHttp as createNodeHttp } from "../../../src/node/http-node.ts";
import { createHttp } from "../../../src/node/http-undici.ts";
import { type AuthorizationServer, startAuthorizationServer } from "../../fakes/authorization-server.ts";
import { answer, failure, gate } from "../../fakes/http.ts";
import { visit } from "./person.ts";
import { altering, expectFailure, jsonOf, quickClock, type Watched, watched } from "./setting.ts";

let server: AuthorizationServer;
beforeAll(async () => {
  server = await startAuthorizationServer();
});
afterEach(() => server.interfere(null));
afterAll(() => server.close());

const application = () => ({ issuer: server.issuer, clientId: server.clientId });

let grant: Grant;
beforeEach(async () => {
  const enter = Promise.withResolvers<string>();
  const entered = enter.promise.then((address) => visit(address));
  const http: Http = async (request) => {
    if (request.url.endsWith("/token")) await entered;
    return createHttp()(request);
  };
  const outcome = await signInWithDeviceCode(
    { http, clock: quickClock() },
    { ...application(), scopes: technicianScopes },
    (waiting) => enter.resolve(waiting.completeAddress ?? ""),
    new AbortController().signal,
  );
  if (!outcome.ok) throw new Error(outcome.error.code);
  grant = outcome.value;
});

type Store = Keeper & { kept: string | null; readonly events: string[]; failing: boolean };

/** What several processes share: one place, one lock. */
function store(kept: string | null): Store {
  let turn: Promise<unknown> = Promise.resolve();
  const shared: Store = {
    kept,
    events: [],
    failing: false,
    keep: async (refreshToken) => {
      shared.events.push("keep");
      if (shared.failing) return fail({ code: "secret-store-failed", problem: "it is locked" });
      shared.kept = refreshToken;
      return ok(null);
    },
    forget: async () => {
      shared.events.push("forget");
      if (!shared.failing) shared.kept = null;
      return ok(null);
    },
    current: async () => shared.kept,
    exclusively: (work) => {
      const mine = turn.then(work);
      turn = mine.catch(() => undefined);
      return mine;
    },
  };
  return shared;
}

type Given = { readonly http?: Http; readonly start?: Grant | { refreshToken: string }; readonly keeper?: Store };

function session(given: Given = {}) {
  const start = given.start ?? grant;
  const keeper = given.keeper ?? store(start.refreshToken);
  const seen: Watched = watched(given.http ?? createHttp());
  const clock = quickClock();
  const tokens = createUserTokens({ http: seen.http, clock }, application(), start, keeper);
  /** The refresh tokens that were sent to be used, in order. */
  const used = () =>
    seen.requests.flatMap(({ url, body }) => {
      const token = url.endsWith("/token") ? new URLSearchParams(body).get("refresh_token") : null;
      return token === null ? [] : [token];
    });
  return { tokens, keeper, clock, used, ...seen };
}

/** Asks the server for a refresh, as a thief would. */
async function steal(refreshToken: string) {
  const form = { grant_type: "refresh_token", refresh_token: refreshToken, client_id: server.clientId };
  const response = await fetch(`${server.issuer}/token`, { method: "POST", body: new URLSearchParams(form) });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

/** Instead of the server, for requests to the token endpoint. */
const answering =
  (by: (request: HttpRequest, real: Http) => Promise<HttpResult>): Http =>
  (request) =>
    request.url.endsWith("/token") ? by(request, createHttp()) : createHttp()(request);

const hour = 3_600_000;
const expired = { code: "sign-in-required", reason: "expired" } as const;

describe("a session", () => {
  test("uses what the sign-in brought, and asks nobody", async () => {
    const { tokens, requests } = session();
    expect(await tokens.current()).toEqual({ ok: true, value: grant.accessToken });
    expect(requests).toEqual([]);
    expect(tokens.identity()).toEqual(server.account);
    expect(tokens.scopes()).toEqual(technicianScopes);
  });

  test.each([
    ["undici", createHttp],
    ["node:http", createNodeHttp],
  ])("gets a new token in time, hour after hour, over %s", async (_name, create) => {
    const { tokens, clock, keeper, used } = session({ http: create() });
    const seen = new Set([grant.accessToken]);
    for (let round = 1; round <= 3; round += 1) {
      await clock.wait(hour - 60_000);
      const outcome = await tokens.current();
      expect(outcome.ok && outcome.value).toMatch(/^[\w-]+$/);
      if (outcome.ok) seen.add(outcome.value);
      expect(seen.size).toBe(round + 1);
      expect(await tokens.current()).toEqual(outcome);
    }
    // Each one once, and the last is the kept one.
    expect(new Set(used()).size).toBe(3);
    expect(used()[0]).toBe(grant.refreshToken);
    expect(used()).not.toContain(keeper.kept);
    expect(keeper.events).toEqual(["keep", "keep", "keep"]);
  });

  test("begins with a kept refresh token, and learns from the answer who it is", async () => {
    const { tokens } = session({ start: { refreshToken: grant.refreshToken ?? "" } });
    expect(tokens.identity()).toBeNull();
    expect((await tokens.current()).ok).toBe(true);
    expect(tokens.identity()).toEqual(server.account);
    expect([...tokens.scopes()].sort()).toEqual([...technicianScopes].sort());
  });

  test("callers at the same moment share one refresh", async () => {
    const { tokens, clock, used } = session();
    await clock.wait(hour);
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => tokens.current()));
    expect(new Set(outcomes.map((outcome) => outcome.ok && outcome.value)).size).toBe(1);
    expect(used()).toHaveLength(1);
  });

  test("a refused token is replaced once; one that is not held any more changes nothing", async () => {
    const { tokens, used } = session();
    tokens.refused(grant.accessToken);
    tokens.refused(grant.accessToken);
    const renewed = await tokens.current();
    expect(renewed.ok && renewed.value).not.toBe(grant.accessToken);
    tokens.refused(grant.accessToken);
    expect(await tokens.current()).toEqual(renewed);
    expect(used()).toHaveLength(1);
  });

  test("without a refresh token ends with its access token, whatever somebody else has kept", async () => {
    const { tokens, clock, used } = session({ start: { ...grant, refreshToken: null }, keeper: store("somebody's") });
    expect((await tokens.current()).ok).toBe(true);
    await clock.wait(hour);
    expect(await tokens.current()).toEqual({ ok: false, error: expired });
    expect(used()).toEqual([]);
  });

  test("keeps the new refresh token before it hands out the access token", async () => {
    const keeper = store(grant.refreshToken);
    const keeping = gate<null>();
    const { keep } = keeper;
    Object.assign(keeper, { keep: async (token: string) => (await keeping.passed, keep(token)) });
    const { tokens, clock } = session({ keeper });
    await clock.wait(hour);
    let handedOut = false;
    const running = tokens.current().then((outcome) => {
      handedOut = true;
      return outcome;
    });
    await expect.poll(() => server.requests.at(-1)).toBe("POST /as/token");
    expect([handedOut, keeper.kept]).toEqual([false, grant.refreshToken]);
    keeping.open(null);
    expect((await running).ok).toBe(true);
    expect(keeper.kept).not.toBe(grant.refreshToken);
  });
});

describe("two processes", () => {
  test("never send the same refresh token", async () => {
    const keeper = store(grant.refreshToken);
    const [one, other] = [session({ keeper }), session({ keeper })];
    for (let round = 0; round < 3; round += 1) {
      await Promise.all([one.clock.wait(hour), other.clock.wait(hour)]);
      const outcomes = await Promise.all([one.tokens.current(), other.tokens.current()]);
      expect(outcomes.map((outcome) => outcome.ok)).toEqual([true, true]);
    }
    const all = [...one.used(), ...other.used()];
    expect(new Set(all).size).toBe(6);
  });

  test("when somebody else has signed in meanwhile, the session is theirs and ours has ended", async () => {
    const http = altering(createHttp(), "/token", async (response) => {
      const [, payload] = String(jsonOf(response)["id_token"]).split(".");
      const claims = JSON.parse(Buffer.from(payload ?? "", "base64url").toString()) as Record<string, unknown>;
      const idToken = await server.sign({ ...claims, sub: "somebody-else" });
      return { ...response, body: JSON.stringify({ ...jsonOf(response), id_token: idToken }) };
    });
    const seen = session({ http });
    seen.tokens.refused(grant.accessToken);
    const problem = "another account has signed in meanwhile";
    expectFailure(await seen.tokens.current(), { code: "sign-in-invalid", problem }, seen);
    expect(await seen.tokens.current()).toEqual({ ok: false, error: { code: "sign-in-required" } });
    // What they have is still good.
    expect((await steal(seen.keeper.kept ?? "")).status).toBe(200);
  });
});

describe("a refresh token that the server does not take", () => {
  test("because a thief has used it: the session is over, and so is the thief's", async () => {
    const seen = session();
    const stolen = await steal(grant.refreshToken ?? "");
    expect(stolen.status).toBe(200);
    seen.tokens.refused(grant.accessToken);
    expectFailure(await seen.tokens.current(), expired, seen);
    expect(seen.keeper.kept).toBeNull();
    expect(await steal(String(stolen.body["refresh_token"]))).toMatchObject({
      status: 400,
      body: { error: "invalid_grant" },
    });
    // And nothing is tried again.
    expectFailure(await seen.tokens.current(), expired, seen);
    expect(seen.used()).toHaveLength(1);
  });

  test("because it is of another server", async () => {
    const seen = session({ start: { refreshToken: "planted-refresh-token-0123" } });
    expectFailure(await seen.tokens.current(), expired, seen);
    expect(seen.keeper.kept).toBeNull();
  });
});

describe("an answer that is lost", () => {
  const lost: Record<string, (request: HttpRequest, real: Http) => Promise<HttpResult>> = {
    "on the way back": async (request, real) => {
      await real(request);
      return failure("reset", true);
    },
    "in a time-out": async (request, real) => {
      await real(request);
      return failure("timed-out", true);
    },
    "in a gateway": async () => answer(502, "<html>", { "content-type": "text/html" }),
    "in a crash": async () => answer(500, ""),
    "in HTML": async () => answer(200, "<html>", { "content-type": "text/html" }),
    "half way": async () => answer(200, '{"access_token":"eyJ'),
    "without a token": async () => answer(200, { token_type: "Bearer" }),
    "being far too much": async () => failure("too-large", true),
  };
  test.each(Object.entries(lost))("%s: the session is over, the token is not sent again", async (_case, by) => {
    const seen = session({ http: answering(by) });
    seen.tokens.refused(grant.accessToken);
    expectFailure(await seen.tokens.current(), expired, seen);
    expectFailure(await seen.tokens.current(), expired, seen);
    expect(seen.used()).toEqual([grant.refreshToken]);
    expect(seen.keeper.kept).toBeNull();
  });

  test("on a real socket, after the server has rotated", async () => {
    server.interfere((request, response, serve) => {
      if (request.url?.endsWith("/token") === true) {
        response.end = (() => request.socket.destroy()) as unknown as typeof response.end;
      }
      serve();
    });
    const seen = session();
    seen.tokens.refused(grant.accessToken);
    expectFailure(await seen.tokens.current(), expired, seen);
    expect(seen.used()).toEqual([grant.refreshToken]);
    server.interfere(null);
    // It had rotated: sending the old one again would have been taken for theft.
    expect(await steal(grant.refreshToken ?? "")).toMatchObject({ status: 400, body: { error: "invalid_grant" } });
  });
});

describe("a refresh that was not acted on", () => {
  test.each([
    ["no network", failure("unresolved", false), { code: "network-failed", reason: "unresolved" }],
    ["nobody there", failure("refused", false), { code: "network-failed", reason: "refused" }],
    ["throttled", answer(429, "", { "retry-after": "3" }), { code: "rate-limited", retryAfterSeconds: 3 }],
    ["down", answer(503, "<html>"), { code: "server-unavailable", status: 503 }],
    ["a redirect", answer(302, "", { location: "https://evil.example.com/" }), { code: "reply-invalid" }],
    ["a proxy's page", answer(403, "<html>", { "content-type": "text/html" }), { code: "sign-in-refused" }],
    [
      "another refusal",
      answer(400, { error: "invalid_client" }),
      { code: "sign-in-refused", reason: "invalid_client" },
    ],
  ] as const)("%s is told, and the session goes on afterwards", async (_case, trouble, error) => {
    let down = true;
    const seen = session({ http: answering((request, real) => (down ? Promise.resolve(trouble) : real(request))) });
    seen.tokens.refused(grant.accessToken);
    expectFailure(await seen.tokens.current(), error, seen);
    expect(seen.keeper.kept).toBe(grant.refreshToken);
    down = false;
    expect((await seen.tokens.current()).ok).toBe(true);
    expect(seen.keeper.kept).not.toBe(grant.refreshToken);
  });

  test("because the server could not be asked who it is", async () => {
    server.interfere((_request, response) => response.writeHead(200, { "content-type": "text/html" }).end("<html>"));
    const seen = session();
    seen.tokens.refused(grant.accessToken);
    expectFailure(await seen.tokens.current(), { code: "reply-invalid" }, seen);
    server.interfere(null);
    expect((await seen.tokens.current()).ok).toBe(true);
    expect(seen.used()).toEqual([grant.refreshToken]);
  });
});

test("a store that fails: the session goes on in memory, and nobody finds the spent token", async () => {
  const keeper = store(grant.refreshToken);
  const { tokens, clock, used } = session({ keeper });
  keeper.failing = true;
  for (let round = 0; round < 2; round += 1) {
    await clock.wait(hour);
    expect((await tokens.current()).ok).toBe(true);
  }
  expect(new Set(used()).size).toBe(2);
  // It could neither be replaced nor removed; at least it is not sent again from here.
  expect(keeper.kept).toBe(grant.refreshToken);
  expect(keeper.events).toEqual(["keep", "forget", "keep", "forget"]);
});

test("a server that does not rotate goes on with the same refresh token", async () => {
  const http = altering(createHttp(), "/token", (response) => {
    const { refresh_token: _rotated, ...reply } = jsonOf(response);
    return { ...response, body: JSON.stringify(reply) };
  });
  const { tokens, keeper } = session({ http });
  tokens.refused(grant.accessToken);
  expect((await tokens.current()).ok).toBe(true);
  expect(keeper.kept).toBe(grant.refreshToken);
  expect(keeper.events).toEqual([]);
});

describe("signing out", () => {
  const over = { ok: false, error: { code: "sign-in-required" } };

  test("revokes the refresh token, forgets everything, and every call is told", async () => {
    const { tokens, keeper, requests } = session();
    expect(await tokens.end()).toEqual({ ok: true, value: null });
    expect(requests.map(({ url }) => url)).toContain(`${server.issuer}/revoke`);
    expect(keeper.kept).toBeNull();
    expect(await tokens.current()).toEqual(over);
    tokens.refused(grant.accessToken);
    expect(await tokens.current()).toEqual(over);
    expect(await steal(grant.refreshToken ?? "")).toMatchObject({ status: 400, body: { error: "invalid_grant" } });
    // A second time is no harm.
    expect(await tokens.end()).toEqual({ ok: true, value: null });
  });

  test("while a refresh is on its way: whoever asked gets no token, and what came is revoked", async () => {
    const held = gate<null>();
    const http = answering(async (request, real) => {
      const result = await real(request);
      await held.passed;
      return result;
    });
    const { tokens, keeper, used } = session({ http });
    tokens.refused(grant.accessToken);
    const asking = tokens.current();
    await expect.poll(() => used().length).toBe(1);
    const ending = tokens.end();
    held.open(null);
    expect(await asking).toEqual(over);
    expect(await ending).toEqual({ ok: true, value: null });
    expect(keeper.events).toEqual(["keep", "forget"]);
    expect(keeper.kept).toBeNull();
  });

  test("without a network: forgotten all the same, and it is told that PingOne does not know", async () => {
    const { tokens, keeper } = session({ http: async () => failure("unresolved", false) });
    expect(await tokens.end()).toMatchObject({ ok: false, error: { code: "network-failed", reason: "unresolved" } });
    expect(keeper.kept).toBeNull();
    expect(await tokens.current()).toEqual(over);
  });

  test("without a refresh token the access token is revoked", async () => {
    const { tokens, requests } = session({ start: { ...grant, refreshToken: null }, keeper: store(null) });
    expect(await tokens.end()).toEqual({ ok: true, value: null });
    const form = Object.fromEntries(new URLSearchParams(requests.at(-1)?.body));
    expect(form).toMatchObject({ token: grant.accessToken, token_type_hint: "access_token" });
  });

  test("at a server without revocation there is nothing to tell", async () => {
    const http = altering(createHttp(), "/openid-configuration", (response) => ({
      ...response,
      body: JSON.stringify({ ...jsonOf(response), revocation_endpoint: undefined }),
    }));
    const { tokens, requests } = session({ http });
    expect(await tokens.end()).toEqual({ ok: true, value: null });
    expect(requests).toHaveLength(1);
  });

  test("a refusal is told without the token, even when the server repeats it", async () => {
    const seen = session({
      http: async (request) =>
        request.url.endsWith("/revoke")
          ? answer(400, { error: "invalid_request", error_description: `What is ${grant.refreshToken}?` })
          : createHttp()(request),
    });
    const expected = { code: "sign-in-refused", serverMessage: "What is [redacted]?" } as const;
    expectFailure(await seen.tokens.end(), expected, seen);
    expect(seen.keeper.kept).toBeNull();
  });
});
