import { decodePartialCBOR } from "@levischuck/tiny-cbor";
import * as base64url from "jose/base64url";
import * as z from "zod/mini";
import type { Credential } from "../../contract/enrolment.ts";
import { fail, type Outcome, ok } from "../../contract/errors.ts";
import type { Authenticator } from "../../contract/views.ts";
import { parseJson } from "../pingone/errors.ts";
import type { CreationOptions } from "./options.ts";

export type { Credential } from "../../contract/enrolment.ts";

/**
 * What an authenticator answered, checked before anything of it goes to PingOne (WebAuthn, "Registering a New
 * Credential"). PingOne checks again; we check so that a wrong key, a wrong origin or a page that lies is caught while
 * nothing is active yet.
 */

/** What is known about an authenticator once its answer has been checked. */
export type CheckedAuthenticator = Omit<Authenticator, "name"> & { readonly attestationFormat: string };

const clientDataSchema = z.object({
  type: z.string(),
  challenge: z.string(),
  origin: z.string(),
  crossOrigin: z.optional(z.boolean()),
});

const flag = { userPresent: 0x01, userVerified: 0x04, backupEligible: 0x08, backedUp: 0x10, attested: 0x40 };

/**
 * @param origin the one that the ceremony ran under, e.g. `https://app.pingone.eu`
 * @returns what answered, or `credential-invalid` with the first thing that is wrong
 */
export async function checkCredential(
  credential: Credential,
  options: CreationOptions,
  origin: string,
): Promise<Outcome<CheckedAuthenticator>> {
  const invalid = (problem: string) => fail({ code: "credential-invalid", problem });

  const clientData = clientDataSchema.safeParse(parseJson(decodeText(credential.response.clientDataJSON)));
  if (!clientData.success) return invalid("its client data cannot be read");
  if (clientData.data.type !== "webauthn.create") return invalid("it is not the answer to a registration");
  if (clientData.data.challenge.replace(/=+$/, "") !== options.challenge)
    return invalid("it answers another challenge");
  if (clientData.data.origin !== origin) return invalid("it was made for another origin");
  if (clientData.data.crossOrigin === true) return invalid("it was made inside another page");

  const attestation = readAttestation(credential.response.attestationObject);
  if (attestation === null) return invalid("its attestation cannot be read");
  const { authenticatorData: data } = attestation;
  const rpIdHash = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(options.rp.id)));
  if (!equal(data.rpIdHash, rpIdHash)) return invalid("it was made for another relying party");
  if ((data.flags & flag.userPresent) === 0) return invalid("nobody touched the authenticator");
  const userVerified = (data.flags & flag.userVerified) !== 0;
  if (options.authenticatorSelection.userVerification === "required" && !userVerified) {
    return invalid("the authenticator did not verify the person (PIN, fingerprint or face)");
  }
  const rawId = decodeBytes(credential.rawId);
  if (rawId === null || !equal(rawId, data.credentialId) || credential.id !== base64url.encode(rawId)) {
    return invalid("its id is not the one that the authenticator made");
  }
  if (!options.pubKeyCredParams.some(({ alg }) => alg === data.algorithm)) {
    return invalid("it uses an algorithm that was not offered");
  }
  const backupEligible = (data.flags & flag.backupEligible) !== 0;
  const backedUp = (data.flags & flag.backedUp) !== 0;
  if (backedUp && !backupEligible) return invalid("it claims a backup that it cannot have");
  return ok({
    aaguid: data.aaguid,
    attachment: credential.authenticatorAttachment,
    transports: [...credential.response.transports],
    userVerified,
    backupEligible,
    backedUp,
    attestationFormat: attestation.format,
  });
}

type AuthenticatorData = {
  readonly rpIdHash: Uint8Array;
  readonly flags: number;
  readonly aaguid: string;
  readonly credentialId: Uint8Array;
  readonly algorithm: number;
};

/** `null`: not an attestation object with attested credential data. Nothing in foreign bytes may throw. */
function readAttestation(encoded: string): { format: string; authenticatorData: AuthenticatorData } | null {
  const raw = decodeBytes(encoded);
  if (raw === null) return null;
  try {
    const [object, length] = decodePartialCBOR(raw, 0);
    if (!(object instanceof Map) || length !== raw.length) return null;
    const format = object.get("fmt");
    const authData = object.get("authData");
    if (typeof format !== "string" || !(authData instanceof Uint8Array)) return null;
    const authenticatorData = readAuthenticatorData(authData);
    return authenticatorData === null ? null : { format, authenticatorData };
  } catch {
    return null;
  }
}

/** WebAuthn, "Authenticator Data": 32 bytes hash, flags, 4 bytes counter, then the attested credential data. */
function readAuthenticatorData(data: Uint8Array): AuthenticatorData | null {
  if (data.length < 55) return null;
  const flags = data[32] ?? 0;
  if ((flags & flag.attested) === 0) return null;
  const idLength = new DataView(data.buffer, data.byteOffset, data.byteLength).getUint16(53);
  const credentialId = data.subarray(55, 55 + idLength);
  if (credentialId.length !== idLength || idLength === 0) return null;
  // COSE key: member 3 is the algorithm.
  const [key] = decodePartialCBOR(data.subarray(55 + idLength), 0);
  const algorithm = key instanceof Map ? key.get(3) : undefined;
  if (typeof algorithm !== "number") return null;
  return { rpIdHash: data.subarray(0, 32), flags, aaguid: toUuid(data.subarray(37, 53)), credentialId, algorithm };
}

function toUuid(bytes: Uint8Array): string {
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

function decodeBytes(text: string): Uint8Array | null {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) return null;
  try {
    return base64url.decode(text);
  } catch {
    return null;
  }
}

const decodeText = (text: string): string => new TextDecoder().decode(decodeBytes(text) ?? new Uint8Array());

const equal = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, index) => byte === b[index]);
