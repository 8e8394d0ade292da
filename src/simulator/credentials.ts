import { randomUUID } from "node:crypto";
import { type CryptoKey, exportJWK, generateKeyPair, jwtVerify, SignJWT } from "jose";
import * as z from "zod/mini";
import type { JsonObject } from "./message.ts";
import type { RelyingParty } from "./world.ts";

/**
 * What the pretend PingOne signs: access tokens and the options for the desktop agent, all RS256 with the one key of
 * its key set, see "Access tokens and ID tokens".
 *
 * Assumed: everything about the options but that they are signed JWTs. The vendor documents neither claims nor key nor
 * lifetime, so a client must treat them as opaque.
 */

export type Keys = {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  /** What `/as/jwks` serves. */
  readonly keySet: JsonObject;
};

/** A new key for each simulator, so that nothing signed by one is good at another. */
export const createKeys = async (): Promise<Keys> => {
  const { privateKey, publicKey } = await generateKeyPair("RS256", { extractable: true });
  const kid = randomUUID();
  const { n = "", e = "" } = await exportJWK(publicKey);
  const keySet = { keys: [{ kty: "RSA", n, e, kid, use: "sig", alg: "RS256" }] };
  return { kid, privateKey, publicKey, keySet };
};

const sign = (keys: Keys, claims: Record<string, unknown>, issuedAt: number, lifetimeSeconds: number) => {
  const iat = Math.floor(issuedAt / 1000);
  return new SignJWT({ ...claims, iat, exp: iat + lifetimeSeconds })
    .setProtectedHeader({ alg: "RS256", typ: "JWT", kid: keys.kid })
    .sign(keys.privateKey);
};

/** 60 minutes, the vendor's default. */
export const accessTokenSeconds = 3600;

/** Assumed: five minutes, for creation and request options alike. */
export const optionsSeconds = 300;

type AccessTokenClaims = {
  readonly issuer: string;
  readonly audience: string;
  readonly clientId: string;
  readonly environmentId: string;
};

/** Assumed: the claims `client_id` and `env`. The audience is documented in "Authorization flow by grant type". */
export const signAccessToken = (keys: Keys, claims: AccessTokenClaims, now: number): Promise<string> =>
  sign(
    keys,
    {
      iss: claims.issuer,
      aud: [claims.audience],
      client_id: claims.clientId,
      env: claims.environmentId,
      jti: randomUUID(),
    },
    now,
    accessTokenSeconds,
  );

/** The `jti` of a good access token; `null` for one that is foreign, changed, expired or no token at all. */
export const verifyAccessToken = async (
  keys: Keys,
  token: string,
  expected: { readonly issuer: string; readonly audience: string },
  now: number,
): Promise<string | null> => {
  try {
    const { payload } = await jwtVerify(token, keys.publicKey, {
      algorithms: ["RS256"],
      issuer: expected.issuer,
      audience: expected.audience,
      currentDate: new Date(now),
      requiredClaims: ["exp", "jti"],
    });
    return payload.jti ?? null;
  } catch {
    return null;
  }
};

const optionsAudience = "pingid-desktop";

export type OptionsSubject = {
  readonly issuer: string;
  readonly environmentId: string;
  readonly user: { readonly id: string; readonly username: string };
  readonly relyingParty: RelyingParty;
  readonly challenge: string;
  readonly id: string;
};

const optionsOf = (subject: OptionsSubject) => ({
  iss: subject.issuer,
  aud: optionsAudience,
  sub: subject.user.id,
  jti: subject.id,
  environment: { id: subject.environmentId },
  rp: subject.relyingParty,
  user: { id: subject.user.id, name: subject.user.username },
  challenge: subject.challenge,
  userVerification: "required",
  timeout: 120_000,
});

/** The value of `pingIdDesktopCredentialCreationOptions`, for the agent's `/register`. */
export const signCreationOptions = (
  keys: Keys,
  subject: OptionsSubject,
  deviceId: string,
  now: number,
): Promise<string> =>
  sign(keys, { ...optionsOf(subject), purpose: "register", device: { id: deviceId } }, now, optionsSeconds);

/** The value of `pingIdDesktopCredentialRequestOptions`, for the agent's `/authenticate`. */
export const signRequestOptions = (
  keys: Keys,
  subject: OptionsSubject,
  authentication: { readonly id: string; readonly allowCredentials: readonly string[] },
  now: number,
): Promise<string> =>
  sign(
    keys,
    {
      ...optionsOf(subject),
      purpose: "authenticate",
      deviceAuthentication: { id: authentication.id },
      allowCredentials: authentication.allowCredentials,
    },
    now,
    optionsSeconds,
  );

const optionsSchema = z.object({
  iss: z.string(),
  jti: z.string(),
  challenge: z.string(),
  rp: z.object({ id: z.string() }),
  purpose: z.enum(["register", "authenticate"]),
  allowCredentials: z.optional(z.array(z.string())),
});
export type Options = z.infer<typeof optionsSchema>;

/** What the agent reads from options that PingOne has signed; `null` when it did not, or when they have expired. */
export const verifyOptions = async (keys: Keys, jwt: string, now: number): Promise<Options | null> => {
  try {
    const { payload } = await jwtVerify(jwt, keys.publicKey, {
      algorithms: ["RS256"],
      audience: optionsAudience,
      currentDate: new Date(now),
      requiredClaims: ["exp"],
    });
    return optionsSchema.parse(payload);
  } catch {
    return null;
  }
};
