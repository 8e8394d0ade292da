import type { LockableSetting } from "../contract/policy-views.ts";
import type { Snapshot, User } from "../contract/views.ts";
import type { Choices } from "./choices.ts";
import { type Draft, draftOf, newDraft } from "./profile.ts";
import { useSnapshot } from "./store.ts";

/** What a policy fixes, as the screens ask for it. */

export function useLocked(): (setting: string) => boolean {
  const { locked } = useSnapshot().management;
  const names: ReadonlySet<string> = new Set<LockableSetting>(locked);
  return (setting) => names.has(setting);
}

/** Why nothing can be paired for this user, as the id of the element that says it; none, when it can. */
export function useRefusal(user: User): { readonly refusedBecause?: string } {
  const { refused } = useSnapshot().management;
  if (!user.enabled) return { refusedBecause: "user-disabled" };
  return refused === null ? {} : { refusedBecause: policyProblemId };
}

export const policyProblemId = "policy-problem";

/** A new profile begins with what a policy fixes; the rest is as usual, in a way to sign in that is allowed. */
export function firstDraft({ management, settings }: Snapshot): Draft {
  const known = draftOf("", settings);
  const fixed = management.locked.filter((setting) => Object.hasOwn(newDraft, setting));
  const draft = {
    ...newDraft,
    ...Object.fromEntries(Object.entries(known).filter(([name]) => fixed.some((setting) => setting === name))),
  };
  const [mode] = management.signInModes?.includes(draft.mode) === false ? management.signInModes : [];
  return management.locked.includes("mode") || mode === undefined ? draft : { ...draft, mode };
}

/** The choices for a user, with what a policy has chosen meanwhile. */
export function choicesUnder(choices: Choices, { management, settings }: Snapshot): Choices {
  return management.locked.includes("policyId") ? { ...choices, policyId: settings.policyId ?? "" } : choices;
}
