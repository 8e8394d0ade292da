import { describeBrowserReason } from "../../contract/enrolment-words.ts";
import { fail, type Outcome, ok } from "../../contract/errors.ts";
import type { AuthenticatorKind, Device, User, Warning } from "../../contract/views.ts";
import type { AgentSettings } from "../agent/client.ts";
import { findAgent } from "../agent/find.ts";
import { isRelyingPartyId } from "../agent/origin.ts";
import { describeOffset, judgeOffset } from "../doctor/clock.ts";
import { expectedRoute } from "../fido2/ceremony.ts";
import { policyFor } from "../fido2/policy.ts";
import type { PingOne } from "../pingone/client.ts";
import { desktopDeviceType, listDevices } from "../pingone/devices.ts";
import { allowsRelyingParty, nicknameBy } from "../policy/allowed.ts";
import type { Ports } from "../ports.ts";
import {
  type ChosenPolicy,
  doubtfulLicence,
  type EnvironmentRead,
  judgeEnvironment,
  readEnvironment,
} from "./environment.ts";
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
  /** Pair a workstation again that is paired with this user already. */
  readonly force: boolean;
} & ({ readonly kind: "desktop" } | { readonly kind: "fido2"; readonly authenticator: AuthenticatorKind });

export type Prepared =
  /** What is wanted is there already: nothing is to be done. */
  | { readonly is: "paired"; readonly device: Device }
  | { readonly is: "ready"; readonly request: PairingRequest; readonly warnings: readonly Warning[] };

/**
 * Everything that must be known before something is created; reads only. What is certain to fail stops here, while
 * there is nothing to undo.
 *
 * @param agent `null`: do not ask whether an agent is there (a dry run may be made from anywhere)
 * @param own the device of our own last pairing of this kind for this user; `null`: there is none
 */
export async function preflight(
  ports: Ports,
  pingOne: PingOne,
  pairingId: string,
  user: User,
  choice: PairingChoice,
  agent: AgentSettings | null,
  own: Device | null,
): Promise<Outcome<Prepared>> {
  if (!user.enabled) return fail({ code: "user-disabled", username: user.username });
  if (choice.relyingPartyId !== null && !isRelyingPartyId(choice.relyingPartyId)) {
    const problem = "it must be a lower-case domain such as example.com";
    return fail({ code: "configuration-invalid", setting: "relying party", problem });
  }
  const notAllowed = refuseRelyingParty(ports, choice.relyingPartyId);
  if (!notAllowed.ok) return notAllowed;
  const listing = listDevices(pingOne, user.id);
  // A person may have several keys, and a second one is a new one; a workstation is paired once.
  if (choice.kind === "desktop" && !choice.force && own !== null) {
    // Waited for, because it may be all that is needed.
    const listed = await listing;
    if (!listed.ok) return fail(listed.error);
    const still = listed.value.find((d) => d.id === own.id && d.type === own.type && d.status === "ACTIVE");
    if (still !== undefined) return ok({ is: "paired", device: still });
  }
  const read = await readEnvironment(pingOne, choice.kind, choice.policyId, listing);
  const existing = await listing;
  if (!existing.ok) return fail(existing.error);
  // Here, because the answers have just told the time, and nothing has been created yet.
  const clock = judgeOffset(pingOne.clockOffset());
  if (clock.state === "wrong") return fail(clock.error);
  const chosen = judgeEnvironment(read, choice.kind, choice.policyId, existing.value);
  if (!chosen.ok) return chosen;
  const policy = chosen.value;

  const kind =
    choice.kind === "desktop" ? desktopKind(choice.relyingPartyId) : fido2Kind(ports, choice, policy, read.fido);
  if (!kind.ok) return kind;
  // Last, because it is the quickest to go wrong again. Sends nothing.
  if (choice.kind === "desktop" && agent !== null) {
    const found = await findAgent(ports, agent.port, agent.trust);
    if (!found.ok) return found;
    // Nobody was looked up, or nobody was seen: then a connection tells whether somebody is there.
    if (found.value.address === null && (await ports.probeAgent(agent.port)) === "closed") {
      return fail({ code: "agent-missing", port: agent.port });
    }
  }
  const uncovered = doubtfulLicence(read, choice.kind);
  return ok({
    is: "ready",
    request: {
      pairingId,
      userId: user.id,
      policyId: policy.id,
      nickname: toNickname(nicknameOf(ports, user, choice)),
      knownDeviceIds: existing.value.map((device) => device.id),
      ...kind.value,
    },
    warnings: [
      ...warningsFor(user, choice, existing.value, policy.id),
      ...(clock.state === "off"
        ? [{ code: "clock-off" as const, detail: `${describeOffset(clock.seconds * 1000)}.` }]
        : []),
      ...(uncovered === null ? [] : [{ code: "licence-doubtful" as const, detail: uncovered }]),
    ],
  });
}

/** Whether the organisation lets devices be paired for it. `null`: not known yet, the answer to the creation tells. */
const refuseRelyingParty = (ports: Ports, relyingPartyId: string | null): Outcome<null> =>
  relyingPartyId === null || allowsRelyingParty(ports.policy(), relyingPartyId)
    ? ok(null)
    : fail({ code: "relying-party-not-allowed", relyingPartyId });

/** What the organisation calls workstations, else what the operator wants, else the computer's name. */
function nicknameOf(ports: Ports, user: User, { kind, nickname }: PairingChoice): string {
  const managed = kind === "desktop" ? nicknameBy(ports.policy(), ports.hostName, user.username) : null;
  return managed ?? nickname ?? ports.hostName;
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

type KindPart = Pick<PairingRequest, "relyingPartyId"> & { readonly kind: PairingKind };

const desktopKind = (relyingPartyId: string | null): Outcome<KindPart> =>
  ok({ relyingPartyId, kind: { name: "desktop" } });

/**
 * The relying party of a key must be on a list that an administrator wrote: the environment's FIDO policies where they
 * can be read, else the configured one. A program can claim any relying party; this is what keeps it from doing so.
 */
function fido2Kind(
  ports: Ports,
  choice: Extract<PairingChoice, { kind: "fido2" }>,
  mfaPolicy: ChosenPolicy,
  read: EnvironmentRead["fido"],
): Outcome<KindPart> {
  if (read?.ok === false) return read;
  const policies = read?.value ?? null;
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
  const notAllowed = refuseRelyingParty(ports, relyingPartyId);
  if (!notAllowed.ok) return notAllowed;
  const route = expectedRoute(ports.authenticators, choice.authenticator, policy);
  if (route.route === "browser") {
    return fail({ code: "ceremony-unavailable", reason: describeBrowserReason(route.reason) });
  }
  return ok({ relyingPartyId, kind: { name: "fido2", wanted: choice.authenticator, policy } });
}
