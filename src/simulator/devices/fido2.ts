import { createHash, randomBytes } from "node:crypto";
import { invalidValue } from "../pingone/refusals.ts";
import { type DeviceKind, relyingPartyOf } from "./kind.ts";

/** Security keys and platform authenticators: "Create MFA User Device (FIDO2)". */

/** The vendor's example writes bytes as numbers from -128 to 127. */
const signedBytes = (bytes: Buffer): readonly number[] => [...new Int8Array(bytes)];

const longestNickname = 100;

export const fido2Device: DeviceKind = {
  type: "FIDO2",

  methodOf: (policy) => policy.fido2,

  checkCreate: (body) => {
    const relyingParty = relyingPartyOf(body, null);
    if (!relyingParty.ok) return relyingParty;
    const nickname = body["nickname"] ?? null;
    if (nickname !== null && (typeof nickname !== "string" || nickname.length > longestNickname)) {
      return { ok: false, detail: invalidValue("nickname", `The value must be a text of at most ${longestNickname}.`) };
    }
    return { ok: true, value: { relyingParty: relyingParty.value, nickname, typeFields: {} } };
  },

  // The members and their odd forms (a string of JSON, signed bytes, `alg` as text) are those of the vendor's example.
  prepare: (_context, device, user) => {
    const challenge = randomBytes(32);
    const options = {
      rp: device.relyingParty,
      user: {
        id: signedBytes(createHash("sha256").update(user.id).digest()),
        displayName: user.username,
        name: user.username,
      },
      challenge: signedBytes(challenge),
      pubKeyCredParams: ["-7", "-37", "-257"].map((alg) => ({ type: "public-key", alg })),
      timeout: 120_000,
      excludeCredentials: [],
      authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
      attestation: "direct",
    };
    return Promise.resolve({
      pending: { kind: "fido2", challenge: challenge.toString("base64url") },
      options: { publicKeyCredentialCreationOptions: JSON.stringify(options) },
    });
  },

  // The simulator has no verifier for WebAuthn, and accepting what nobody has verified would teach clients wrong.
  checkAttestation: () =>
    Promise.resolve({
      ok: false,
      detail: invalidValue("attestation", "This simulator cannot verify a FIDO2 attestation."),
    }),
};
