import { type AppError, fail, type Outcome, ok } from "../contract/errors.ts";
import { allowsSimulator } from "../core/policy/allowed.ts";
import {
  areProfilesLocked,
  blockedBy,
  configurationUnder,
  decideBy,
  fixedProfile,
  lockedIn,
  profileUnder,
  refusalBy,
} from "../core/policy/applied.ts";
import { type Decision, type Decisions, valueOf } from "../core/policy/precedence.ts";
import type { KnownPolicies } from "../core/policy/refresh.ts";
import { type ConfigurationFile, emptyConfiguration, type FileProfile } from "../core/profiles/file.ts";
import type { Environment } from "./config-file.ts";
import type { OrganisationHelp } from "./output.ts";

/** The profile of a command, with what policies fix in place of what people have set. */
export type InForce = {
  /** `null`: none is in use. */
  readonly name: string | null;
  readonly profile: FileProfile;
  /** What neither an option nor a variable changes. */
  readonly locked: ReadonlyMap<keyof FileProfile, Decision>;
  readonly decisions: Decisions;
};

/**
 * The profile that a command is about: the policy's, else the one that was asked for, else the one that the file
 * prefers. `null`: none.
 *
 * @param own the file under the policy, in which the policy's profile is the preferred one
 */
export function chosenProfile(
  byPolicy: Decisions,
  own: ConfigurationFile,
  option: string | null,
  environment: Environment,
): string | null {
  const wanted = fixedProfile(byPolicy) === null ? option || environment["DESKPAIR_PROFILE"] || null : null;
  return wanted ?? own.profile ?? null;
}

/**
 * @param option the profile that was asked for on the command line
 */
export function profileInForce(
  policy: KnownPolicies,
  file: ConfigurationFile | null,
  option: string | null,
  environment: Environment,
): Outcome<InForce> {
  const byPolicy = decideBy(policy);
  // Before the file is looked at: without these nobody knows which profiles there are.
  const refusal = refusalBy(byPolicy);
  if (refusal !== null) return fail(refusal);
  const own = configurationUnder(byPolicy, file ?? emptyConfiguration);
  const fixed = fixedProfile(byPolicy);
  if (fixed !== null && option !== null && option !== fixed) return fail(blockedBy("Profile"));
  const name = chosenProfile(byPolicy, own, option, environment);
  // One of several, and nobody has said which: what is missing is the choice, not what stands in a profile.
  if (name === null && areProfilesLocked(byPolicy)) {
    return fail({ code: "configuration-missing", settings: ["DESKPAIR_PROFILE"] });
  }
  const found = name !== null && Object.hasOwn(own.profiles, name) ? own.profiles[name] : undefined;
  if (name !== null && found === undefined) return fail({ code: "profile-unknown", profile: name });
  const under = profileUnder(policy, name ?? "", found ?? {});
  if (!under.ok) return under;
  const { profile, decisions } = under.value;
  return ok({ name, profile, decisions, locked: lockedIn(decisions) });
}

/**
 * An option that says something else than the policy. It is refused, not ignored: whoever typed it would believe that it
 * was done. Variables are not: they stand in scripts and sessions for other tools and other days; `config explain` tells.
 */
export function contradiction(
  { decisions, locked }: InForce,
  { policyId, relyingPartyId }: { readonly policyId: string | null; readonly relyingPartyId: string | null },
): AppError | null {
  const typed = [
    ["policyId", "MfaPolicyId", policyId],
    ["rpId", "RelyingPartyId", relyingPartyId],
  ] as const;
  for (const [key, name, value] of typed) {
    const fixed = valueOf(decisions, name);
    // Neither ids nor domains know capital letters.
    if (value !== null && locked.has(key) && value.toLowerCase() !== fixed?.toLowerCase()) return blockedBy(name);
  }
  return null;
}

/** `null`: it may be started. Nothing else of a policy counts for it: it is nobody's environment. */
export const refuseSimulator = (policy: KnownPolicies): AppError | null =>
  allowsSimulator(decideBy(policy)) ? null : blockedBy("SimulatorAllowed");

/** `null`: the organisation says nothing about help. */
export function helpBy(policy: KnownPolicies): OrganisationHelp | null {
  const decisions = decideBy(policy);
  const [text, url] = [valueOf(decisions, "HelpText"), valueOf(decisions, "HelpUrl")];
  return text === null && url === null ? null : { text, url };
}
