import type { AppError } from "../../contract/errors.ts";
import type { Device, Policies, Policy } from "../../contract/views.ts";
import type { Reading } from "./readings.ts";

/**
 * What PingOne must allow, so that a device can be created. Judged here once: for the doctor, and for a pairing that is
 * about to begin. What could not be read and what is not said speak against nothing, because PingOne itself decides then.
 */

export type DeviceKind = "desktop" | "fido2";

/** The policy that a pairing would use; `null`: not known. */
export function chosenPolicy(policies: Policies, policyId: string | null): Policy | null {
  if (policies.state === "not-readable") return null;
  return policies.policies.find(({ id, isDefault }) => (policyId === null ? isDefault : id === policyId)) ?? null;
}

/** `null`: the policy is one of the environment, or none was chosen, or nobody can tell. */
export function unknownPolicy(policies: Policies, policyId: string | null): AppError | null {
  if (policies.state === "not-readable" || policyId === null || chosenPolicy(policies, policyId) !== null) return null;
  return { code: "policy-unknown", policyId };
}

export const pairingUnder = (policy: Policy, kind: DeviceKind): Policy["desktopPairing"] =>
  kind === "desktop" ? policy.desktopPairing : policy.fido2Pairing;

/** `null`: the policy allows this kind to be paired, or does not speak of it. */
export const refusedByPolicy = (policy: Policy, kind: DeviceKind): AppError | null =>
  pairingUnder(policy, kind) === "disabled" ? { code: "pairing-not-allowed" } : null;

type Flags = ReadonlyMap<string, boolean>;

/** What may be licensed: for people, and by the flag that must not be `false`. */
export type Feature = { readonly name: string; readonly flag: string };

/**
 * The names of the flags are not in the vendor's documentation, they were seen in answers of real tenants; so a flag
 * that is not there says nothing.
 */
export const features: Readonly<Record<DeviceKind | "mfa", Feature>> = {
  mfa: { name: "MFA", flag: "canUseMfa" },
  desktop: { name: "the PingID Desktop app", flag: "canUsePingIdDesktopGen2" },
  fido2: { name: "security keys", flag: "canUseMfaFido2Devices" },
};
/** MFA for customers and MFA for a workforce have flags of their own, and one of the three is enough. */
const otherMfa = ["canUseMfaCiam", "canUseMfaWf"];

export const isUncovered = (flags: Flags, feature: Feature): boolean =>
  flags.get(feature.flag) === false &&
  (feature !== features.mfa || !otherMfa.some((other) => flags.get(other) === true));

/**
 * What the licence seems not to cover; `null`: it covers this kind, or does not say. Nothing is refused for it, because
 * the names are not documented: PingOne decides.
 */
export const uncoveredFor = (flags: Flags, kind: DeviceKind): Feature | null =>
  [features.mfa, features[kind]].find((feature) => isUncovered(flags, feature)) ?? null;

/** PingOne's own limit of devices that wait for activation ("MFA Devices"). */
const mostPending = 50;

export const activeOf = (devices: readonly Device[]): number =>
  devices.filter(({ status }) => status === "ACTIVE").length;

export const pendingOf = (devices: readonly Device[]): number =>
  devices.filter(({ status }) => status === "ACTIVATION_REQUIRED").length;

/** `null`: there is room for one more, or the limit is not known. */
export function refusedByNumber(devices: readonly Device[], limit: Reading<number>): AppError | null {
  const isFull = limit.state === "read" && activeOf(devices) >= limit.value;
  return isFull || pendingOf(devices) >= mostPending ? { code: "device-limit-reached" } : null;
}
