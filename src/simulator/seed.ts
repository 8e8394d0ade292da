import type { JSONWebKeySet } from "jose";
import { yubiKey5Nfc } from "./fido2/models.ts";
import { defaultPolicyId, fido2Policies, policies } from "./seed-policies.ts";
import { administrators } from "./sign-in/accounts.ts";
import { applications } from "./sign-in/applications.ts";
import type { AgentState, Device, User } from "./world.ts";

/**
 * Whom and what the pretend environment holds. Every id is invented and fixed, so that documentation, demonstrations
 * and tests can name it. The users are the cases that a technician meets.
 */

const setUp = Date.parse("2026-01-12T08:00:00.000Z");
const later = Date.parse("2026-02-03T09:30:00.000Z");

const unitId = "7d3c1b9e-42f8-4a06-b5d7-e90a6c81f254";

const userId = (number: number): string => `5eed0000-0000-4000-8000-${String(number).padStart(12, "0")}`;
const deviceId = (number: number): string => `de71ce00-0000-4000-8000-${String(number).padStart(12, "0")}`;

const person = (
  number: number,
  given: string,
  family: string,
  note: string | null,
  differences: Partial<Pick<User, "username" | "email" | "enabled" | "mfaEnabled">> = {},
): User => {
  const address = `${given.toLowerCase()}@example.com`;
  return {
    id: userId(number),
    username: address,
    email: address,
    given,
    family,
    enabled: true,
    mfaEnabled: true,
    createdAt: setUp,
    updatedAt: setUp,
    note,
    ...differences,
  };
};

const users: readonly User[] = [
  person(1, "Ada", "Lovelace", "Everything is in order: the pairing succeeds."),
  person(2, "Grace", "Hopper", "MFA is switched off for this user.", { mfaEnabled: false }),
  person(3, "Alan", "Turing", "This user is disabled.", { enabled: false }),
  person(4, "Katherine", "Johnson", "Has as many devices as the environment allows."),
  person(5, "Hedy", "Lamarr", "Has already been paired with this workstation."),
  person(6, "Margaret", "Hamilton", "Has a security key, and a phone that an administrator has blocked."),
  person(7, "Mary", "Jackson", "Shares an email address with another user.", {
    username: "reception.morning",
    email: "reception@example.com",
  }),
  person(8, "Dorothy", "Vaughan", "Shares an email address with another user.", {
    username: "reception.evening",
    email: "reception@example.com",
  }),
  ...Array.from({ length: 16 }, (_, index) => {
    const number = String(index + 1).padStart(2, "0");
    return person(100 + index, "Person", number, null, {
      username: `person${number}@example.com`,
      email: `person${number}@example.com`,
    });
  }),
];

const activeDevice = (
  number: number,
  owner: number,
  type: string,
  nickname: string,
  typeFields: Device["typeFields"],
  differences: Partial<Device> = {},
): Device => ({
  id: deviceId(number),
  userId: userId(owner),
  type,
  status: "ACTIVE",
  createdAt: later + number * 60_000,
  updatedAt: later + number * 60_000,
  activatedAt: later + number * 60_000,
  policyId: defaultPolicyId,
  nickname,
  relyingParty: null,
  pending: null,
  failures: 0,
  lockedUntil: null,
  blockedAt: null,
  typeFields,
  credential: null,
  ...differences,
});

const securityKeyFields = (credentialId: string): Device["typeFields"] => ({
  credentialId: Buffer.from(credentialId).toString("base64url"),
  displayName: "Security key",
  attributes: { transports: ["usb", "nfc"], isCrossPlatform: true, isResidentKey: true },
  backup: { backupEligibility: false, backupState: false },
  fidoDeviceMetadata: { mdsIdentifier: yubiKey5Nfc },
});

const devices = (relyingPartyId: string): readonly Device[] => {
  const relyingParty = { id: relyingPartyId, name: relyingPartyId };
  return [
    activeDevice(1, 4, "EMAIL", "Work email", { email: "katherine@example.com" }),
    activeDevice(2, 4, "SMS", "Work phone", { phone: "+1.5550100" }),
    activeDevice(3, 4, "TOTP", "Authenticator app", {}),
    activeDevice(4, 4, "FIDO2", "Blue key", securityKeyFields("pretend credential of the blue key"), { relyingParty }),
    activeDevice(5, 4, "MOBILE", "Phone", {}),
    activeDevice(
      6,
      5,
      "PINGID_DESKTOP_GEN2",
      "Front desk",
      {
        os: { type: "MAC", version: "15.6.1" },
        model: {},
        application: {
          id: "b64e0c7d-91f3-4a58-8c2b-d05e7f13a926",
          nativeName: "PingID Desktop",
          version: "1.0.0",
          pushSandbox: false,
        },
        unitId,
      },
      { relyingParty },
    ),
    activeDevice(7, 6, "FIDO2", "Black key", securityKeyFields("pretend credential of the black key"), {
      relyingParty,
    }),
    activeDevice(8, 6, "MOBILE", "Old phone", {}, { blockedAt: later }),
  ];
};

/** Opens nothing but this simulator. */
const clientSecret = "pretend-secret-for-the-simulator-only";

/**
 * The contents of a fresh world; `relyingPartyId` is the relying party of all its policies, `keySet` what the worker
 * application with a key is known by.
 */
export const seed = (relyingPartyId: string, keySet: JSONWebKeySet) => ({
  environmentId: "1c7a52e8-4b0d-4f96-a3e1-58d9c06b27f4",
  organizationId: "84f2d6b1-70c5-4e39-9d8a-3b61e5f0c7a2",
  populationId: "e3a90b5c-2d74-4186-b9f0-6c18d7e5a403",
  clientSecret,
  applications: applications(clientSecret, keySet),
  administrators,
  users,
  devices: devices(relyingPartyId),
  policies: policies(relyingPartyId),
  fido2Policies: fido2Policies(relyingPartyId),
  // Assumed: the names of the flags, seen in public exports of real tenants.
  capabilities: new Map([
    ["canUseMfa", true],
    ["canUseMfaFido2Devices", true],
    ["canUsePingIdDesktop", false],
    ["canUsePingIdDesktopGen2", true],
  ]),
  /** `mfaSettings.pairing.maxAllowedDevices`, see MFA settings: the vendor's default. */
  maxAllowedDevices: 5,
  /** Devices of one user that may wait for activation, see "MFA Devices". */
  maxPendingDevices: 50,
  agent: {
    unitId,
    registerCount: 0,
    authenticateCount: 0,
    redirectsFollowed: 0,
    usedOptions: new Set<string>(),
  } satisfies AgentState,
});
