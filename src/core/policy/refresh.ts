import { type PolicyName, policyNames, policyOf } from "./policies.ts";
import type { PolicyScope, PolicySource } from "./ports.ts";
import { type Decision, type Decisions, type KnownPolicy, nowKnown, refusedOf } from "./precedence.ts";
import { isSameContent } from "./same-content.ts";

/** What is known of this computer's policy. */
export type KnownPolicies = Readonly<Record<PolicyScope, KnownPolicy>>;

/** The same with the stamp of the moment before it was read. */
export type WatchedPolicy = { readonly stamp: string; readonly policy: KnownPolicies };

/** Reads the policy once, for a program that is over before it could change. */
export async function readPolicy(source: Pick<PolicySource, "read">): Promise<KnownPolicies> {
  const { machine, user } = await source.read();
  return { machine: nowKnown(null, machine), user: nowKnown(null, user) };
}

/**
 * Reads the policy if it may have changed since; cheap enough for once a minute. The very same object comes back when
 * nothing has changed, so that nothing needs to be decided anew.
 *
 * @param before `null`: the first time
 */
export async function refreshPolicy(source: PolicySource, before: WatchedPolicy | null): Promise<WatchedPolicy> {
  // Before the reading: what changes in between is then seen the next time, and never missed.
  const stamp = await source.stamp();
  if (before !== null && before.stamp === stamp && !isUnreadable(before)) return before;
  const { machine, user } = await source.read();
  const policy = {
    machine: nowKnown(before?.policy.machine ?? null, machine),
    user: nowKnown(before?.policy.user ?? null, user),
  };
  const isSame = before !== null && isSameContent(before.policy, policy);
  return isSame && before.stamp === stamp ? before : { stamp, policy };
}

/** What could not be read may be readable by now, although nothing about it has changed. */
const isUnreadable = ({ policy }: WatchedPolicy): boolean =>
  policy.machine.latest.state === "unreadable" || policy.user.latest.state === "unreadable";

/**
 * What is in force after a change while DeskPair runs. A setting that needs a restart stays as it was, because half of
 * the program would go on with the old value; `waiting` names those that will be different.
 *
 * Only what something can have been started on is held. That is no value that was refused, or stricter than it is written;
 * and while any was refused, nobody could sign in and nothing was sent, so then the whole place is taken as it is now: a
 * region of today with a host of before would be a place that nobody has named. The log alone was written all the time.
 */
export function withoutRestart(
  before: Decisions,
  after: Decisions,
): { readonly decisions: Decisions; readonly waiting: readonly PolicyName[] } {
  const wasRefused = isRefused(before);
  const held = policyNames.flatMap((name) => {
    const { restart, section } = policyOf(name);
    const decision = before.get(name);
    if (!restart || decision === undefined || decision.problem !== null || isSameValue(decision, after.get(name))) {
      return [];
    }
    return wasRefused && section !== "Log" ? [] : [[name, decision] as const];
  });
  return { decisions: new Map([...after, ...held]), waiting: held.map(([name]) => name) };
}

/** Whether a policy refuses something, so that nobody can sign in. */
export const isRefused = (decisions: Decisions): boolean =>
  refusedOf(
    decisions,
    policyNames.filter((name) => decisions.get(name)?.locked === true),
  ) !== null;

const isSameValue = (one: Decision, other: Decision | undefined): boolean =>
  one.state === other?.state && isSameContent(one.value, other.value);
