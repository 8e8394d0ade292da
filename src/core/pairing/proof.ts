import { fail, type Outcome, ok } from "../../contract/errors.ts";
import { type AgentPlace, approvalTimeoutMs, register } from "../agent/client.ts";
import { activationBody } from "../fido2/activation.ts";
import { authenticatorName } from "../fido2/authenticator-names.ts";
import { checkCredential } from "../fido2/credential.ts";
import { refuseAuthenticator } from "../fido2/policy.ts";
import { desktopDeviceType, fido2DeviceType, type NewDevice } from "../pingone/devices.ts";
import { allowsAuthenticator, allowsRelyingParty } from "../policy/allowed.ts";
import type { Ports } from "../ports.ts";
import type { Challenge, PairingKind, Proof } from "./kinds.ts";
import type { PairingRequest } from "./machine.ts";

/** How each of the two pairings gets its proof: from the desktop agent, or from an authenticator. */

export function newDevice(request: PairingRequest): NewDevice {
  const { relyingPartyId: id, policyId } = request;
  return {
    type: request.kind.name === "desktop" ? desktopDeviceType : fido2DeviceType,
    policyId,
    relyingParty: id === null ? null : { id, name: id },
  };
}

/** How long the person has, in milliseconds. */
export const proofTimeoutMs = (challenge: Challenge): number =>
  challenge.kind === "fido2" ? clamp(challenge.options.timeout ?? approvalTimeoutMs) : approvalTimeoutMs;

/** FIDO policies allow one to ten minutes ("Create FIDO Policy"); less cannot be done, more is a mistake. */
const clamp = (ms: number): number => Math.min(Math.max(ms, 30_000), 600_000);

export async function prove(
  ports: Ports,
  agent: AgentPlace,
  kind: PairingKind,
  challenge: Challenge,
  signal: AbortSignal,
): Promise<Outcome<Proof>> {
  // Here, because only the answer to the creation tells for whom a workstation is paired.
  const relyingPartyId = challenge.kind === "desktop" ? challenge.relyingPartyId : challenge.options.rp.id;
  if (!allowsRelyingParty(ports.policy(), relyingPartyId)) {
    return fail({ code: "relying-party-not-allowed", relyingPartyId });
  }
  if (challenge.kind === "desktop") {
    const { origin, options } = challenge;
    const attestation = await register(ports, agent, origin, options, signal);
    return attestation.ok ? ok({ kind: "desktop", attestation: attestation.value }) : attestation;
  }
  if (kind.name !== "fido2") return fail({ code: "ceremony-failed", problem: "the two pairings were mixed up" });
  const { origin, options } = challenge;
  const timeoutMs = proofTimeoutMs(challenge);
  const credential = await ports.ceremony({ origin, options, wanted: kind.wanted, timeoutMs, signal });
  if (!credential.ok) return credential;
  const authenticator = await checkCredential(credential.value, options, origin);
  if (!authenticator.ok) return authenticator;
  const refusal = refuseAuthenticator(authenticator.value, kind.wanted, kind.policy);
  if (refusal !== null) return fail(refusal);
  const { aaguid } = authenticator.value;
  if (!allowsAuthenticator(ports.policy(), aaguid)) return fail({ code: "authenticator-not-allowed", aaguid });
  const { attestationFormat: _unseen, ...seen } = authenticator.value;
  return ok({
    kind: "fido2",
    ...activationBody(credential.value, origin),
    authenticator: { ...seen, name: authenticatorName(seen.aaguid) },
  });
}

export const toActivation = (proof: Proof): { readonly attestation: string; readonly origin?: string } =>
  proof.kind === "desktop"
    ? { attestation: proof.attestation }
    : { origin: proof.origin, attestation: proof.attestation };
