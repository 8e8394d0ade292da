import { type JsonObject, resourceReply } from "../message.ts";
import type { Fido2Policy, MethodPolicy, Policy } from "../world.ts";
import { collectionReply } from "./collection.ts";
import { type Context, environmentLink, type Handler, isoTime } from "./handler.ts";
import { notFound } from "./refusals.ts";

/** MFA policies, FIDO policies and MFA settings, read only. */

const failure = (method: MethodPolicy): JsonObject => ({
  count: method.failureCount,
  coolDown: { duration: method.coolDownMinutes, timeUnit: "MINUTES" },
});

const switchedOff: JsonObject = { enabled: false, pairingDisabled: false };

const policyResource = (context: Context, policy: Policy): JsonObject => ({
  _links: {
    self: environmentLink(context, `/deviceAuthenticationPolicies/${policy.id}`),
    environment: environmentLink(context),
  },
  id: policy.id,
  environment: { id: context.world.environmentId },
  name: policy.name,
  default: policy.isDefault,
  forSignOnPolicy: false,
  authentication: { deviceSelection: "DEFAULT_TO_FIRST" },
  newDeviceNotification: "NONE",
  ignoreUserLock: false,
  sms: switchedOff,
  voice: switchedOff,
  email: { enabled: true, pairingDisabled: false },
  totp: { enabled: true, pairingDisabled: false },
  mobile: { enabled: true },
  fido2: {
    enabled: policy.fido2.enabled,
    pairingDisabled: policy.fido2.pairingDisabled,
    promptForNicknameOnPairing: false,
    fido2PolicyId: policy.fido2.fido2PolicyId,
    failure: failure(policy.fido2),
  },
  // Assumed: the name and the shape of this object. The console's fields are documented in "Enable and configure PingID
  // desktop app as an authentication method", their JSON is not. `desktop` would be the legacy app.
  pingIdDesktopGen2: {
    enabled: policy.desktop.enabled,
    pairingDisabled: policy.desktop.pairingDisabled,
    promptForNicknameOnPairing: false,
    failure: failure(policy.desktop),
    rp: policy.desktop.relyingParty,
  },
  updatedAt: isoTime(policy.updatedAt),
});

/** "Read All Device Authentication Policies" of the MFA OpenAPI. */
export const listPolicies: Handler = (context) =>
  collectionReply(
    "deviceAuthenticationPolicies",
    context.world.policies.map((policy) => policyResource(context, policy)),
    environmentLink(context, "/deviceAuthenticationPolicies"),
  );

/** "Read One Device Authentication Policy" of the MFA OpenAPI. */
export const readPolicy: Handler = (context, call) => {
  const policy = context.world.policies.find(({ id }) => id === call.parameters["policy"]);
  return policy === undefined ? notFound() : resourceReply(200, policyResource(context, policy));
};

const fido2PolicyResource = (context: Context, policy: Fido2Policy): JsonObject => ({
  _links: {
    self: environmentLink(context, `/fido2Policies/${policy.id}`),
    environment: environmentLink(context),
  },
  id: policy.id,
  environment: { id: context.world.environmentId },
  name: policy.name,
  default: policy.isDefault,
  relyingPartyId: policy.relyingPartyId,
  deviceDisplayName: policy.deviceDisplayName,
  authenticatorAttachment: policy.attachment,
  discoverableCredentials: policy.discoverableCredentials,
  userVerification: { option: policy.userVerification, enforceDuringAuthentication: true },
  userPresenceTimeout: { duration: policy.userPresenceMinutes, timeUnit: "MINUTES" },
  backupEligibility: { allow: policy.backupAllowed, enforceDuringAuthentication: true },
  attestationRequirements: policy.attestation,
  mdsAuthenticatorsRequirements: {
    option: policy.allowedAuthenticators === null ? "NONE" : "SPECIFIC",
    // "Create FIDO Policy - specific authenticators": the ids are those of the table of authenticators, which are AAGUIDs.
    allowedAuthenticators: policy.allowedAuthenticators?.map((id) => ({ id })) ?? null,
    enforceDuringAuthentication: false,
  },
  ...(policy.hints.length === 0 ? {} : { publicKeyCredentialHints: policy.hints }),
  userDisplayNameAttributes: { attributes: [{ name: "username" }] },
});

/** "Read All FIDO Policies" of the MFA OpenAPI. */
export const listFido2Policies: Handler = (context) =>
  collectionReply(
    "fido2Policies",
    context.world.fido2Policies.map((policy) => fido2PolicyResource(context, policy)),
    environmentLink(context, "/fido2Policies"),
  );

/** "Read One FIDO Policy" of the MFA OpenAPI. */
export const readFido2Policy: Handler = (context, call) => {
  const policy = context.world.fido2Policies.find(({ id }) => id === call.parameters["policy"]);
  return policy === undefined ? notFound() : resourceReply(200, fido2PolicyResource(context, policy));
};

/** "Read MFA Settings" of the MFA OpenAPI. */
export const readMfaSettings: Handler = (context) =>
  resourceReply(200, {
    _links: { self: environmentLink(context, "/mfaSettings"), environment: environmentLink(context) },
    environment: { id: context.world.environmentId },
    pairing: { maxAllowedDevices: context.world.maxAllowedDevices, pairingKeyFormat: "NUMERIC" },
    lockout: { failureCount: 5, durationSeconds: 600 },
    authentication: { deviceSelection: "DEFAULT_TO_FIRST" },
    users: { mfaEnabled: false },
    phoneExtensions: { enabled: false },
  });
