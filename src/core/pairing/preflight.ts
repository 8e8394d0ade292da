import { describeBrowserReason } from "../../contract/enrolment-words.ts";
import { fail, type Outcome, ok } from "../../contract/errors.ts";
import type { AuthenticatorKind, Device, Policy, User, Warning } from "../../contract/views.ts";
import { isRelyingPartyId } from "../agent/origin.ts";
import { expectedRoute } from "../fido2/ceremony.ts";
import { policyFor, readFidoPolicies } from "../fido2/policy.ts";
import type { PingOne } from "../pingone/client.ts";
import { desktopDeviceType, listDevices } from "../pingone/devices.ts";
import { readPolicies } from "../pingone/policies.ts";
import type { Ports } from "../ports.ts";
import type { PairingKind } from "./kinds.ts";
import type { PairingRequest } from "./machine.ts";

/** What the operator chose for one pairing. */
export type PairingChoice = {
  /** `null`: the environment's default policy where it can be read, else none is sent and PingOne decides. */
  readonly policyId: string | null;
  /** `null`: the relying party of the policy. */
  readonly relyingPartyId: string | null;
  /** `null`: name the device after this computer. Empty: leave the name that PingOne gives. */
  readonly nickname: string | null;
} & ({ readonly kind: "desktop" } | { readonly kind: "fido2"; readonly authenticator: AuthenticatorKind });

export type Prepared = { readonly request: PairingRequest; readonly warnings: readonly Warning[] };

/**
 * Everything that must be known before something is created; reads only. What is certain to fail stops here, while
 * there is nothing to undo.
 *
 * @param agentPort `null`: do not ask whether an agent is there (a dry run may be made from anywhere)
 */
export async function preflight(
  ports: Ports,
  pingOne: PingOne,
  pairingId: string,
  user: User,
  choice: PairingChoice,
  agentPort: number | null,
): Promise<Outcome<Prepared>> {
  if (!user.enabled) return fail({ code: "user-disabled", username: user.username });
  if (choice.relyingPartyId !== null && !isRelyingPartyId(choice.relyingPartyId)) {
    const problem = "it must be a lower-case domain such as example.com";
    return fail({ code: "configuration-invalid", setting: "relying party", problem });
  }
  const existing = await listDevices(pingOne, user.id);
  if (!existing.ok) return fail(existing.error);
  const policy = await choosePolicy(pingOne, choice);

  const kind =
    choice.kind === "desktop" ? desktopKind(choice.relyingPartyId) : await fido2Kind(ports, pingOne, choice, policy);
  if (!kind.ok) return kind;
  // Last, because it is the quickest to go wrong again. Asks only whether something listens; sends nothing.
  if (choice.kind === "desktop" && agentPort !== null && (await ports.probeAgent(agentPort)) === "closed") {
    return fail({ code: "agent-missing", port: agentPort });
  }
  return ok({
    request: {
      pairingId,
      userId: user.id,
      policyId: policy.id,
      nickname: toNickname(choice.nickname ?? ports.hostName),
      knownDeviceIds: existing.value.map((device) => device.id),
      ...kind.value,
    },
    warnings: warningsFor(user, choice, existing.value, policy.id),
  });
}

/** As long as PingOne takes it ("MFA Devices"), and never cut through one character of two halves. */
const toNickname = (text: string): string =>
  text
    .trim()
    .slice(0, 100)
    .replace(/[\uD800-\uDBFF]$/, "")
    .trimEnd();

function warningsFor(
  user: User,
  choice: PairingChoice,
  existing: readonly Device[],
  policyId: string | null,
): Warning[] {
  const warnings: Warning[] = [];
  if (user.mfaEnabled === false) warnings.push({ code: "mfa-disabled", detail: null });
  const desktops = activeDesktops(existing);
  if (choice.kind === "desktop" && desktops.length > 0) {
    const named = desktops.map((device) => device.nickname ?? device.id).join(", ");
    warnings.push({ code: "existing-desktop-devices", detail: named.slice(0, 500) });
  }
  if (policyId === null) warnings.push({ code: "policy-not-chosen", detail: null });
  return warnings;
}

/** The server lets a workstation be paired twice, so a person is asked before a second one. */
export const activeDesktops = (devices: readonly Device[]): readonly Device[] =>
  devices.filter((device) => device.type === desktopDeviceType && device.status === "ACTIVE");

/**
 * The chosen policy, or the default one. Policies that cannot be read are never a reason to stop; and they are not read
 * where nothing in them is needed.
 */
async function choosePolicy(
  pingOne: PingOne,
  choice: PairingChoice,
): Promise<{ readonly id: string | null; readonly policy: Policy | null }> {
  const chosen = choice.policyId;
  if (chosen !== null && choice.kind === "desktop") return { id: chosen, policy: null };
  const answer = await readPolicies(pingOne);
  const readable = answer.ok && answer.value.state === "readable" ? answer.value.policies : [];
  const policy = readable.find((p) => (chosen === null ? p.isDefault : p.id === chosen)) ?? null;
  return { id: chosen ?? policy?.id ?? null, policy };
}

type KindPart = Pick<PairingRequest, "relyingPartyId"> & { readonly kind: PairingKind };

const desktopKind = (relyingPartyId: string | null): Outcome<KindPart> =>
  ok({ relyingPartyId, kind: { name: "desktop" } });

/**
 * The relying party of a key must be on a list that an administrator wrote: the environment's FIDO policies where they
 * can be read, else the configured one. A program can claim any relying party; this is what keeps it from doing so.
 */
async function fido2Kind(
  ports: Ports,
  pingOne: PingOne,
  choice: Extract<PairingChoice, { kind: "fido2" }>,
  mfaPolicy: { readonly id: string | null; readonly policy: Policy | null },
): Promise<Outcome<KindPart>> {
  const read = await readFidoPolicies(pingOne);
  if (!read.ok) return read;
  const policies = read.value;
  const policy = policyFor(policies, mfaPolicy.policy?.fidoPolicyId ?? null);
  const relyingPartyId = choice.relyingPartyId ?? policy?.relyingPartyId ?? null;
  const missing = [
    ...(relyingPartyId === null ? ["relying party"] : []),
    ...(mfaPolicy.id === null ? ["MFA policy"] : []),
  ];
  if (relyingPartyId === null || missing.length > 0) return fail({ code: "configuration-missing", settings: missing });
  if (policies !== null && !policies.some((p) => p.relyingPartyId === relyingPartyId)) {
    return fail({ code: "relying-party-not-allowed", relyingPartyId });
  }
  const route = expectedRoute(ports.authenticators, choice.authenticator, policy);
  if (route.route === "browser") {
    return fail({ code: "ceremony-unavailable", reason: describeBrowserReason(route.reason) });
  }
  return ok({ relyingPartyId, kind: { name: "fido2", wanted: choice.authenticator, policy } });
}
