import { simulatedKey, yubiKey5, yubiKey5Nfc } from "./fido2/models.ts";
import type { Fido2Policy, Policy } from "./world.ts";

/** MFA policies and FIDO policies of the pretend environment. Every id is invented and fixed. */

const updatedAt = Date.parse("2026-01-12T08:00:00.000Z");

/** The id in the request of the vendor's own example, so that the example can be typed as it stands. */
export const defaultPolicyId = "6f1d0c52-0e5b-4a7e-9a53-2f8f0a5b7c11";
const noDesktopsPolicyId = "0f9a7c3e-58d1-4b62-8e0d-91c4b7a2d635";
const keysOnlyPolicyId = "4be27c90-d8a3-4f16-87e5-30c9b1f6d2a4";
const anyKeyPolicyId = "91d6c8b2-5e07-4fa3-a2c4-7b80e3f516d9";
const builtInOnlyPolicyId = "a7350ef8-1c6d-42b9-9e04-5d8f7b23c16e";
const noKeysPolicyId = "e86d19b4-72fa-4c05-b3d8-96a0e4f7512c";

const passkeyPolicyId = "c2b8e6f4-3a17-4d95-b0c6-7e51f29a8d43";
const securityKeyPolicyId = "d91f40a7-6c2e-4f83-95ab-08e7c3d5b612";
const anySecurityKeyPolicyId = "2f7be5a8-0c93-4d16-8e42-b1d96f30a7c4";
const builtInPolicyId = "58c4f2d1-9b70-4ea6-a8f3-c17d06e29b45";
const vendorDomainPolicyId = "73f09ad6-e2b5-4815-9cd7-4ba8621e5f30";

export const policies = (relyingPartyId: string): readonly Policy[] => {
  const method = { enabled: true, pairingDisabled: false, failureCount: 3, coolDownMinutes: 2 };
  const desktop = { ...method, relyingParty: { id: relyingPartyId, name: relyingPartyId } };
  const fido2 = { ...method, fido2PolicyId: passkeyPolicyId };
  const others = { isDefault: false, desktop, fido2, updatedAt };
  return [
    { ...others, id: defaultPolicyId, name: "Everyone", isDefault: true },
    {
      ...others,
      id: noDesktopsPolicyId,
      name: "No new desktops",
      desktop: { ...desktop, pairingDisabled: true },
      fido2: { ...fido2, fido2PolicyId: null },
    },
    {
      ...others,
      id: keysOnlyPolicyId,
      name: "Company security keys only",
      fido2: { ...fido2, fido2PolicyId: securityKeyPolicyId },
    },
    {
      ...others,
      id: anyKeyPolicyId,
      name: "Any security key, touch only",
      fido2: { ...fido2, fido2PolicyId: anySecurityKeyPolicyId },
    },
    {
      ...others,
      id: builtInOnlyPolicyId,
      name: "Built-in authenticators only",
      fido2: { ...fido2, fido2PolicyId: builtInPolicyId },
    },
    { ...others, id: noKeysPolicyId, name: "No new security keys", fido2: { ...fido2, pairingDisabled: true } },
  ];
};

/**
 * Two FIDO policies exist out of the box, see "Configuring an MFA policy for strong authentication". Here an
 * administrator has moved those two to the relying party of the environment and added three more.
 */
export const fido2Policies = (relyingPartyId: string): readonly Fido2Policy[] => {
  // With these values the options are those of the vendor's example.
  const passkeys: Fido2Policy = {
    id: passkeyPolicyId,
    name: "Passkeys",
    isDefault: true,
    relyingPartyId,
    deviceDisplayName: "Passkey",
    attachment: "BOTH",
    discoverableCredentials: "REQUIRED",
    userVerification: "REQUIRED",
    userPresenceMinutes: 2,
    backupAllowed: true,
    attestation: "DIRECT",
    allowedAuthenticators: null,
    hints: [],
  };
  return [
    passkeys,
    {
      ...passkeys,
      id: securityKeyPolicyId,
      name: "Security Keys",
      isDefault: false,
      deviceDisplayName: "Security key",
      attachment: "CROSS_PLATFORM",
      // A key without a PIN is good enough here, so that this way through a ceremony can be rehearsed as well.
      discoverableCredentials: "DISCOURAGED",
      userVerification: "PREFERRED",
      backupAllowed: false,
      allowedAuthenticators: [simulatedKey, yubiKey5Nfc, yubiKey5],
      hints: ["SECURITY_KEY"],
    },
    // What a computer can do that cannot ask for a key's PIN.
    {
      ...passkeys,
      id: anySecurityKeyPolicyId,
      name: "Any security key",
      isDefault: false,
      deviceDisplayName: "Security key",
      attachment: "CROSS_PLATFORM",
      discoverableCredentials: "DISCOURAGED",
      userVerification: "DISCOURAGED",
      hints: ["SECURITY_KEY"],
    },
    {
      ...passkeys,
      id: builtInPolicyId,
      name: "Built-in authenticators",
      isDefault: false,
      deviceDisplayName: "This computer",
      attachment: "PLATFORM",
      hints: ["CLIENT_DEVICE"],
    },
    // For the relying party of the vendor's example, so that the example can be typed as it stands.
    {
      ...passkeys,
      id: vendorDomainPolicyId,
      name: "PingOne's own pages",
      isDefault: false,
      relyingPartyId: "pingone.com",
    },
  ];
};
