import { createLocalJWKSet, decodeJwt, type JSONWebKeySet, jwtVerify } from "jose";
import { describe, expect, test } from "vitest";
import { basic, callerOf, expectRefusal, fetchToken, formType, open, send, textAt } from "./client.ts";

const grant = "grant_type=client_credentials";

describe("the token endpoint", () => {
  test("gives a bearer token for an hour, to CLIENT_SECRET_BASIC and to CLIENT_SECRET_POST", async () => {
    const simulator = await open();
    const url = `${simulator.authUrl}/${simulator.environmentId}/as/token`;
    const { clientId, clientSecret } = simulator;
    const replies = [
      await send("POST", url, {
        text: grant,
        type: formType,
        headers: { authorization: basic(clientId, clientSecret) },
      }),
      await send("POST", url, { text: `${grant}&client_id=${clientId}&client_secret=${clientSecret}`, type: formType }),
    ];
    for (const reply of replies) {
      expect(reply.status).toBe(200);
      expect(reply.body).toEqual({ access_token: expect.any(String), token_type: "Bearer", expires_in: 3600 });
      expect(reply.headers.get("cache-control")).toBe("no-store");
      expect(reply.headers.get("correlation-id")).toMatch(/^[0-9a-f-]{36}$/);
      const { iat = 0, exp = 0 } = decodeJwt(textAt(reply.body, "access_token"));
      expect(exp - iat).toBe(3600);
    }
  });

  const secret = "wrong-secret";
  test.each([
    ["a wrong secret by header", 401, "invalid_client", { header: true, secret, form: grant, type: formType }],
    ["a wrong secret in the form", 401, "invalid_client", { header: false, secret, form: grant, type: formType }],
    ["no client at all", 401, "invalid_client", { header: false, secret: null, form: grant, type: formType }],
    [
      "another grant",
      400,
      "unsupported_grant_type",
      { header: true, secret: "", form: "grant_type=password", type: formType },
    ],
    ["no grant", 400, "invalid_request", { header: true, secret: "", form: "scope=openid", type: formType }],
    ["a JSON body", 415, "invalid_request", { header: true, secret: "", form: "{}", type: "application/json" }],
  ])("refuses %s", async (_name, status, error, given) => {
    const simulator = await open();
    const used = given.secret === "" ? simulator.clientSecret : given.secret;
    const inForm = !given.header && used !== null ? `&client_id=${simulator.clientId}&client_secret=${used}` : "";
    const reply = await send("POST", `${simulator.authUrl}/${simulator.environmentId}/as/token`, {
      text: `${given.form}${inForm}`,
      type: given.type,
      ...(given.header && used !== null ? { headers: { authorization: basic(simulator.clientId, used) } } : {}),
    });
    expect(reply.status).toBe(status);
    const correlationId = reply.headers.get("correlation-id");
    expect(reply.body).toEqual({
      error,
      error_description: expect.stringMatching(new RegExp(`\\(Correlation ID: ${correlationId}\\)$`)),
    });
    expect(reply.text).not.toContain(secret);
  });

  test("refuses two ways of authentication at once", async () => {
    const simulator = await open();
    const { clientId, clientSecret } = simulator;
    const reply = await send("POST", `${simulator.authUrl}/${simulator.environmentId}/as/token`, {
      text: `${grant}&client_id=${clientId}&client_secret=${clientSecret}`,
      type: formType,
      headers: { authorization: basic(clientId, clientSecret) },
    });
    expect(reply.status).toBe(400);
    expect(reply.body).toMatchObject({ error: "invalid_request" });
  });

  test("knows only its own environment, and no /v1", async () => {
    const simulator = await open();
    const other = "00000000-0000-4000-8000-000000000000";
    for (const path of [`/${other}/as/token`, `/v1/${simulator.environmentId}/as/token`]) {
      const reply = await send("POST", `${simulator.authUrl}${path}`, { text: grant, type: formType });
      expectRefusal(reply, 404, "NOT_FOUND");
    }
  });
});

describe("discovery and key set", () => {
  test("lead to the key that verifies the access token", async () => {
    const simulator = await open();
    const issuer = `${simulator.authUrl}/${simulator.environmentId}/as`;
    const discovery = await send("GET", `${issuer}/.well-known/openid-configuration`);
    expect(discovery.body).toMatchObject({
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      device_authorization_endpoint: `${issuer}/device_authorization`,
      token_endpoint: `${issuer}/token`,
      revocation_endpoint: `${issuer}/revoke`,
      userinfo_endpoint: `${issuer}/userinfo`,
      jwks_uri: `${issuer}/jwks`,
      response_types_supported: ["code"],
      code_challenge_methods_supported: ["S256"],
    });
    expect(discovery.body).not.toHaveProperty("authorization_response_iss_parameter_supported");
    const jwks: JSONWebKeySet = JSON.parse((await send("GET", textAt(discovery.body, "jwks_uri"))).text);
    expect(JSON.stringify(jwks)).not.toContain('"d"');
    const verified = await jwtVerify(await fetchToken(simulator), createLocalJWKSet(jwks), {
      issuer,
      audience: new URL(simulator.apiUrl).origin,
    });
    expect(verified.protectedHeader.alg).toBe("RS256");
  });
});

describe("the API", () => {
  const invalidToken = { code: "INVALID_TOKEN" };

  test("refuses a request without a token, with rubbish, and with a token that was changed", async () => {
    const simulator = await open();
    const url = `${simulator.apiUrl}/environments/${simulator.environmentId}/users`;
    const token = await fetchToken(simulator);
    const [header = "", payload = "", signature = ""] = token.split(".");
    const changed = Buffer.from(JSON.stringify({ ...decodeJwt(token), exp: 9_999_999_999 })).toString("base64url");
    const unsigned = Buffer.from(JSON.stringify({ alg: "none" })).toString("base64url");
    const headers = [
      {},
      { authorization: "Bearer rubbish" },
      { authorization: basic(simulator.clientId, simulator.clientSecret) },
      { authorization: `Bearer ${header}.${changed}.${signature}` },
      { authorization: `Bearer ${unsigned}.${payload}.` },
    ];
    for (const given of headers) {
      expectRefusal(await send("GET", url, { headers: given }), 401, "ACCESS_FAILED", invalidToken);
    }
    expect((await send("GET", url, { headers: { authorization: `Bearer ${token}` } })).status).toBe(200);
  });

  test("refuses a token that has expired, by the server's clock", async () => {
    let now = Date.parse("2026-03-01T12:00:00.000Z");
    const simulator = await open({ now: () => now });
    const call = callerOf(simulator, await fetchToken(simulator));
    now += 3_599_000;
    expect((await call("GET", "")).status).toBe(200);
    now += 1_000;
    const reply = await call("GET", "");
    expectRefusal(reply, 401, "ACCESS_FAILED", invalidToken);
    expect(reply.headers.get("date")).toBe("Sun, 01 Mar 2026 13:00:00 GMT");
  });

  test("refuses a token of another simulator, and the options for the agent as a token", async () => {
    const simulator = await open();
    const foreign = await fetchToken(await open());
    expectRefusal(await callerOf(simulator, foreign)("GET", ""), 401, "ACCESS_FAILED", invalidToken);
    const call = callerOf(simulator, await fetchToken(simulator));
    const created = await call("POST", `/users/${simulator.users[0]?.id}/devices`, {
      json: { type: "PINGID_DESKTOP_GEN2", status: "ACTIVATION_REQUIRED" },
    });
    const options = textAt(created.body, "pingIdDesktopCredentialCreationOptions");
    expectRefusal(await callerOf(simulator, options)("GET", ""), 401, "ACCESS_FAILED", invalidToken);
  });
});
