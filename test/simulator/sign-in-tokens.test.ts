import { createRemoteJWKSet, decodeJwt, jwtVerify } from "jose";
import { describe, expect, test } from "vitest";
import { at, callerOf, expectRefusal, fetchToken, open, type Reply, send } from "./client.ts";
import {
  askToken,
  destinationOf,
  identityScope,
  issuerOf,
  makeVerifier,
  obtainCode,
  post,
  redeem,
  refresh,
  requestOf,
  selfServiceScope,
  signInAs,
  signInAsUser,
  submitPage,
  tokensIn,
} from "./sign-in-client.ts";

const errorIs = (reply: Reply, error: string, status = 400): void => {
  expect([reply.status, at(reply.body, "error")]).toEqual([status, error]);
  expect(at(reply.body, "error_description")).toMatch(/\(Correlation ID: [0-9a-f-]{36}\)$/);
};

const begin = Date.parse("2026-03-01T12:00:00.000Z");

describe("a code", () => {
  test("becomes tokens that say who has signed in", async () => {
    const simulator = await open();
    const obtained = await obtainCode(simulator, "identity.admin");
    const reply = await redeem(simulator, obtained);
    expect(reply.status).toBe(200);
    expect(reply.body).toEqual({
      access_token: expect.any(String),
      token_type: "Bearer",
      expires_in: 3600,
      scope: identityScope,
      refresh_token: expect.stringMatching(/^[\w-]{43}$/),
      id_token: expect.any(String),
    });
    const { id, access } = tokensIn(reply, obtained.clientId);
    const issuer = issuerOf(simulator);
    const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`));
    const about = { issuer, audience: simulator.technicianClientId };
    const { payload, protectedHeader } = await jwtVerify(id, keys, about);
    expect(protectedHeader.alg).toBe("RS256");
    expect(payload).toMatchObject({
      nonce: "nonce of the test",
      preferred_username: "identity.admin",
      name: "Barbara Liskov",
      email: "identity.admin@example.com",
      auth_time: expect.any(Number),
    });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(3600);
    expect(decodeJwt(access)).toMatchObject({
      iss: issuer,
      aud: [new URL(simulator.apiUrl).origin],
      sub: payload.sub,
      client_id: simulator.technicianClientId,
      env: simulator.environmentId,
      scope: identityScope,
    });
  });

  test("of a user has the user's id as subject, and says no more than the scope allows", async () => {
    const simulator = await open();
    const { id } = await signInAsUser(simulator, "ada@example.com", "openid p1:read:device");
    const claims = decodeJwt(id);
    expect(claims.sub).toBe(simulator.users[0]?.id);
    expect(Object.keys(claims).toSorted()).toEqual(["aud", "auth_time", "exp", "iat", "iss", "nonce", "sub"]);
  });

  test("is good once; the second use ends what the first has got", async () => {
    const simulator = await open();
    const obtained = await obtainCode(simulator, "admin");
    const tokens = tokensIn(await redeem(simulator, obtained), obtained.clientId);
    expect((await callerOf(simulator, tokens.access)("GET", "")).status).toBe(200);
    errorIs(await redeem(simulator, obtained), "invalid_grant");
    expectRefusal(await callerOf(simulator, tokens.access)("GET", ""), 401, "ACCESS_FAILED", { code: "INVALID_TOKEN" });
    errorIs(await refresh(simulator, tokens), "invalid_grant");
  });

  test("of two uses at once gives tokens to one at most, and those are ended", async () => {
    const simulator = await open();
    const obtained = await obtainCode(simulator, "admin");
    const replies = await Promise.all([redeem(simulator, obtained), redeem(simulator, obtained)]);
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200, 400]));
    expect([...simulator.world.signIn.grants.values()]).toMatchObject([{ revoked: true }]);
  });

  test("is good for 60 seconds", async () => {
    let now = begin;
    const simulator = await open({ now: () => now });
    const first = await obtainCode(simulator, "admin");
    const second = await obtainCode(simulator, "admin");
    now += 59_999;
    expect((await redeem(simulator, first)).status).toBe(200);
    now += 1;
    errorIs(await redeem(simulator, second), "invalid_grant");
  });

  test.each([
    ["another verifier", { code_verifier: "x".repeat(43) }, "invalid_grant"],
    ["no verifier", { code_verifier: null }, "invalid_request"],
    ["another redirect address", { redirect_uri: "http://127.0.0.1:7465/callback" }, "invalid_grant"],
    ["no redirect address", { redirect_uri: null }, "invalid_request"],
    ["no code", { code: null }, "invalid_request"],
    ["another code", { code: "x" }, "invalid_grant"],
    ["a secret that the client has not", { client_secret: "guess" }, "invalid_client"],
    ["an unknown client", { client_id: "x" }, "invalid_client"],
  ])("is refused with %s", async (_name, changes, error) => {
    const simulator = await open();
    const reply = await redeem(simulator, await obtainCode(simulator, "admin"), changes);
    errorIs(reply, error, error === "invalid_client" ? 401 : 400);
    expect(simulator.world.signIn.grants.size).toBe(0);
  });

  test("is spent by a wrong verifier, and not by another client", async () => {
    const simulator = await open();
    const obtained = await obtainCode(simulator, "admin");
    errorIs(await redeem(simulator, obtained, { client_id: simulator.selfServiceClientId }), "invalid_grant");
    errorIs(await redeem(simulator, obtained, { code_verifier: makeVerifier() }), "invalid_grant");
    errorIs(await redeem(simulator, obtained), "invalid_grant");
    const another = await obtainCode(simulator, "admin");
    errorIs(await redeem(simulator, another, { client_id: simulator.selfServiceClientId }), "invalid_grant");
    expect((await redeem(simulator, another)).status).toBe(200);
  });

  test("may come from a domain of the customer's own, whose addresses have no environment", async () => {
    const simulator = await open();
    const issuer = `${simulator.authUrl}/as`;
    const discovery = await send("GET", `${issuer}/.well-known/openid-configuration`);
    expect(discovery.body).toMatchObject({ issuer, authorization_endpoint: `${issuer}/authorize` });
    const verifier = makeVerifier();
    const request = { ...requestOf(simulator, verifier), username: "admin", decision: "allow" };
    const code = destinationOf(await post(`${issuer}/authorize`, request)).searchParams.get("code");
    const { client_id, redirect_uri } = request;
    const exchange = { grant_type: "authorization_code", code, redirect_uri, client_id, code_verifier: verifier };
    const { access, id } = tokensIn(await post(`${issuer}/token`, exchange), client_id);
    expect(decodeJwt(id).iss).toBe(issuer);
    expect((await callerOf(simulator, access)("GET", "")).status).toBe(200);
  });
});

describe("a refresh token", () => {
  test("rotates, with a new access token each time and no nonce", async () => {
    const simulator = await open();
    const first = await signInAs(simulator);
    const second = tokensIn(await refresh(simulator, first), first.clientId);
    const third = tokensIn(await refresh(simulator, second), first.clientId);
    expect(new Set([first.refresh, second.refresh, third.refresh]).size).toBe(3);
    expect(new Set([first.access, second.access, third.access]).size).toBe(3);
    expect(decodeJwt(third.id)).toMatchObject({ sub: decodeJwt(first.id).sub ?? "", email: "admin@example.com" });
    expect(decodeJwt(third.id)).not.toHaveProperty("nonce");
    for (const { access } of [first, second, third]) {
      expect((await callerOf(simulator, access)("GET", "")).status).toBe(200);
    }
  });

  test("that is used again ends the whole family", async () => {
    const simulator = await open();
    const first = await signInAs(simulator);
    const second = tokensIn(await refresh(simulator, first), first.clientId);
    errorIs(await refresh(simulator, first), "invalid_grant");
    errorIs(await refresh(simulator, second), "invalid_grant");
    for (const { access } of [first, second]) {
      expectRefusal(await callerOf(simulator, access)("GET", ""), 401, "ACCESS_FAILED", { code: "INVALID_TOKEN" });
    }
  });

  test("lives for 30 days", async () => {
    let now = begin;
    const simulator = await open({ now: () => now });
    const tokens = await signInAs(simulator);
    now += 2_592_000_000;
    errorIs(await refresh(simulator, tokens), "invalid_grant");
  });

  test.each([
    ["of another client", "client_id", "invalid_grant"],
    ["that nobody knows", "refresh_token", "invalid_grant"],
    ["that is missing", null, "invalid_request"],
    ["for more than was agreed to", "scope", "invalid_scope"],
  ])("%s is refused", async (_name, parameter, error) => {
    const simulator = await open();
    const tokens = await signInAs(simulator);
    const changes =
      parameter === null
        ? { refresh_token: null }
        : { [parameter]: parameter === "client_id" ? simulator.selfServiceClientId : "p1:read:user" };
    errorIs(await refresh(simulator, tokens, changes), error);
    // None of these is a use of it.
    expect((await refresh(simulator, tokens)).status).toBe(200);
  });

  test("does nothing for a user who has been disabled since", async () => {
    const simulator = await open();
    const tokens = await signInAsUser(simulator);
    const [user] = [...simulator.world.users.values()];
    if (user !== undefined) simulator.world.users.set(user.id, { ...user, enabled: false });
    errorIs(await refresh(simulator, tokens), "invalid_grant");
  });
});

describe("/as/revoke", () => {
  const revoke = (simulator: Awaited<ReturnType<typeof open>>, client_id: string, token: string | null) =>
    post(`${issuerOf(simulator)}/revoke`, { client_id, token });

  test("of a refresh token ends the access tokens too", async () => {
    const simulator = await open();
    const tokens = await signInAs(simulator);
    const reply = await revoke(simulator, tokens.clientId, tokens.refresh);
    expect([reply.status, reply.text]).toEqual([200, ""]);
    expectRefusal(await callerOf(simulator, tokens.access)("GET", ""), 401, "ACCESS_FAILED", { code: "INVALID_TOKEN" });
    errorIs(await refresh(simulator, tokens), "invalid_grant");
    expect((await revoke(simulator, tokens.clientId, tokens.refresh)).status).toBe(200);
  });

  test("of an access token ends that one", async () => {
    const simulator = await open();
    const tokens = await signInAs(simulator);
    expect((await revoke(simulator, tokens.clientId, tokens.access)).status).toBe(200);
    expectRefusal(await callerOf(simulator, tokens.access)("GET", ""), 401, "ACCESS_FAILED", { code: "INVALID_TOKEN" });
    expect((await refresh(simulator, tokens)).status).toBe(200);
  });

  test("takes back nothing of another application, and asks who it is", async () => {
    const simulator = await open();
    const { refresh: token, access, clientId } = await signInAs(simulator);
    for (const foreign of [token, access]) {
      errorIs(await revoke(simulator, simulator.selfServiceClientId, foreign), "invalid_grant");
    }
    errorIs(await revoke(simulator, simulator.clientId, access), "invalid_client", 401);
    errorIs(await revoke(simulator, clientId, null), "invalid_request");
    expect((await revoke(simulator, clientId, "nobody knows it")).status).toBe(200);
    expect((await callerOf(simulator, access)("GET", "")).status).toBe(200);
  });
});

describe("/as/userinfo", () => {
  const ask = (simulator: Awaited<ReturnType<typeof open>>, token: string, method = "GET") =>
    send(method, `${issuerOf(simulator)}/userinfo`, { headers: { authorization: `Bearer ${token}` } });

  test.each(["GET", "POST"])("tells by %s who has signed in", async (method) => {
    const simulator = await open();
    const { access } = await signInAsUser(simulator);
    expect((await ask(simulator, access, method)).body).toEqual({
      sub: simulator.users[0]?.id,
      preferred_username: "ada@example.com",
      name: "Ada Lovelace",
      given_name: "Ada",
      family_name: "Lovelace",
      email: "ada@example.com",
    });
  });

  test("refuses strangers, and applications that act for nobody", async () => {
    const simulator = await open();
    const stranger = await ask(simulator, "rubbish");
    errorIs(stranger, "invalid_token", 401);
    expect(stranger.headers.get("www-authenticate")).toBe('Bearer error="invalid_token"');
    errorIs(await ask(simulator, await fetchToken(simulator)), "insufficient_scope", 403);
  });
});

test("the token endpoint gives an application only what it may have", async () => {
  const simulator = await open();
  for (const client_id of [simulator.technicianClientId, simulator.selfServiceClientId]) {
    errorIs(await askToken(simulator, { grant_type: "client_credentials", client_id }), "unauthorized_client");
  }
  const { clientId: client_id, clientSecret: client_secret } = simulator;
  const { code } = await obtainCode(simulator, "admin");
  errorIs(
    await askToken(simulator, { grant_type: "authorization_code", code, client_id, client_secret }),
    "unauthorized_client",
  );
  const scopes = await post(`${issuerOf(simulator)}/token?grant_type=x`, { grant_type: "password", client_id });
  errorIs(scopes, "invalid_client", 401);
});

test("an ID token or a refresh token is no access token", async () => {
  const simulator = await open();
  const { id, refresh: token } = await signInAs(simulator);
  for (const wrong of [id, token]) {
    expectRefusal(await callerOf(simulator, wrong)("GET", ""), 401, "ACCESS_FAILED", { code: "INVALID_TOKEN" });
  }
});

test("the page carries every scope to the token", async () => {
  const simulator = await open();
  const request = {
    ...requestOf(simulator, makeVerifier()),
    client_id: simulator.selfServiceClientId,
    scope: selfServiceScope,
  };
  await submitPage(simulator, { ...request, username: "ada@example.com", decision: "allow" });
  expect([...simulator.world.signIn.codes.values()]).toMatchObject([
    { approval: { scope: selfServiceScope.split(" ") } },
  ]);
});
