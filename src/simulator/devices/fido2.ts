import { randomBytes } from "node:crypto";
import { type Answer, readAnswer, seenOf } from "../fido2/answer.ts";
import { creationOptions } from "../fido2/options.ts";
import { fido2PolicyOf, objectionOf } from "../fido2/policy.ts";
import { type Registration, verifyRegistration } from "../fido2/verify.ts";
import { type JsonObject, parseObject } from "../message.ts";
import type { Context } from "../pingone/handler.ts";
import { type Checked, invalidValue, requiredValue } from "../pingone/refusals.ts";
import type { Device, Fido2Policy, World } from "../world.ts";
import { type CheckAttestation, type DeviceKind, relyingPartyOf, requiredText } from "./kind.ts";

/** Security keys and platform authenticators: "Create MFA User Device (FIDO2)" and "Activate MFA User Device (FIDO2)". */

const longestNickname = 100;

/** In the optional members of both pages. */
const nicknameOf = (body: JsonObject): Checked<string | null> => {
  const nickname = body["nickname"] ?? null;
  if (nickname === null || (typeof nickname === "string" && nickname.length <= longestNickname)) {
    return { ok: true, value: nickname };
  }
  return { ok: false, detail: invalidValue("nickname", `The value must be a text of at most ${longestNickname}.`) };
};

export const fido2Device: DeviceKind = {
  type: "FIDO2",

  methodOf: (policy) => policy.fido2,

  checkCreate: (body, _policy, world) => {
    const relyingParty = relyingPartyOf(body, null);
    if (!relyingParty.ok) return relyingParty;
    // Assumed: that the relying party must be one of a FIDO policy. Every key is made for a relying party, and the
    // policies are where an environment names its own.
    if (!world.fido2Policies.some(({ relyingPartyId }) => relyingPartyId === relyingParty.value.id)) {
      const message = "No FIDO policy of this environment is for this relying party.";
      return { ok: false, detail: invalidValue("rp.id", message) };
    }
    // Assumed: "Create MFA User Device (FIDO2)" lists `policy.id` twice, once required and once optional. Required is
    // taken here, so that a client that does not send it is found out.
    if (body["policy"] === undefined) return { ok: false, detail: requiredValue("policy.id") };
    const nickname = nicknameOf(body);
    if (!nickname.ok) return nickname;
    return { ok: true, value: { relyingParty: relyingParty.value, nickname: nickname.value, typeFields: {} } };
  },

  prepare: (context, { relyingParty, policy }, user) => {
    const { world } = context;
    const challenge = randomBytes(32);
    const options = creationOptions({
      relyingParty,
      user,
      challenge,
      policy: fido2PolicyOf(world, policy),
      owned: world.devicesOf(user.id),
    });
    return Promise.resolve({
      pending: { kind: "fido2", challenge: challenge.toString("base64url") },
      options: { publicKeyCredentialCreationOptions: JSON.stringify(options) },
    });
  },

  readActivation: (body) => {
    const attestation = requiredText(body, "attestation");
    if (!attestation.ok) return attestation;
    const origin = requiredText(body, "origin");
    if (!origin.ok) return origin;
    const nickname = nicknameOf(body);
    if (!nickname.ok) return nickname;
    return { ok: true, value: checkAttestation(attestation.value, origin.value, nickname.value) };
  },
};

const refused = (message: string) => ({ ok: false, detail: invalidValue("attestation", message) }) as const;

const checkAttestation =
  (attestation: string, origin: string, nickname: string | null): CheckAttestation =>
  async ({ world }: Context, device: Device) => {
    const mfaPolicy = world.policies.find(({ id }) => id === device.policyId);
    if (device.pending?.kind !== "fido2" || device.relyingParty === null || mfaPolicy === undefined) {
      return refused("The device waits for no attestation of this kind.");
    }
    const json = parseObject(attestation);
    if (json === null) return refused("The attestation is not a JSON object.");
    const answer = readAnswer(json);
    if (answer === null) return refused("The attestation lacks a member or has one of the wrong type.");
    const { challenge } = device.pending;
    const verified = await verifyRegistration(answer, { origin, challenge, relyingPartyId: device.relyingParty.id });
    if (!verified.ok) return verified;
    const registration = verified.value;
    if (isRegistered(world, registration.credentialId)) return refused("The credential is registered already.");
    const policy = fido2PolicyOf(world, mfaPolicy);
    const objection = objectionOf(policy, registration, seenOf(answer, registration.aaguid).attachment);
    if (objection !== null) return refused(objection);
    const typeFields = fieldsOf(policy, answer, registration);
    const credential = { id: registration.credentialId, publicKey: { cose: registration.publicKey } };
    return { ok: true, value: { nickname, typeFields, credential } };
  };

/** Of any user, as WebAuthn asks in "Registering a New Credential". */
const isRegistered = (world: World, credentialId: string): boolean =>
  [...world.devices.values()].some(({ typeFields }) => typeFields["credentialId"] === credentialId);

const unknownModel = "00000000-0000-0000-0000-000000000000";

/** The members are those of "Check Remember Me Device". Assumed: that a model that is not told is not shown. */
const fieldsOf = (policy: Fido2Policy, answer: Answer, registration: Registration): JsonObject => {
  const { aaguid, backupEligible, backedUp, credentialId } = registration;
  const { attachment, transports } = seenOf(answer, aaguid);
  const discoverable = answer.clientExtensionResults?.credProps?.rk;
  return {
    credentialId,
    displayName: policy.deviceDisplayName,
    attributes: {
      transports,
      // Assumed: what nothing tells counts as a security key unless the policy allows none.
      isCrossPlatform: (attachment ?? policy.attachment) !== "PLATFORM",
      // Assumed: without the browser's word, a credential is discoverable when the policy requires it.
      isResidentKey: discoverable ?? policy.discoverableCredentials === "REQUIRED",
    },
    backup: { backupEligibility: backupEligible, backupState: backedUp },
    ...(aaguid === unknownModel ? {} : { fidoDeviceMetadata: { mdsIdentifier: aaguid } }),
  };
};
