import { type PolicyName, policyNames, policyOf } from "./policies.ts";
import type { PolicyScope, PolicySource } from "./ports.ts";
import { type Decision, type Decisions, type KnownPolicy, nowKnown } from "./precedence.ts";

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
  const isSame = before !== null && JSON.stringify(before.policy) === JSON.stringify(policy);
  return isSame && before.stamp === stamp ? before : { stamp, policy };
}

/** What could not be read may be readable by now, although nothing about it has changed. */
const isUnreadable = ({ policy }: WatchedPolicy): boolean =>
  policy.machine.latest.state === "unreadable" || policy.user.latest.state === "unreadable";

/**
 * What is in force after a change while DeskPair runs. A setting that needs a restart stays as it was, because half of
 * the program would go on with the old value; `waiting` names those that will be different.
 */
export function withoutRestart(
  before: Decisions,
  after: Decisions,
): { readonly decisions: Decisions; readonly waiting: readonly PolicyName[] } {
  const isWaiting = (name: PolicyName): boolean =>
    policyOf(name).restart && !isSameValue(before.get(name), after.get(name));
  const waiting = policyNames.filter(isWaiting);
  const held = waiting.flatMap((name) => {
    const decision = before.get(name);
    return decision === undefined ? [] : [[name, decision] as const];
  });
  return { decisions: new Map([...after, ...held]), waiting };
}

const isSameValue = (one: Decision | undefined, other: Decision | undefined): boolean =>
  one?.state === other?.state && JSON.stringify(one?.value) === JSON.stringify(other?.value);
