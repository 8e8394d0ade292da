import { randomUUID } from "node:crypto";
import {
  type CryptoKey,
  exportJWK,
  generateKeyPair,
  type JWTPayload,
  type JWTVerifyOptions,
  jwtVerify,
  SignJWT,
} from "jose";
import type { JsonObject } from "./message.ts";

/** What the pretend PingOne signs with: RS256, one key at a time, see "Access tokens and ID tokens". */

type SigningKey = {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  /** What `/as/jwks` serves while this is the key. */
  readonly keySet: JsonObject;
};

export type Keys = {
  current: SigningKey;
  /** Replaced keys. What they have signed stays good here, but the key set no longer shows them. */
  readonly retired: SigningKey[];
};

const createKey = async (): Promise<SigningKey> => {
  const { privateKey, publicKey } = await generateKeyPair("RS256", { extractable: true });
  const kid = randomUUID();
  const { n = "", e = "" } = await exportJWK(publicKey);
  const keySet = { keys: [{ kty: "RSA", n, e, kid, use: "sig", alg: "RS256" }] };
  return { kid, privateKey, publicKey, keySet };
};

/** A new key for each simulator, so that nothing signed by one is good at another. */
export const createKeys = async (): Promise<Keys> => ({ current: await createKey(), retired: [] });

/** From now on another key signs, and the key set shows that one only: the hardest form of a rotation. */
export const rotateKeys = async (keys: Keys): Promise<void> => {
  const next = await createKey();
  keys.retired.push(keys.current);
  keys.current = next;
};

/** Signs claims as they are, times and all. */
export const signClaims = (keys: Keys, claims: JWTPayload): Promise<string> =>
  new SignJWT(claims)
    .setProtectedHeader({ alg: "RS256", typ: "JWT", kid: keys.current.kid })
    .sign(keys.current.privateKey);

/** Signs claims that begin to count now. `issuedAt` in milliseconds since 1970. */
export const sign = (keys: Keys, claims: JWTPayload, issuedAt: number, lifetimeSeconds: number): Promise<string> => {
  const iat = Math.floor(issuedAt / 1000);
  return signClaims(keys, { ...claims, iat, exp: iat + lifetimeSeconds });
};

/** The claims of a JWT that one of these keys has signed; `null` when none has, or when it is not good any more. */
export const verify = async (
  keys: Keys,
  jwt: string,
  expected: Pick<JWTVerifyOptions, "audience" | "issuer" | "requiredClaims">,
  now: number,
): Promise<JWTPayload | null> => {
  const choose = ({ kid }: { readonly kid?: string }): CryptoKey => {
    const known = [keys.current, ...keys.retired].find((key) => key.kid === kid);
    if (known === undefined) throw new Error("No such key.");
    return known.publicKey;
  };
  try {
    const options = { ...expected, algorithms: ["RS256"], currentDate: new Date(now) };
    return (await jwtVerify(jwt, choose, options)).payload;
  } catch {
    return null;
  }
};
