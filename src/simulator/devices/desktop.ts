import { randomBytes, randomUUID } from "node:crypto";
import { verifyAttestation } from "../attestation.ts";
import { optionsSeconds, signCreationOptions } from "../credentials.ts";
import { issuerOf } from "../pingone/handler.ts";
import { invalidValue, requiredValue } from "../pingone/refusals.ts";
import { type CheckAttestation, type DeviceKind, relyingPartyOf, requiredText } from "./kind.ts";

/**
 * PingID Desktop, the new app: "Create MFA User Device (PingID Desktop)" and "Activate MFA User Device (PingID
 * Desktop)".
 */

/** Assumed: the same for every pairing in an environment; the vendor's example shows one without saying whose it is. */
const applicationId = "b64e0c7d-91f3-4a58-8c2b-d05e7f13a926";

const checkAttestation =
  (attestation: string): CheckAttestation =>
  async (context, device) => {
    if (device.pending?.kind !== "desktop" || device.relyingParty === null) {
      return { ok: false, detail: invalidValue("attestation", "The device waits for no attestation of this kind.") };
    }
    const verdict = await verifyAttestation(
      attestation,
      {
        issuer: issuerOf(context),
        optionsId: device.pending.optionsId,
        challenge: device.pending.challenge,
        optionsExpireAt: device.pending.expiresAt,
        relyingPartyId: device.relyingParty.id,
      },
      context.now(),
    );
    if (!verdict.ok) return { ok: false, detail: invalidValue("attestation", verdict.problem) };
    const { claims, publicKey } = verdict;
    return {
      ok: true,
      value: {
        // Assumed: the example's nickname was not in its request, so somebody supplies one; here the application's name.
        nickname: claims.application.nativeName,
        typeFields: {
          os: claims.os,
          model: {},
          application: { id: applicationId, ...claims.application, pushSandbox: false },
          unitId: claims.unitId,
        },
        credential: { id: claims.sub, publicKey },
      },
    };
  };

export const desktopDevice: DeviceKind = {
  type: "PINGID_DESKTOP_GEN2",

  methodOf: (policy) => policy.desktop,

  checkCreate: (body, policy) => {
    const status = body["status"];
    if (status === undefined) return { ok: false, detail: requiredValue("status") };
    if (status !== "ACTIVATION_REQUIRED") {
      const allowedValues = ["ACTIVATION_REQUIRED"];
      const message = "The status must be ACTIVATION_REQUIRED for this type.";
      return { ok: false, detail: invalidValue("status", message, { allowedValues }) };
    }
    // Assumed: an `rp` that is sent needs both members, as it does for FIDO2.
    const relyingParty = relyingPartyOf(body, policy.desktop.relyingParty);
    if (!relyingParty.ok) return relyingParty;
    return { ok: true, value: { relyingParty: relyingParty.value, nickname: null, typeFields: { os: {}, model: {} } } };
  },

  prepare: async (context, device, user) => {
    const optionsId = randomUUID();
    const challenge = randomBytes(32).toString("base64url");
    const now = context.now();
    const jwt = await signCreationOptions(
      context.keys,
      {
        issuer: issuerOf(context),
        environmentId: context.world.environmentId,
        user,
        relyingParty: device.relyingParty,
        challenge,
        id: optionsId,
      },
      device.id,
      now,
    );
    return {
      pending: { kind: "desktop", optionsId, challenge, expiresAt: now + optionsSeconds * 1000 },
      options: { pingIdDesktopCredentialCreationOptions: jwt },
    };
  },

  readActivation: (body) => {
    const attestation = requiredText(body, "attestation");
    return attestation.ok ? { ok: true, value: checkAttestation(attestation.value) } : attestation;
  },
};
