import { generateKeyPairSync } from "node:crypto";
import {
  type CryptoKey,
  decodeJwt,
  decodeProtectedHeader,
  exportJWK,
  exportPKCS8,
  generateKeyPair,
  jwtVerify,
} from "jose";
import { describe, expect, test } from "vitest";
import { readPrivateKey, secretSigningKey, signAssertion } from "../../../src/core/pingone/client-assertion.ts";

const about = {
  clientId: "client-1",
  audience: "https://auth.pingone.eu/e/as/token",
  id: "id-1",
  issuedAt: Date.parse("2026-02-16T11:51:34.900Z"),
};
const pair = (algorithm: string) => generateKeyPair(algorithm, { extractable: true });

/** The claims of an assertion whose signature is the key's. */
async function verified(assertion: string, key: CryptoKey | Uint8Array): Promise<unknown> {
  return (await jwtVerify(assertion, key, { currentDate: new Date(about.issuedAt) })).payload;
}

describe("an assertion", () => {
  const claims = {
    iss: "client-1",
    sub: "client-1",
    aud: about.audience,
    jti: "id-1",
    iat: 1_771_242_694,
    exp: 1_771_242_814,
  };

  test("by the secret", async () => {
    const secret = "planted-client-secret-0123456789";
    const assertion = await signAssertion(secretSigningKey(secret), about);
    expect(decodeProtectedHeader(assertion)).toEqual({ alg: "HS256" });
    expect(await verified(assertion, new TextEncoder().encode(secret))).toEqual(claims);
  });

  test.each(["short", "pässwörd", "秘密の鍵"])("by the secret %s", async (secret) => {
    expect(decodeJwt(await signAssertion(secretSigningKey(secret), about))).toEqual(claims);
  });

  test.each(["RS256", "ES256", "ES384", "ES512"])("by a %s key, in PEM and as JWK", async (algorithm) => {
    const { privateKey, publicKey } = await pair(algorithm);
    const jwk = await exportJWK(privateKey);
    for (const [text, keyId, kid] of [
      [await exportPKCS8(privateKey), "k1", "k1"],
      [`\n  ${await exportPKCS8(privateKey)}\n\n`, null, undefined],
      [(await exportPKCS8(privateKey)).replaceAll("\n", "\r\n"), null, undefined],
      [JSON.stringify(jwk), null, undefined],
      [JSON.stringify({ ...jwk, kid: "k2", use: "sig", key_ops: ["sign"] }), null, "k2"],
      [JSON.stringify({ ...jwk, kid: "k2", use: "enc", key_ops: ["verify"], alg: "none" }), "k1", "k1"],
    ] as const) {
      const read = await readPrivateKey(text, keyId);
      expect(read).toMatchObject({ ok: true });
      if (!read.ok) continue;
      const assertion = await signAssertion(read.value, about);
      expect(decodeProtectedHeader(assertion)).toEqual({ alg: algorithm, ...(kid === undefined ? {} : { kid }) });
      expect(await verified(assertion, publicKey)).toEqual(claims);
    }
  });
});

describe("a key that cannot be used says why, and nothing of itself", () => {
  const rsa = (bits: number) => generateKeyPairSync("rsa", { modulusLength: bits });
  const pkcs8 = { type: "pkcs8", format: "pem" } as const;
  const { privateKey, publicKey } = rsa(2048);
  const good = privateKey.export(pkcs8).toString();
  const jwk = privateKey.export({ format: "jwk" });
  const encrypted = privateKey.export({ ...pkcs8, cipher: "aes-256-cbc", passphrase: "planted" }).toString();

  test.each([
    ["nothing", "", /neither/],
    ["a password", "hunter2-hunter2", /neither/],
    ["PKCS#1", privateKey.export({ type: "pkcs1", format: "pem" }).toString(), /PKCS#8/],
    [
      "SEC1",
      generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "sec1", format: "pem" }).toString(),
      /PKCS#8/,
    ],
    ["with a passphrase", encrypted, /passphrase/],
    ["the public half", publicKey.export({ type: "spki", format: "pem" }).toString(), /public half/],
    ["a certificate", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----", /public half/],
    ["cut in the middle", good.slice(0, 600), /damaged/],
    ["with rubbish in it", good.replace("MII", "***"), /damaged/],
    [
      "of another curve",
      generateKeyPairSync("ec", { namedCurve: "secp256k1" }).privateKey.export(pkcs8).toString(),
      /curves/,
    ],
    ["for another purpose", generateKeyPairSync("x25519").privateKey.export(pkcs8).toString(), /RSA/],
    ["too small", rsa(1024).privateKey.export(pkcs8).toString(), /2048/],
    ["too small, as JWK", JSON.stringify(rsa(1024).privateKey.export({ format: "jwk" })), /2048/],
    ["the public half, as JWK", JSON.stringify(publicKey.export({ format: "jwk" })), /public half/],
    ["a secret, as JWK", JSON.stringify({ kty: "oct", k: "planted" }), /RSA key or one of the curves/],
    ["a set of keys", JSON.stringify({ keys: [jwk] }), /set of keys/],
    ["a JWK cut in the middle", JSON.stringify(jwk).slice(0, 300), /not JSON/],
    ["a JWK with rubbish", JSON.stringify({ ...jwk, n: "***" }), /damaged/],
    ["a JWK without its parts", JSON.stringify({ kty: "RSA", d: "AQAB" }), /damaged/],
  ])("%s", async (_case, text, problem) => {
    const outcome = await readPrivateKey(text, null);
    expect(outcome).toEqual({
      ok: false,
      error: {
        code: "configuration-invalid",
        setting: "private key",
        problem: expect.stringMatching(problem) as string,
      },
    });
    const told = JSON.stringify(outcome);
    for (const line of text.split(/\W+/).filter((word) => word.length > 12)) expect(told).not.toContain(line);
  });
});
