import { createHash } from "node:crypto";
import type { JsonObject } from "../message.ts";
import type { Device, Fido2Policy, RelyingParty, User } from "../world.ts";

/**
 * The WebAuthn options of "Create MFA User Device (FIDO2)". Members, their order and their odd forms (bytes from -128
 * to 127, `alg` as text) are those of the vendor's example.
 */

export const offeredAlgorithms: readonly number[] = [-7, -37, -257];

const signedBytes = (bytes: Buffer): readonly number[] => [...new Int8Array(bytes)];

/** What the creation of a device is about. */
type Subject = {
  readonly relyingParty: RelyingParty;
  readonly user: User;
  readonly challenge: Buffer;
  readonly policy: Fido2Policy;
  /** All devices of the user. */
  readonly owned: readonly Device[];
};

export const creationOptions = ({ relyingParty, user, challenge, policy, owned }: Subject): JsonObject => {
  const residentKey = policy.discoverableCredentials.toLowerCase();
  return {
    rp: relyingParty,
    user: {
      // Assumed: made of the user's id; the example shows only that there are 32 bytes.
      id: signedBytes(createHash("sha256").update(user.id).digest()),
      displayName: user.username,
      name: user.username,
    },
    challenge: signedBytes(challenge),
    pubKeyCredParams: offeredAlgorithms.map((alg) => ({ type: "public-key", alg: String(alg) })),
    // Assumed: that the policy's `userPresenceTimeout` becomes the `timeout`; the example has two minutes.
    timeout: policy.userPresenceMinutes * 60_000,
    excludeCredentials: owned.flatMap((device) => excluded(device, relyingParty)),
    authenticatorSelection: {
      ...(policy.attachment === "BOTH" ? {} : { authenticatorAttachment: kebab(policy.attachment) }),
      residentKey,
      requireResidentKey: residentKey === "required",
      userVerification: policy.userVerification.toLowerCase(),
    },
    attestation: policy.attestation.toLowerCase(),
    // Assumed: that the policy's hints are passed on in the words of WebAuthn.
    ...(policy.hints.length === 0 ? {} : { hints: policy.hints.map(kebab) }),
  };
};

const kebab = (name: string): string => name.toLowerCase().replaceAll("_", "-");

/** Assumed: the whole entry, and that keys of other relying parties are left out; the example's list is empty. */
const excluded = (device: Device, relyingParty: RelyingParty): readonly JsonObject[] => {
  const { credentialId } = device.typeFields;
  if (typeof credentialId !== "string" || device.relyingParty?.id !== relyingParty.id) return [];
  return [{ type: "public-key", id: signedBytes(Buffer.from(credentialId, "base64url")) }];
};
