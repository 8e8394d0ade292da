import { decodeJwt } from "jose";
import { describe, expect, test } from "vitest";
import type { Simulator } from "../../src/simulator/index.ts";
import { at, callerOf, open, type Reply, send, textAt } from "./client.ts";
import {
  askToken,
  challengeOf,
  deviceGrant,
  identityScope,
  issuerOf,
  makeVerifier,
  post,
  refresh,
  selfServiceScope,
  tokensIn,
} from "./sign-in-client.ts";

type Changes = Readonly<Record<string, string | null>>;

const start = Date.parse("2026-03-01T12:00:00.000Z");

/** A simulator whose time stands still until the test moves it. */
const withClock = async (options: Parameters<typeof open>[0] = {}) => {
  let now = start;
  const simulator = await open({ now: () => now, ...options });
  return { simulator, pass: (seconds: number) => void (now += seconds * 1000) };
};

const begin = async (simulator: Simulator, changes: Changes = {}) => {
  const client_id = changes["client_id"] ?? simulator.technicianClientId;
  const asked = { client_id, scope: identityScope, ...changes };
  const { body, status } = await post(`${issuerOf(simulator)}/device_authorization`, asked);
  expect(status).toBe(200);
  const device_code = textAt(body, "device_code");
  const poll = (more: Changes = {}): Promise<Reply> =>
    askToken(simulator, { grant_type: deviceGrant, device_code, client_id, ...more });
  const page = textAt(body, "verification_uri");
  const user_code = textAt(body, "user_code");
  const decide = (username: string, decision = "allow", code = user_code): Promise<Reply> =>
    post(page, { user_code: code, username, decision });
  return { body, poll, page, user_code, decide, client_id };
};

const errorIs = (reply: Reply, error: string, status = 400): void =>
  expect([reply.status, at(reply.body, "error")]).toEqual([status, error]);

describe("/as/device_authorization", () => {
  test("gives the codes and the address of the page, which is not below /as", async () => {
    const simulator = await open();
    const { body, user_code, page } = await begin(simulator);
    expect(body).toEqual({
      device_code: expect.stringMatching(/^[0-9a-f-]{36}$/),
      user_code: expect.stringMatching(/^[A-Z]{4}-[A-Z]{4}$/),
      verification_uri: `${simulator.authUrl}/${simulator.environmentId}/device/technicians`,
      verification_uri_complete: `${page}?user_code=${user_code}`,
      expires_in: 600,
      interval: 5,
    });
  });

  test("takes lifetime and interval from the start", async () => {
    const simulator = await open({ deviceCodeSeconds: 30, pollingSeconds: 1 });
    expect((await begin(simulator)).body).toMatchObject({ expires_in: 30, interval: 1 });
  });

  test("of a custom domain leads to a page without the environment", async () => {
    const simulator = await open();
    const form = { client_id: simulator.technicianClientId };
    const { body } = await post(`${simulator.authUrl}/as/device_authorization`, form);
    const page = textAt(body, "verification_uri");
    expect(page).toBe(`${simulator.authUrl}/device/technicians`);
    expect((await send("GET", page)).status).toBe(200);
  });

  test.each([
    ["a worker", "clientId", {}, "invalid_client", 401],
    ["a scope for others", "technicianClientId", { scope: "openid p1:read:user" }, "invalid_scope", 400],
    ["a plain challenge", "technicianClientId", { code_challenge: "x".repeat(43) }, "invalid_request", 400],
  ] as const)("refuses %s", async (_name, client, changes, error, status) => {
    const simulator = await open();
    const url = `${issuerOf(simulator)}/device_authorization`;
    errorIs(await post(url, { client_id: simulator[client], ...changes }), error, status);
    const { clientId: client_id, clientSecret: client_secret } = simulator;
    errorIs(await post(url, { client_id, client_secret }), "unauthorized_client");
  });
});

describe("the page on another device", () => {
  test("is filled in with the code, and names what is asked for", async () => {
    const simulator = await open();
    const { body, user_code, page } = await begin(simulator);
    const filled = await send("GET", textAt(body, "verification_uri_complete"));
    expect(filled.status).toBe(200);
    expect(filled.headers.get("content-security-policy")).toContain("form-action 'self';");
    expect(filled.text).toContain(`value="${user_code}"`);
    expect(filled.text).toContain(identityScope);
    expect(filled.text).toContain("identity.admin");
    const empty = await send("GET", page);
    expect(empty.text).toContain('name="user_code" value=""');
    expect((await send("GET", `${page}-of-nobody`)).status).toBe(404);
    expect((await post(`${page}-of-nobody`, { user_code })).status).toBe(404);
  });

  test.each([
    ["a code that nobody has", "admin", "BBBB-BBBB", "There is no such code"],
    ["no code", "admin", "", "There is no such code"],
    ["an unknown account", "somebody", null, "There is no account of this name."],
    ["a user where administrators belong", "ada@example.com", null, "Only administrators"],
  ])("asks again after %s", async (_name, username, code, problem) => {
    const simulator = await open();
    const { decide, poll, user_code } = await begin(simulator);
    const reply = await decide(username, "allow", code ?? user_code);
    expect([reply.status, reply.headers.get("content-type")]).toEqual([400, "text/html;charset=utf-8"]);
    expect(reply.text).toContain(problem);
    errorIs(await poll(), "authorization_pending");
  });

  test("decides once, and not for codes of another application", async () => {
    const simulator = await open();
    const own = await begin(simulator);
    const other = await begin(simulator, { client_id: simulator.selfServiceClientId });
    expect((await post(own.page, { user_code: other.user_code, username: "admin", decision: "allow" })).status).toBe(
      400,
    );
    expect((await own.decide("admin")).text).toContain("Signed in");
    expect((await own.decide("", "deny")).status).toBe(400);
    expect((await own.poll()).status).toBe(200);
  });
});

describe("polling", () => {
  test("waits for the decision, then gives everything once", async () => {
    const { simulator, pass } = await withClock();
    const { poll, decide, user_code, client_id } = await begin(simulator);
    errorIs(await poll(), "authorization_pending");
    pass(5);
    errorIs(await poll(), "authorization_pending");
    // As people type it.
    await decide("admin", "allow", user_code.toLowerCase().replace("-", " "));
    pass(5);
    const tokens = tokensIn(await poll(), client_id);
    expect(decodeJwt(tokens.id)).toMatchObject({ preferred_username: "admin", aud: client_id });
    expect((await callerOf(simulator, tokens.access)("GET", "")).status).toBe(200);
    expect((await refresh(simulator, tokens)).status).toBe(200);
    pass(5);
    errorIs(await poll(), "invalid_grant");
  });

  test("too often is slowed down, by five seconds each time", async () => {
    const { simulator, pass } = await withClock();
    const { poll, decide } = await begin(simulator);
    errorIs(await poll(), "authorization_pending");
    pass(4);
    errorIs(await poll(), "slow_down");
    await decide("admin");
    pass(9);
    errorIs(await poll(), "slow_down");
    pass(15);
    expect((await poll()).status).toBe(200);
  });

  test("ends with access_denied", async () => {
    const simulator = await open();
    const { poll, decide } = await begin(simulator);
    expect((await decide("", "deny")).text).toContain("Denied");
    errorIs(await poll(), "access_denied");
  });

  test("ends with expired_token, and then the page does not know the code", async () => {
    const { simulator, pass } = await withClock();
    const { poll, decide } = await begin(simulator);
    pass(600);
    errorIs(await poll(), "expired_token");
    expect((await decide("admin")).text).toContain("There is no such code");
  });

  test("needs the verifier where there was a challenge", async () => {
    const simulator = await open();
    const verifier = makeVerifier();
    const { poll, decide } = await begin(simulator, {
      code_challenge: challengeOf(verifier),
      code_challenge_method: "S256",
    });
    await decide("admin");
    errorIs(await poll(), "invalid_grant");
    errorIs(await poll({ code_verifier: makeVerifier() }), "invalid_grant");
    expect((await poll({ code_verifier: verifier })).status).toBe(200);
  });

  test("is for the client that has begun", async () => {
    const simulator = await open();
    const { poll, decide } = await begin(simulator);
    await decide("admin");
    errorIs(await poll({ client_id: simulator.selfServiceClientId }), "invalid_grant");
    errorIs(await poll({ device_code: "x" }), "invalid_grant");
    errorIs(await poll({ device_code: null }), "invalid_request");
    expect((await poll()).status).toBe(200);
  });

  test("works for users as well", async () => {
    const simulator = await open();
    const { poll, decide, client_id } = await begin(simulator, {
      client_id: simulator.selfServiceClientId,
      scope: selfServiceScope,
    });
    await decide("ada@example.com");
    const { access } = tokensIn(await poll(), client_id);
    expect(decodeJwt(access)).toMatchObject({ sub: simulator.users[0]?.id ?? "", scope: selfServiceScope });
  });
});
