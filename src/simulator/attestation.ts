import { randomUUID } from "node:crypto";
import {
  type CryptoKey,
  decodeJwt,
  decodeProtectedHeader,
  EmbeddedJWK,
  exportJWK,
  generateKeyPair,
  type JWTPayload,
  jwtVerify,
  SignJWT,
} from "jose";
import * as z from "zod/mini";
import type { Options } from "./credentials.ts";
import type { JsonObject } from "./message.ts";
import { originBelongsTo } from "./relying-party.ts";

/**
 * What the pretend agent signs, and how the pretend PingOne checks it.
 *
 * Assumed: all of it. The vendor says only that the agent answers with an "attestation JWT" and an "assertion JWT".
 */

/** Constant, because it stands in for one workstation; the values are those of the vendor's example. */
const workstation = {
  os: { type: "MAC", version: "15.7.3" },
  application: { nativeName: "PingID Desktop", version: "1.0.0" },
};

const lifetimeSeconds = 300;

export type AgentClaims = Readonly<Record<string, unknown>>;

type Attesting = { readonly options: Options; readonly origin: string; readonly unitId: string; readonly now: number };

const commonClaims = ({ options, origin, unitId, now }: Attesting, credentialId: string): AgentClaims => {
  const iat = Math.floor(now / 1000);
  return {
    iss: "pingid-desktop-agent",
    aud: options.iss,
    sub: credentialId,
    jti: randomUUID(),
    iat,
    exp: iat + lifetimeSeconds,
    optionsJti: options.jti,
    challenge: options.challenge,
    rp: { id: options.rp.id },
    origin,
    unitId,
    uv: true,
  };
};

/** A new key for each pairing; the agent keeps the private half. */
export const createCredential = async (): Promise<{ id: string; privateKey: CryptoKey; publicKey: CryptoKey }> => ({
  id: randomUUID(),
  ...(await generateKeyPair("ES256")),
});

export type Credential = Awaited<ReturnType<typeof createCredential>>;

/** The reply of `/register`. `changes` are laid over the claims before signing: that is how a wrong one is made. */
export const signAttestation = async (
  credential: Credential,
  about: Attesting,
  changes: AgentClaims = {},
): Promise<string> =>
  new SignJWT({ ...commonClaims(about, credential.id), ...workstation, ...changes })
    .setProtectedHeader({ alg: "ES256", typ: "JWT", jwk: await exportJWK(credential.publicKey) })
    .sign(credential.privateKey);

/** The reply of `/authenticate`. */
export const signAssertion = (credential: Credential, about: Attesting, changes: AgentClaims = {}): Promise<string> =>
  new SignJWT({ ...commonClaims(about, credential.id), ...changes })
    .setProtectedHeader({ alg: "ES256", typ: "JWT", kid: credential.id })
    .sign(credential.privateKey);

const claimsSchema = z.object({
  aud: z.string(),
  sub: z.string(),
  exp: z.number(),
  optionsJti: z.string(),
  challenge: z.string(),
  rp: z.object({ id: z.string() }),
  origin: z.string(),
  unitId: z.string(),
  os: z.object({ type: z.string(), version: z.string() }),
  application: z.object({ nativeName: z.string(), version: z.string() }),
  uv: z.boolean(),
});
type AttestationClaims = z.infer<typeof claimsSchema>;

export type Expected = {
  readonly issuer: string;
  readonly optionsId: string;
  readonly challenge: string;
  readonly optionsExpireAt: number;
  readonly relyingPartyId: string;
};

type Verdict =
  | { readonly ok: true; readonly claims: AttestationClaims; readonly publicKey: JsonObject }
  | { readonly ok: false; readonly problem: string };

const no = (problem: string): Verdict => ({ ok: false, problem });

const headerOf = (jwt: string) => {
  try {
    decodeJwt(jwt);
    return decodeProtectedHeader(jwt);
  } catch {
    return null;
  }
};

const embeddedKeySchema = z.object({ kty: z.literal("EC"), crv: z.literal("P-256"), x: z.string(), y: z.string() });

/** The claims, when the signature matches the key that the header carries. Time is checked later, with its own words. */
const signedPayload = async (jwt: string): Promise<JWTPayload | null> => {
  try {
    return (await jwtVerify(jwt, EmbeddedJWK, { algorithms: ["ES256"], currentDate: new Date(0) })).payload;
  } catch {
    return null;
  }
};

/** Checks in the order of the list in the reference; the first problem is the one that is reported. */
export const verifyAttestation = async (jwt: string, expected: Expected, now: number): Promise<Verdict> => {
  const header = headerOf(jwt);
  if (header === null) return no("The attestation is not a JWT.");
  const publicKey = embeddedKeySchema.safeParse(header.jwk);
  if (header.alg !== "ES256" || !publicKey.success) {
    return no("The attestation does not carry an ES256 key in its header.");
  }
  const payload = await signedPayload(jwt);
  if (payload === null) return no("The signature of the attestation does not match its key.");
  const parsed = claimsSchema.safeParse(payload);
  if (!parsed.success) return no("The attestation lacks a claim or has one of the wrong type.");
  const claims = parsed.data;
  if (claims.aud !== expected.issuer) return no("The attestation was made for another environment.");
  if (claims.optionsJti !== expected.optionsId) return no("The attestation answers other creation options.");
  if (claims.challenge !== expected.challenge) return no("The attestation answers another challenge.");
  if (claims.rp.id !== expected.relyingPartyId) return no("The attestation is for another relying party.");
  if (claims.exp * 1000 <= now) return no("The attestation has expired.");
  if (expected.optionsExpireAt <= now) return no("The creation options have expired.");
  if (!originBelongsTo(claims.origin, expected.relyingPartyId)) {
    return no("The origin of the attestation is not within the relying party.");
  }
  if (!claims.uv) return no("The user was not verified.");
  return { ok: true, claims, publicKey: publicKey.data };
};
