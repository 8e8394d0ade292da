import { randomUUID } from "node:crypto";
import { decodeJwt, generateKeyPair, importJWK, importPKCS8, type JWTPayload, SignJWT } from "jose";
import { describe, expect, test } from "vitest";
import type { Simulator } from "../../src/simulator/index.ts";
import { at, basic, callerOf, open, type Reply, textAt } from "./client.ts";
import { askToken, issuerOf, post } from "./sign-in-client.ts";

const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

const soon = (seconds = 60): number => Math.floor(Date.now() / 1000) + seconds;

/** What a good assertion claims; `undefined` takes a claim away. */
const claimsFor = (simulator: Simulator, clientId: string, changes: Record<string, unknown> = {}): JWTPayload => ({
  iss: clientId,
  sub: clientId,
  aud: `${issuerOf(simulator)}/token`,
  iat: soon(0),
  exp: soon(),
  jti: randomUUID(),
  ...changes,
});

const present = (simulator: Simulator, jwt: string, changes: Record<string, string | null> = {}): Promise<Reply> =>
  askToken(simulator, {
    grant_type: "client_credentials",
    client_assertion_type: assertionType,
    client_assertion: jwt,
    ...changes,
  });

const signWithSecret = (simulator: Simulator, claims: JWTPayload, alg = "HS256"): Promise<string> =>
  new SignJWT(claims).setProtectedHeader({ alg }).sign(new TextEncoder().encode(simulator.clientSecret));

const isRefused = (reply: Reply): void => {
  expect([reply.status, at(reply.body, "error")]).toEqual([401, "invalid_client"]);
};

const works = async (simulator: Simulator, reply: Reply, clientId: string): Promise<void> => {
  expect(reply.status).toBe(200);
  const token = textAt(reply.body, "access_token");
  expect(decodeJwt(token)["client_id"]).toBe(clientId);
  expect(decodeJwt(token)).not.toHaveProperty("sub");
  expect((await callerOf(simulator, token)("GET", "")).status).toBe(200);
};

describe("CLIENT_SECRET_JWT", () => {
  test.each([
    ["the token endpoint", (issuer: string) => `${issuer}/token`],
    ["the issuer", (issuer: string) => issuer],
    ["a list that holds it", (issuer: string) => ["https://other.example", issuer]],
  ])("is accepted for %s", async (_name, audience) => {
    const simulator = await open();
    const claims = claimsFor(simulator, simulator.clientId, { aud: audience(issuerOf(simulator)) });
    await works(simulator, await present(simulator, await signWithSecret(simulator, claims)), simulator.clientId);
  });

  test("may leave out jti and iat, which the vendor does not name", async () => {
    const simulator = await open();
    const claims = claimsFor(simulator, simulator.clientId, { jti: undefined, iat: undefined });
    const jwt = await signWithSecret(simulator, claims);
    await works(simulator, await present(simulator, jwt, { client_id: simulator.clientId }), simulator.clientId);
  });

  test("is good once", async () => {
    const simulator = await open();
    const jwt = await signWithSecret(simulator, claimsFor(simulator, simulator.clientId));
    expect((await present(simulator, jwt)).status).toBe(200);
    isRefused(await present(simulator, jwt));
  });

  test.each([
    ["another audience", { aud: "https://auth.pingone.eu/as/token" }],
    ["no audience", { aud: undefined }],
    ["another subject", { sub: "x" }],
    ["another issuer", { iss: "x" }],
    ["a time that is over", { exp: soon(-1) }],
    ["no end", { exp: undefined }],
  ])("is refused with %s", async (_name, changes) => {
    const simulator = await open();
    const claims = claimsFor(simulator, simulator.clientId, changes);
    isRefused(await present(simulator, await signWithSecret(simulator, claims)));
  });

  test("is refused with another secret, another algorithm, another client beside it, or another type", async () => {
    const simulator = await open();
    const claims = () => claimsFor(simulator, simulator.clientId);
    const guess = new TextEncoder().encode("a secret that somebody has guessed at");
    isRefused(await present(simulator, await new SignJWT(claims()).setProtectedHeader({ alg: "HS256" }).sign(guess)));
    isRefused(await present(simulator, await signWithSecret(simulator, claims(), "HS512")));
    const good = await signWithSecret(simulator, claims());
    isRefused(await present(simulator, good, { client_id: simulator.workerKeyClientId }));
    isRefused(await present(simulator, good, { client_assertion_type: "jwt" }));
    const unsigned = `${Buffer.from('{"alg":"none"}').toString("base64url")}.${good.split(".")[1]}.`;
    for (const jwt of [unsigned, "rubbish", "a.b.c", ""]) isRefused(await present(simulator, jwt));
  });

  test("does not go together with another method", async () => {
    const simulator = await open();
    const { clientId: client_id, clientSecret: client_secret } = simulator;
    const jwt = await signWithSecret(simulator, claimsFor(simulator, client_id));
    const reply = await present(simulator, jwt, { client_id, client_secret });
    expect([reply.status, at(reply.body, "error")]).toEqual([400, "invalid_request"]);
  });
});

describe("PRIVATE_KEY_JWT", () => {
  test.each([0, 1])("is accepted with each of the keys, with or without their name", async (index) => {
    const simulator = await open();
    const key = simulator.workerKeys[index];
    if (key === undefined) throw new Error("The simulator has too few keys.");
    const { algorithm: alg, keyId: kid, privateKeyPem, privateJwk } = key;
    const clientId = simulator.workerKeyClientId;
    const sign = async (header: { alg: string; kid?: string }, fromJwk: boolean) =>
      new SignJWT(claimsFor(simulator, clientId))
        .setProtectedHeader(header)
        .sign(fromJwk ? await importJWK(privateJwk, alg) : await importPKCS8(privateKeyPem, alg));
    await works(simulator, await present(simulator, await sign({ alg, kid }, true)), clientId);
    await works(simulator, await present(simulator, await sign({ alg }, false)), clientId);
  });

  test("has its first key at hand as PEM", async () => {
    const { workerKeyPem, workerKeys } = await open();
    expect(workerKeyPem).toMatch(/^-{5}BEGIN PRIVATE KEY-{5}\n/);
    expect(workerKeys.map(({ algorithm }) => algorithm)).toEqual(["RS256", "ES256"]);
    expect(workerKeys[0]?.privateKeyPem).toBe(workerKeyPem);
  });

  test("is refused with a stranger's key, for another application, at another simulator, and twice", async () => {
    const simulator = await open();
    const clientId = simulator.workerKeyClientId;
    const key = await importPKCS8(simulator.workerKeyPem, "RS256");
    const sign = (claims: JWTPayload, by = key) => new SignJWT(claims).setProtectedHeader({ alg: "RS256" }).sign(by);
    const stranger = (await generateKeyPair("RS256")).privateKey;
    isRefused(await present(simulator, await sign(claimsFor(simulator, clientId), stranger)));
    isRefused(await present(simulator, await sign(claimsFor(simulator, simulator.clientId))));
    isRefused(await present(await open(), await sign(claimsFor(simulator, clientId))));
    const jwt = await sign(claimsFor(simulator, clientId));
    await works(simulator, await present(simulator, jwt), clientId);
    isRefused(await present(simulator, jwt));
  });

  test("leaves no room for a secret: neither none nor the public key taken as one", async () => {
    const simulator = await open();
    const clientId = simulator.workerKeyClientId;
    isRefused(await askToken(simulator, { grant_type: "client_credentials", client_id: clientId }));
    const header = { authorization: basic(clientId, simulator.clientSecret) };
    isRefused(await askToken(simulator, { grant_type: "client_credentials" }, header));
    const publicKey = new TextEncoder().encode(JSON.stringify(simulator.workerKeys[0]?.publicJwk));
    const confused = new SignJWT(claimsFor(simulator, clientId)).setProtectedHeader({ alg: "HS256" }).sign(publicKey);
    isRefused(await present(simulator, await confused));
  });

  test("takes back its own token", async () => {
    const simulator = await open();
    const clientId = simulator.workerKeyClientId;
    const key = await importPKCS8(simulator.workerKeyPem, "RS256");
    const sign = () => new SignJWT(claimsFor(simulator, clientId)).setProtectedHeader({ alg: "RS256" }).sign(key);
    const token = textAt((await present(simulator, await sign())).body, "access_token");
    const client_assertion = await sign();
    const form = { client_assertion_type: assertionType, client_assertion, token };
    expect((await post(`${issuerOf(simulator)}/revoke`, form)).status).toBe(200);
    expect((await callerOf(simulator, token)("GET", "")).status).toBe(401);
  });
});

test("a worker with a secret cannot do without it", async () => {
  const simulator = await open();
  isRefused(await askToken(simulator, { grant_type: "client_credentials", client_id: simulator.clientId }));
});
