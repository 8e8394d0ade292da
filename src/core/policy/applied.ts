import { type AppError, fail, type Outcome, ok } from "../../contract/errors.ts";
import type { ConfigurationFile, FileProfile } from "../profiles/file.ts";
import { type PolicyName, policyNames, policyOf } from "./policies.ts";
import { type Decision, type Decisions, decide, type Layers, refusedOf, valueOf } from "./precedence.ts";
import type { KnownPolicies } from "./refresh.ts";

/** Nobody has decided anything: every list allows everything, and every other setting is whoever asks' own. */
export const unmanaged: Decisions = new Map();

/** What a policy says by itself. `below`: what people have set, as far as it is known where this is asked. */
export const decideBy = (policy: KnownPolicies, below: Partial<Omit<Layers, "policy">> = {}): Decisions =>
  decide({ flags: {}, environment: {}, profile: null, window: {}, ...below, policy });

/** Whether there is a policy at all, readable or not. */
export const isManaged = ({ machine, user }: KnownPolicies): boolean =>
  machine.latest.state !== "absent" || user.latest.state !== "absent";

/** Why nothing may be done: a policy that is not understood, and that nothing may take the place of. `null`: go on. */
export function refusalBy(decisions: Decisions): AppError | null {
  const refused = refusedOf(
    decisions,
    policyNames.filter((name) => decisions.get(name)?.locked === true),
  );
  return refused === null ? null : blockedBy(refused.name);
}

export const blockedBy = (setting: PolicyName): AppError => ({ code: "blocked-by-policy", setting });

/** The profile that a policy has in use; `null`: people choose. */
export const fixedProfile = (decisions: Decisions): string | null =>
  decisions.get("Profile")?.locked === true ? valueOf(decisions, "Profile") : null;

/** The settings of a profile that people cannot change, each with who decides. */
export function lockedIn(decisions: Decisions): ReadonlyMap<keyof FileProfile, Decision> {
  const locked = new Map<keyof FileProfile, Decision>();
  for (const decision of decisions.values()) {
    const { profile } = policyOf(decision.name);
    if (profile !== null && decision.locked) locked.set(profile, decision);
  }
  return locked;
}

/** A profile as it is in force: what a policy fixes replaces what stands in the file, or takes it away. */
export function profileUnder(
  policy: KnownPolicies,
  name: string,
  values: FileProfile,
): Outcome<{ readonly profile: FileProfile; readonly decisions: Decisions }> {
  const decisions = decideBy(policy, { profile: { name, values } });
  const refusal = refusalBy(decisions);
  return refusal === null ? ok({ profile: withLocked(decisions, values), decisions }) : fail(refusal);
}

/**
 * The same for decisions that have been taken, of which none is refused. What is locked and set nowhere is left out:
 * whoever reads a profile chooses the default, which may depend on the rest of it.
 */
export function withLocked(decisions: Decisions, values: FileProfile): FileProfile {
  const next: Record<string, unknown> = { ...values };
  for (const [key, { value, source }] of lockedIn(decisions)) {
    if (value === null || source === "default") delete next[key];
    else next[key] = value;
  }
  // SECURITY: the secret of one place is not brought to another one, whoever says that it is there.
  if (leads.some((key) => isOther(values[key], next[key]))) {
    for (const key of ["clientSecretFile", "clientKeyFile", "clientKeyId"]) delete next[key];
  }
  return next;
}

/** What says where a secret goes, and as whom. */
const leads = ["region", "apiUrl", "authUrl", "authDomain", "environmentId", "clientId"] as const;

/** What a profile leaves open is not changed by a policy that fills it. */
const isOther = (before: string | undefined, after: unknown): boolean =>
  before !== undefined && before.toLowerCase() !== String(after).toLowerCase();

/** The name of the profile of a computer whose environment a policy names, where nobody has made one. */
export const managedProfile = "Managed";

/**
 * The configuration file as it is in force. Profiles that a policy forces take the place of all others; and where it
 * names the whole environment, and the place of it, there is a profile even if nobody has made one.
 */
export function configurationUnder(decisions: Decisions, file: ConfigurationFile): ConfigurationFile {
  const profiles = profilesUnder(decisions, file.profiles);
  const wanted = fixedProfile(decisions);
  const names = Object.keys(profiles);
  const preferred =
    wanted ??
    (file.profile !== undefined && Object.hasOwn(profiles, file.profile) ? file.profile : undefined) ??
    // Somebody has to be first; with one there is no doubt about who.
    (profiles === file.profiles ? file.profile : names.length === 1 ? names[0] : undefined);
  return { version: 1, ...(preferred === undefined ? {} : { profile: preferred }), profiles };
}

function profilesUnder(decisions: Decisions, own: ConfigurationFile["profiles"]): ConfigurationFile["profiles"] {
  const forced = valueOf(decisions, "Profiles");
  if (forced !== null) return forced;
  const isFixed = (...names: readonly PolicyName[]): boolean =>
    names.every((name) => decisions.get(name)?.locked === true && valueOf(decisions, name) !== null);
  // Without a place it would lead to whichever region is the default.
  const isWhole = isFixed("EnvironmentId", "ClientId") && (isFixed("Region") || isFixed("ApiUrl", "AuthUrl"));
  if (!isWhole || Object.keys(own).length > 0) return own;
  const name = fixedProfile(decisions);
  return { [name ?? managedProfile]: {} };
}

/** Whether people may make, change or remove profiles. */
export const areProfilesLocked = (decisions: Decisions): boolean => decisions.get("Profiles")?.locked === true;
