import type { Fido2Policy, Policy, World } from "../world.ts";
import type { Attachment } from "./models.ts";
import type { Registration } from "./verify.ts";

/** FIDO policies at work, see "Create FIDO Policy". */

/** The FIDO policy that an MFA policy names, or the environment's default one. */
export const fido2PolicyOf = ({ fido2Policies }: World, { fido2 }: Policy): Fido2Policy => {
  const policy = fido2Policies.find(({ id, isDefault }) =>
    fido2.fido2PolicyId === null ? isDefault : id === fido2.fido2PolicyId,
  );
  if (policy === undefined) throw new Error(`There is no FIDO policy ${fido2.fido2PolicyId ?? "by default"}.`);
  return policy;
};

/**
 * What the policy has against an authenticator whose attestation is in order; `null`: nothing. An attachment that
 * nothing tells is let pass.
 *
 * Assumed: the words, and that the attestation of a model is believed whoever has signed it. PingOne has the roots of
 * the FIDO Metadata Service; here the software authenticator must be able to stand in for a key.
 */
export const objectionOf = (
  policy: Fido2Policy,
  registration: Registration,
  attachment: Attachment | null,
): string | null => {
  if (policy.userVerification === "REQUIRED" && !registration.userVerified) {
    return "The FIDO policy requires that the user is verified.";
  }
  if (policy.attachment !== "BOTH" && attachment !== null && attachment !== policy.attachment) {
    return policy.attachment === "PLATFORM"
      ? "The FIDO policy allows only authenticators that are built in."
      : "The FIDO policy allows only security keys.";
  }
  if (!policy.backupAllowed && registration.backupEligible) {
    return "The FIDO policy does not allow credentials that can be copied to other devices.";
  }
  if (policy.allowedAuthenticators === null) return null;
  if (!registration.hasStatement) return "The FIDO policy requires an attestation of the authenticator's model.";
  return policy.allowedAuthenticators.includes(registration.aaguid)
    ? null
    : "The FIDO policy does not allow this model of authenticator.";
};
