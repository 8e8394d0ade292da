import { type AppError, fail, type Outcome, ok } from "../../contract/errors.ts";
import type { Device, Policies, Policy } from "../../contract/views.ts";
import { type Reading, readCapabilities, readDeviceLimit } from "../doctor/readings.ts";
import {
  activeOf,
  chosenPolicy,
  type DeviceKind,
  refusedByNumber,
  refusedByPolicy,
  uncoveredFor,
  unknownPolicy,
} from "../doctor/requirements.ts";
import { type FidoPolicy, readFidoPolicies } from "../fido2/policy.ts";
import { type Answer, dispensable, type PingOne } from "../pingone/client.ts";
import { readPolicies } from "../pingone/policies.ts";

/**
 * What PingOne says about an environment before something is created in it. Judged by the doctor's own rules, so that
 * the two never contradict each other.
 */

export type EnvironmentRead = {
  readonly mfa: Outcome<Policies>;
  /** `null`: not asked for, because only keys need it. */
  readonly fido: Outcome<readonly FidoPolicy[] | null> | null;
  readonly capabilities: Reading<ReadonlyMap<string, boolean>>;
  readonly deviceLimit: Reading<number>;
};

/** The MFA policy that a pairing uses: what is sent, and what is known of it. */
export type ChosenPolicy = { readonly id: string | null; readonly policy: Policy | null };

/**
 * Everything at once, because each answer takes its way through the network and a person waits.
 *
 * @param listing the user's devices, on their way already: without one that is active no limit can be reached, and it is
 *   not asked for
 */
export async function readEnvironment(
  pingOne: PingOne,
  kind: DeviceKind,
  policyId: string | null,
  listing: Promise<Answer<readonly Device[]>>,
): Promise<EnvironmentRead> {
  const limit = async (): Promise<Reading<number>> => {
    const listed = await listing;
    return listed.ok && activeOf(listed.value) > 0 ? readDeviceLimit(pingOne) : { state: "not-readable" };
  };
  const [mfa, fido, capabilities, deviceLimit] = await Promise.all([
    // A workstation with a policy of its own is paired without knowing more of it.
    readPolicies(pingOne, kind === "desktop" && policyId !== null ? dispensable : {}),
    kind === "fido2" ? readFidoPolicies(pingOne) : null,
    readCapabilities(pingOne),
    limit(),
  ]);
  return { mfa, fido, capabilities, deviceLimit };
}

/**
 * The chosen policy, or the default one; fails where it is known that PingOne would refuse the device. Policies that
 * cannot be read are no reason to stop for a workstation. A key needs one: where PingOne only stumbled, that is told, and
 * not that something is not configured, and the checks of another FIDO policy are not made instead.
 */
export function judgeEnvironment(
  read: EnvironmentRead,
  kind: DeviceKind,
  policyId: string | null,
  devices: readonly Device[],
): Outcome<ChosenPolicy> {
  const { mfa, deviceLimit } = read;
  if (!mfa.ok && kind === "fido2") return fail(mfa.error);
  const policies: Policies = mfa.ok ? mfa.value : { state: "not-readable" };
  const policy = chosenPolicy(policies, policyId);
  const refused: AppError | null =
    unknownPolicy(policies, policyId) ??
    (policy === null ? null : refusedByPolicy(policy, kind)) ??
    refusedByNumber(devices, deviceLimit);
  return refused === null ? ok({ id: policyId ?? policy?.id ?? null, policy }) : fail(refused);
}

/** What the licence seems not to cover, to be told and not to be stopped for; `null`: nothing of it. */
export const doubtfulLicence = ({ capabilities }: EnvironmentRead, kind: DeviceKind): string | null =>
  capabilities.state === "read" ? (uncoveredFor(capabilities.value, kind)?.name ?? null) : null;
