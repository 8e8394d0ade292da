import { importPKCS8 } from "jose";
import * as client from "openid-client";
import { describe, expect, test } from "vitest";
import type { FaultName, Simulator } from "../../src/simulator/index.ts";
import { callerOf, open, userNamed } from "./client.ts";
import { destinationOf, identityScope, post, redirectUri, selfServiceScope } from "./sign-in-client.ts";

/** A client that nobody here has written, on the simulator: what it accepts is OpenID Connect. */

const issuerOf = ({ authUrl, environmentId }: Simulator): URL => new URL(`${authUrl}/${environmentId}/as`);

const discover = (
  simulator: Simulator,
  clientId: string,
  authentication: client.ClientAuth = client.None(),
): Promise<client.Configuration> =>
  client.discovery(issuerOf(simulator), clientId, {}, authentication, {
    execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks],
  });

/** From the address that the browser is sent to, to the one that it comes back with. */
const throughBrowser = async (address: URL, username: string): Promise<URL> => {
  const form = { ...Object.fromEntries(address.searchParams), username, decision: "allow" };
  return destinationOf(await post(address.origin + address.pathname, form));
};

const signIn = async (simulator: Simulator, clientId: string, scope: string, username: string) => {
  const config = await discover(simulator, clientId);
  const pkceCodeVerifier = client.randomPKCECodeVerifier();
  const expectedState = client.randomState();
  const expectedNonce = client.randomNonce();
  const address = client.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope,
    state: expectedState,
    nonce: expectedNonce,
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: "S256",
  });
  const back = await throughBrowser(address, username);
  const checks = { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true };
  return { config, tokens: await client.authorizationCodeGrant(config, back, checks) };
};

const signInAsAdmin = (simulator: Simulator) => signIn(simulator, simulator.technicianClientId, identityScope, "admin");

describe("openid-client signs in", () => {
  test("a technician, renews, asks who it is, and signs out", async () => {
    const simulator = await open();
    const { config, tokens } = await signInAsAdmin(simulator);
    const claims = tokens.claims();
    expect(claims).toMatchObject({ preferred_username: "admin", aud: simulator.technicianClientId });
    const who = await client.fetchUserInfo(config, tokens.access_token, claims?.sub ?? "");
    expect(who).toMatchObject({ name: "Radia Perlman", email: "admin@example.com" });
    const renewed = await client.refreshTokenGrant(config, tokens.refresh_token ?? "");
    expect(renewed.refresh_token).not.toBe(tokens.refresh_token);
    expect(renewed.claims()?.sub).toBe(claims?.sub);
    await client.tokenRevocation(config, renewed.refresh_token ?? "");
    await expect(client.refreshTokenGrant(config, renewed.refresh_token ?? "")).rejects.toMatchObject({
      error: "invalid_grant",
    });
    expect((await callerOf(simulator, renewed.access_token)("GET", "")).status).toBe(401);
  });

  test("a user, whose id is the subject", async () => {
    const simulator = await open();
    const { tokens } = await signIn(simulator, simulator.selfServiceClientId, selfServiceScope, "ada@example.com");
    expect(tokens.claims()?.sub).toBe(userNamed(simulator, "ada@example.com"));
    expect(tokens.scope).toBe(selfServiceScope);
  });

  test("without a browser, while it waits", async () => {
    const simulator = await open({ pollingSeconds: 0.1 });
    const config = await discover(simulator, simulator.technicianClientId);
    const begun = await client.initiateDeviceAuthorization(config, { scope: identityScope });
    const polled = client.pollDeviceAuthorizationGrant(config, begun);
    await expect
      .poll(() => simulator.world.log.filter(({ operation }) => operation === "issue-token").length)
      .toBeGreaterThan(0);
    await post(begun.verification_uri, { user_code: begun.user_code, username: "admin", decision: "allow" });
    expect((await polled).claims()).toMatchObject({ preferred_username: "admin" });
  });

  test.each(["access_denied", "expired_token"] as const)("in vain without a browser: %s", async (error) => {
    const simulator = await open({ pollingSeconds: 0.1 });
    const config = await discover(simulator, simulator.technicianClientId);
    const begun = await client.initiateDeviceAuthorization(config, { scope: "openid" });
    simulator.setFault(error === "access_denied" ? "device-code-denied" : "device-code-expired");
    await expect(client.pollDeviceAuthorizationGrant(config, begun)).rejects.toMatchObject({ error });
  });
});

describe("openid-client acts for an application", () => {
  test.each([
    ["client_secret_basic", client.ClientSecretBasic],
    ["client_secret_post", client.ClientSecretPost],
    ["client_secret_jwt", client.ClientSecretJwt],
  ] as const)("by %s", async (_name, method) => {
    const simulator = await open();
    const config = await discover(simulator, simulator.clientId, method(simulator.clientSecret));
    const { access_token, expires_in } = await client.clientCredentialsGrant(config);
    expect(expires_in).toBe(3600);
    expect((await callerOf(simulator, access_token)("GET", "")).status).toBe(200);
  });

  test.each(["RS256", "ES256"] as const)("by private_key_jwt with %s", async (algorithm) => {
    const simulator = await open();
    const found = simulator.workerKeys.find((known) => known.algorithm === algorithm);
    const key = await importPKCS8(found?.privateKeyPem ?? "", algorithm);
    const config = await discover(simulator, simulator.workerKeyClientId, client.PrivateKeyJwt(key));
    const { access_token } = await client.clientCredentialsGrant(config);
    expect((await callerOf(simulator, access_token)("GET", "")).status).toBe(200);
    await client.tokenRevocation(config, access_token);
    expect((await callerOf(simulator, access_token)("GET", "")).status).toBe(401);
  });

  test("in vain with another secret", async () => {
    const simulator = await open();
    const posted = await discover(simulator, simulator.clientId, client.ClientSecretPost("another"));
    await expect(client.clientCredentialsGrant(posted)).rejects.toMatchObject({ error: "invalid_client" });
    // By header there is a challenge too, of which openid-client makes another error.
    const byHeader = await discover(simulator, simulator.clientId, client.ClientSecretBasic("another"));
    await expect(client.clientCredentialsGrant(byHeader)).rejects.toMatchObject({
      code: "OAUTH_WWW_AUTHENTICATE_CHALLENGE",
      status: 401,
    });
  });

  // It says from when and until when an assertion is good, and both by its own clock.
  test.each(["clock-ahead", "clock-behind"] as const)("in vain with the fault %s", async (name) => {
    const simulator = await open();
    const config = await discover(simulator, simulator.clientId, client.ClientSecretJwt(simulator.clientSecret));
    simulator.setFault(name);
    await expect(client.clientCredentialsGrant(config)).rejects.toMatchObject({ error: "invalid_client" });
  });
});

describe("openid-client notices", () => {
  test.each<[FaultName, string]>([
    ["discovery-wrong-issuer", "OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED"],
    ["discovery-html", "OAUTH_RESPONSE_IS_NOT_JSON"],
    ["sign-in-wrong-state", "OAUTH_INVALID_RESPONSE"],
    ["id-token-wrong-nonce", "OAUTH_JWT_CLAIM_COMPARISON_FAILED"],
    ["id-token-forged", "OAUTH_INVALID_RESPONSE"],
    ["token-redirects", "OAUTH_RESPONSE_IS_NOT_CONFORM"],
  ])("the fault %s", async (name, code) => {
    const simulator = await open();
    simulator.setFault(name);
    await expect(signInAsAdmin(simulator)).rejects.toMatchObject({ code });
    expect(simulator.world.log.map(({ path }) => path)).not.toContain("/followed-the-redirect");
  });

  test.each<FaultName>(["signing-key-rotated", "extra-fields"])("nothing wrong with %s", async (name) => {
    const simulator = await open();
    simulator.setFault(name);
    expect((await signInAsAdmin(simulator)).tokens.claims()?.sub).toBe("ad310000-0000-4000-8000-000000000001");
  });
});
