import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { fail, type Outcome } from "../../../src/contract/errors.ts";
import type { Clock, Http } from "../../../src/core/ports.ts";
import { type BrowserWaiting, signInWithBrowser } from "../../../src/core/sign-in/browser.ts";
import type { Grant } from "../../../src/core/sign-in/grant.ts";
import { selfServiceScopes, technicianScopes } from "../../../src/core/sign-in/scopes.ts";
import { createHttp as createNodeHttp } from "../../../src/node/http-node.ts";
import { createHttp } from "../../../src/node/http-undici.ts";
import { type AuthorizationServer, startAuthorizationServer } from "../../fakes/authorization-server.ts";
import { manualClock } from "../../fakes/manual-clock.ts";
import { visit } from "./person.ts";
import { altering, expectFailure, jsonOf, pretendListener, redirectUri, type Watched, watched } from "./setting.ts";

let server: AuthorizationServer;
beforeAll(async () => {
  server = await startAuthorizationServer();
});
afterEach(() => server.interfere(null));
afterAll(() => server.close());

type SignIn = Watched & {
  readonly outcome: Outcome<Grant>;
  readonly told: readonly BrowserWaiting[];
  readonly states: readonly string[];
};

type Given = {
  readonly at?: AuthorizationServer;
  readonly http?: Http;
  readonly scopes?: readonly string[];
  readonly decision?: "yes" | "no";
  /** What the browser brings back, made from what it should. */
  readonly bring?: (address: string) => string | Promise<string>;
  /** `false`: the system cannot open a page, and the person copies the address. */
  readonly opens?: boolean;
  readonly issuer?: string;
  readonly clientId?: string;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
};

/** One sign-in from beginning to end, with a person who presses the button. */
async function signIn(given: Given = {}): Promise<SignIn> {
  const at = given.at ?? server;
  const seen = watched(given.http ?? createHttp());
  const clock = given.clock ?? { ...manualClock(), now: () => Date.now(), monotonic: () => performance.now() };
  const listener = pretendListener(clock);
  const told: BrowserWaiting[] = [];
  const go = async (address: string): Promise<void> => {
    const back = await visit(address, given.decision);
    listener.returned(await (given.bring ?? String)(back));
  };
  const outcome = await signInWithBrowser(
    {
      http: seen.http,
      clock,
      listenForCallback: listener.listen,
      openPage: async (address) => {
        if (given.opens === false) return false;
        void go(address);
        return true;
      },
    },
    {
      issuer: given.issuer ?? at.issuer,
      clientId: given.clientId ?? at.clientId,
      redirectPort: 7464,
      scopes: given.scopes ?? technicianScopes,
    },
    (waiting) => {
      told.push(waiting);
      if (given.opens === false) void go(waiting.address);
    },
    given.signal ?? new AbortController().signal,
  );
  return { ...seen, outcome, told, states: listener.states };
}

const identity = (): Grant["identity"] => server.account;

describe.each([
  ["undici", createHttp],
  ["node:http", createNodeHttp],
])("over %s", (_name, create) => {
  test("a technician signs in", async () => {
    const { outcome } = await signIn({ http: create() });
    expect(outcome).toEqual({
      ok: true,
      value: {
        accessToken: expect.any(String) as string,
        expiresInMs: 3_600_000,
        refreshToken: expect.any(String) as string,
        scopes: technicianScopes,
        identity: identity(),
      },
    });
  });

  test("a user signs in for the own devices", async () => {
    const { outcome } = await signIn({ http: create(), scopes: selfServiceScopes });
    expect(outcome).toMatchObject({ ok: true, value: { identity: identity() } });
    expect(outcome.ok && [...outcome.value.scopes].sort()).toEqual([...selfServiceScopes].sort());
  });
});

describe("what is sent", () => {
  test("PKCE with S256, state and nonce go to the page, the verifier to the token endpoint alone", async () => {
    const { told, states, requests } = await signIn();
    const page = new URL(told[0]?.address ?? "");
    expect(page.origin + page.pathname).toBe(`${server.issuer}/authorize`);
    expect(Object.fromEntries(page.searchParams)).toEqual({
      client_id: server.clientId,
      response_type: "code",
      redirect_uri: redirectUri,
      scope: "openid profile",
      code_challenge: expect.stringMatching(/^[\w-]{43}$/) as string,
      code_challenge_method: "S256",
      state: states[0],
      nonce: expect.stringMatching(/^[\w-]{43}$/) as string,
    });
    const form = Object.fromEntries(new URLSearchParams(requests.find(({ method }) => method === "POST")?.body));
    expect(form).toEqual({
      grant_type: "authorization_code",
      client_id: server.clientId,
      redirect_uri: redirectUri,
      code: expect.any(String) as string,
      code_verifier: expect.stringMatching(/^[\w-]{43}$/) as string,
    });
    expect(page.href).not.toContain(form["code_verifier"]);
  });

  test("no two sign-ins share a state, a nonce or a verifier", async () => {
    const [one, other] = [await signIn(), await signIn()];
    for (const name of ["state", "nonce", "code_challenge"]) {
      const values = [one, other].map(({ told }) => new URL(told[0]?.address ?? "").searchParams.get(name));
      expect(values[0]).not.toBe(values[1]);
    }
  });

  test("who waits is told the address and how long", async () => {
    const before = Date.now();
    const { told } = await signIn();
    expect(told).toHaveLength(1);
    expect(told[0]?.deadlineAt).toBeGreaterThanOrEqual(before + 300_000);
    expect(told[0]?.deadlineAt).toBeLessThanOrEqual(Date.now() + 300_000);
  });
});

test("a browser that cannot be opened is no failure: the address can be copied", async () => {
  const { outcome, told } = await signIn({ opens: false });
  expect(outcome).toMatchObject({ ok: true, value: { identity: identity() } });
  expect(await told[0]?.reopen()).toBe(false);
});

describe("who it is", () => {
  test("is asked for where the id token does not tell names", async () => {
    const shy = await startAuthorizationServer({ namesInIdToken: false });
    try {
      const { outcome } = await signIn({ at: shy });
      expect(outcome).toMatchObject({ ok: true, value: { identity: identity() } });
      expect(shy.requests).toContain("GET /as/userinfo");
      const broken = altering(createHttp(), "/userinfo", (response) => ({ ...response, status: 500, body: "oops" }));
      const nameless = await signIn({ at: shy, http: broken });
      expect(nameless.outcome).toMatchObject({
        ok: true,
        value: { identity: { subject: server.account.subject, username: null, name: null } },
      });
      // Names of somebody else are not taken.
      const foreign = altering(createHttp(), "/userinfo", (response) => ({
        ...response,
        body: JSON.stringify({ ...jsonOf(response), sub: "somebody-else" }),
      }));
      expect((await signIn({ at: shy, http: foreign })).outcome).toMatchObject({
        ok: true,
        value: { identity: { subject: server.account.subject, username: null, name: null } },
      });
    } finally {
      await shy.close();
    }
  });
});

describe("the person", () => {
  test("declines", async () => {
    const signedIn = await signIn({ decision: "no" });
    expectFailure(
      signedIn.outcome,
      { code: "sign-in-denied", serverMessage: expect.stringContaining("declined") },
      signedIn,
    );
    expect(signedIn.requests.filter(({ method }) => method === "POST")).toEqual([]);
  });

  test("never comes back", async () => {
    const manual = manualClock();
    const clock = { ...manual, now: () => Date.now(), monotonic: () => performance.now() };
    const running = signIn({ clock, opens: false, bring: () => new Promise<string>(() => undefined) });
    await expect.poll(() => manual.waiting()).toBe(1);
    manual.advance(300_000);
    const { outcome } = await running;
    expect(outcome).toEqual({ ok: false, error: { code: "sign-in-timed-out", seconds: 300 } });
  });

  test("gives up", async () => {
    const manual = manualClock();
    const clock = { ...manual, now: () => Date.now(), monotonic: () => performance.now() };
    const giveUp = new AbortController();
    const bring = () => new Promise<string>(() => undefined);
    const running = signIn({ clock, signal: giveUp.signal, bring });
    await expect.poll(() => manual.waiting()).toBe(1);
    giveUp.abort();
    expect((await running).outcome).toEqual({ ok: false, error: { code: "cancelled" } });
  });

  test("gave up before it began", async () => {
    const { outcome, told } = await signIn({ signal: AbortSignal.abort() });
    expect(outcome).toEqual({ ok: false, error: { code: "cancelled" } });
    expect(told).toEqual([]);
  });

  test("gives up while the code is being redeemed", async () => {
    const giveUp = new AbortController();
    server.interfere((request, _response, serve) => {
      if (request.method === "POST" && request.url?.endsWith("/token") === true) giveUp.abort();
      else serve();
    });
    expect((await signIn({ signal: giveUp.signal })).outcome).toEqual({ ok: false, error: { code: "cancelled" } });
  });
});

test("a port that somebody else has is told, and no page is opened", async () => {
  const taken = { code: "sign-in-port-taken", port: 7464, program: "nc" } as const;
  const opened: string[] = [];
  const outcome = await signInWithBrowser(
    {
      http: createHttp(),
      clock: { ...manualClock(), now: () => Date.now() },
      listenForCallback: async () => fail(taken),
      openPage: async (address) => opened.push(address) > 0,
    },
    { issuer: server.issuer, clientId: server.clientId, redirectPort: 7464, scopes: technicianScopes },
    ({ address }) => opened.push(address),
    new AbortController().signal,
  );
  expect(outcome).toEqual({ ok: false, error: taken });
  expect(opened).toEqual([]);
});

describe("what the browser brings back", () => {
  const changed = (change: (address: URL) => void) => (address: string) => {
    const url = new URL(address);
    change(url);
    return url.href;
  };
  const notOurs = {
    code: "sign-in-invalid",
    problem: "what the browser brought back does not belong to this sign-in",
  } as const;
  test.each([
    ["another state", changed((url) => url.searchParams.set("state", "another")), notOurs],
    ["no state", changed((url) => url.searchParams.delete("state")), notOurs],
    ["two states", changed((url) => url.searchParams.append("state", "another")), notOurs],
    ["another issuer", changed((url) => url.searchParams.set("iss", "https://auth.example.com/as")), notOurs],
    ["no issuer", changed((url) => url.searchParams.delete("iss")), notOurs],
    ["no code", changed((url) => url.searchParams.delete("code")), notOurs],
    ["two codes", changed((url) => url.searchParams.append("code", "another")), notOurs],
    ["tokens in the address", changed((url) => url.searchParams.set("id_token", "ey")), notOurs],
    ["another port", changed((url) => (url.port = "9")), { code: "sign-in-invalid" } as const],
    ["another path", changed((url) => (url.pathname = "/other")), { code: "sign-in-invalid" } as const],
    ["nothing that is an address", () => "%%%", { code: "sign-in-invalid" } as const],
  ])("%s: nothing is redeemed", async (_case, bring, error) => {
    const signedIn = await signIn({ bring });
    expectFailure(signedIn.outcome, error, signedIn);
    expect(signedIn.requests.filter(({ method }) => method === "POST")).toEqual([]);
  });

  test("a code that was redeemed before", async () => {
    let stolen = "";
    await signIn({ bring: (address) => (stolen = address) });
    const bring = changed((url) => url.searchParams.set("code", new URL(stolen).searchParams.get("code") ?? ""));
    const signedIn = await signIn({ bring });
    expectFailure(signedIn.outcome, { code: "sign-in-refused", reason: "invalid_grant" }, signedIn);
  });

  test("a code that the server does not know", async () => {
    const signedIn = await signIn({ bring: changed((url) => url.searchParams.set("code", "planted-code-0123")) });
    expectFailure(signedIn.outcome, { code: "sign-in-refused", reason: "invalid_grant" }, signedIn);
  });

  test("an error of the server that is not the person's no", async () => {
    const bring = changed((url) => {
      url.searchParams.delete("code");
      url.searchParams.set("error", "invalid_scope");
      url.searchParams.set("error_description", "Not granted (Correlation ID: c-1)");
    });
    const signedIn = await signIn({ bring });
    const expected = {
      code: "sign-in-refused",
      reason: "invalid_scope",
      serverMessage: "Not granted (Correlation ID: c-1)",
    } as const;
    expectFailure(signedIn.outcome, expected, signedIn);
  });
});

describe("an identity that is not ours", () => {
  /** The token endpoint's answer with other claims, signed by the server itself. */
  const forged = (change: (claims: Record<string, unknown>) => Record<string, unknown>): Http =>
    altering(createHttp(), "/token", async (response) => {
      const [, payload] = String(jsonOf(response)["id_token"]).split(".");
      const claims = JSON.parse(Buffer.from(payload ?? "", "base64url").toString()) as Record<string, unknown>;
      const idToken = await server.sign(change(claims));
      return { ...response, body: JSON.stringify({ ...jsonOf(response), id_token: idToken }) };
    });
  const seconds = () => Math.floor(Date.now() / 1000);
  const without = (name: string) => (claims: Record<string, unknown>) =>
    Object.fromEntries(Object.entries(claims).filter(([key]) => key !== name));

  test.each<[string, (claims: Record<string, unknown>) => Record<string, unknown>]>([
    ["of another issuer", (claims) => ({ ...claims, iss: `${String(claims["iss"])}/` })],
    ["for another application", (claims) => ({ ...claims, aud: "another" })],
    ["for us and another, not saying for whom", (claims) => ({ ...claims, aud: [server.clientId, "another"] })],
    ["for another party", (claims) => ({ ...claims, azp: "another" })],
    ["for another sign-in", (claims) => ({ ...claims, nonce: "another" })],
    ["for no sign-in", without("nonce")],
    ["without a subject", without("sub")],
    ["without an end", without("exp")],
    ["that has ended", (claims) => ({ ...claims, exp: seconds() - 60 })],
    ["that has not begun", (claims) => ({ ...claims, nbf: seconds() + 120 })],
  ])("%s", async (_case, change) => {
    const signedIn = await signIn({ http: forged(change) });
    expectFailure(signedIn.outcome, { code: "sign-in-invalid" }, signedIn);
  });

  test("the forgery itself is not what fails: unchanged claims pass", async () => {
    expect((await signIn({ http: forged((claims) => claims) })).outcome).toMatchObject({ ok: true });
  });

  test.each<[string, (idToken: string) => string | undefined]>([
    ["signed by nobody", (idToken) => `${idToken.split(".").slice(0, 2).join(".")}.`],
    ["with a broken signature", (idToken) => idToken.replace(/\.[^.]{8}([^.]*)$/, ".AAAAAAAA$1")],
    ["with the algorithm none", (idToken) => `eyJhbGciOiJub25lIn0.${idToken.split(".")[1]}.`],
    ["encrypted", () => "a.b.c.d.e"],
    ["no token at all", () => "planted-nonsense"],
    ["missing", () => undefined],
  ])("%s", async (_case, change) => {
    const http = altering(createHttp(), "/token", (response) => {
      const reply = jsonOf(response);
      return { ...response, body: JSON.stringify({ ...reply, id_token: change(String(reply["id_token"])) }) };
    });
    const signedIn = await signIn({ http });
    expectFailure(signedIn.outcome, { code: "sign-in-invalid" }, signedIn);
  });

  test("signed with a key that the server does not publish", async () => {
    const other = await startAuthorizationServer();
    try {
      const http = altering(createHttp(), "/jwks", async () => {
        const result = await createHttp()({
          method: "GET",
          url: `${other.issuer}/jwks`,
          headers: {},
          timeoutMs: 5_000,
          maxBytes: 65_536,
        });
        return result.ok ? result.response : { status: 500, headers: {}, body: "" };
      });
      const signedIn = await signIn({ http });
      expectFailure(signedIn.outcome, { code: "sign-in-invalid", problem: expect.stringContaining("key") }, signedIn);
    } finally {
      await other.close();
    }
  });

  test("keys that were changed since the last sign-in are no surprise", async () => {
    expect((await signIn()).outcome).toMatchObject({ ok: true });
    await server.rotateKeys();
    expect((await signIn()).outcome).toMatchObject({ ok: true, value: { identity: identity() } });
  });
});

describe("a server with another time", () => {
  const minutes = 60_000;
  test.each([10 * minutes, -10 * minutes, 120 * minutes, -120 * minutes])("%d ms off", async (clockOffsetMs) => {
    const off = await startAuthorizationServer({ clockOffsetMs });
    try {
      expect((await signIn({ at: off })).outcome).toMatchObject({ ok: true, value: { identity: identity() } });
    } finally {
      await off.close();
    }
  });

  test("and without a date in its answers: an identity that ended an hour ago by our clock is none", async () => {
    const off = await startAuthorizationServer({ clockOffsetMs: -120 * minutes });
    try {
      const http: Http = async (request) => {
        const result = await createHttp()(request);
        if (!result.ok) return result;
        const { date: _date, ...headers } = result.response.headers;
        return { ok: true, response: { ...result.response, headers } };
      };
      const signedIn = await signIn({ at: off, http });
      const problem = "the identity is not valid at this time";
      expectFailure(signedIn.outcome, { code: "sign-in-invalid", problem }, signedIn);
    } finally {
      await off.close();
    }
  });
});
