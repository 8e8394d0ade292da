import type { CryptoKey } from "jose";
import { fail, type Outcome, ok } from "../../contract/errors.ts";
import { parseJson } from "./errors.ts";

/**
 * A signed statement of who the client is, in place of a secret ("CLIENT_SECRET_JWT Setup", "Applications"; RFC 7523).
 * jose is loaded when the first one is made: whoever has a plain secret does not pay for it.
 */
export type SigningKey = {
  readonly key: CryptoKey | Uint8Array;
  readonly algorithm: string;
  readonly keyId: string | null;
};

export type Assertion = {
  readonly clientId: string;
  /** The token endpoint. */
  readonly audience: string;
  readonly id: string;
  /** Milliseconds since 1970 by the server's clock. */
  readonly issuedAt: number;
};

/** The name that errors use for the key, and the settings file too. */
const setting = "private key";
const lifetimeSeconds = 120;
const curves: Readonly<Record<string, string>> = { "P-256": "ES256", "P-384": "ES384", "P-521": "ES512" };
/** A private key in PKCS#8 says what it is, but only to whoever asks for the right thing. */
const pemAlgorithms = ["RS256", ...Object.values(curves)];

export async function signAssertion(signing: SigningKey, about: Assertion): Promise<string> {
  const { SignJWT } = await import("jose");
  const seconds = Math.floor(about.issuedAt / 1000);
  return new SignJWT({ jti: about.id })
    .setProtectedHeader({ alg: signing.algorithm, ...(signing.keyId === null ? {} : { kid: signing.keyId }) })
    .setIssuer(about.clientId)
    .setSubject(about.clientId)
    .setAudience(about.audience)
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + lifetimeSeconds)
    .sign(signing.key);
}

export const secretSigningKey = (secret: string): SigningKey => ({
  key: new TextEncoder().encode(secret),
  algorithm: "HS256",
  keyId: null,
});

/**
 * @param text PEM in PKCS#8, or a JWK as JSON: RSA from 2048 bits, or an elliptic curve of NIST.
 * @param keyId the `kid` of the public half in the application's key set; `null`: the one in the JWK, if any.
 */
export async function readPrivateKey(text: string, keyId: string | null): Promise<Outcome<SigningKey>> {
  const trimmed = text.trim();
  const read = trimmed.startsWith("{") ? await fromJwk(trimmed, keyId) : await fromPem(trimmed, keyId);
  if (typeof read === "string") return fail({ code: "configuration-invalid", setting, problem: read });
  const { algorithm } = read.key instanceof Uint8Array ? { algorithm: {} } : read.key;
  // WebCrypto takes any length; jose refuses at the first signature, where nobody could tell why.
  if ("modulusLength" in algorithm && Number(algorithm.modulusLength) < 2048) {
    return fail({ code: "configuration-invalid", setting, problem: "an RSA key must have 2048 bits or more" });
  }
  return ok(read);
}

async function fromPem(text: string, keyId: string | null): Promise<SigningKey | string> {
  const [, label] = /^-----BEGIN ([A-Z0-9 ]+)-----/.exec(text) ?? [];
  if (label === undefined) return "it is neither a key in PEM form nor a JWK";
  if (label === "ENCRYPTED PRIVATE KEY") return "it is protected by a passphrase, which DeskPair cannot ask for";
  if (label.endsWith("PUBLIC KEY") || label === "CERTIFICATE")
    return "it is the public half; the private one is needed";
  if (label !== "PRIVATE KEY") return "it must be in PKCS#8 form, which begins with BEGIN PRIVATE KEY";
  const { importPKCS8 } = await import("jose");
  for (const algorithm of pemAlgorithms) {
    try {
      return { key: await importPKCS8(text, algorithm), algorithm, keyId };
    } catch {
      // Not of this kind, or damaged: whoever is left over at the end is one of the two.
    }
  }
  return "it is damaged, or neither an RSA key nor one of the curves P-256, P-384 and P-521";
}

async function fromJwk(text: string, keyId: string | null): Promise<SigningKey | string> {
  const jwk = parseJson(text);
  if (typeof jwk !== "object" || jwk === null) return "it is not JSON";
  const member = (name: string): string | null => {
    const value: unknown = Reflect.get(jwk, name);
    return typeof value === "string" && value !== "" ? value : null;
  };
  if ("keys" in jwk) return "it is a set of keys; one is needed";
  const algorithm = member("kty") === "RSA" ? "RS256" : curves[member("crv") ?? ""];
  if (algorithm === undefined) return "it must be an RSA key or one of the curves P-256, P-384 and P-521";
  if (member("d") === null) return "it is the public half; the private one is needed";
  const { importJWK } = await import("jose");
  try {
    // `alg`, `use` and `key_ops` in the file say what somebody meant to do with the key, which is not what is done here.
    const bare = Object.fromEntries(
      ["kty", "crv", "x", "y", "d", "n", "e", "p", "q", "dp", "dq", "qi"].flatMap((name) => {
        const value = member(name);
        return value === null ? [] : [[name, value]];
      }),
    );
    return { key: await importJWK(bare, algorithm), algorithm, keyId: keyId ?? member("kid") };
  } catch {
    return "it is damaged";
  }
}
