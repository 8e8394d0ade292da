import type { AppError } from "../../contract/errors.ts";
import type { ProfileSave } from "../../contract/ipc.ts";
import { defaultProfileSettings, type Settings, type SettingsChange } from "../../contract/settings.ts";
import { type FileProfile, toProfileSettings } from "../profiles/file.ts";
import { areProfilesLocked, blockedBy, fixedProfile, lockedIn, refusalBy, withLocked } from "./applied.ts";
import { type PolicyName, policyNames, policyOf } from "./policies.ts";
import type { Decisions } from "./precedence.ts";

/**
 * What people cannot change, because a policy decides. Asked in the core and not only on the page, which may be in the
 * hands of somebody else; the command line asks here, too.
 */

/** The window's settings that a policy fixes, each with the policy. */
export function lockedSettings(decisions: Decisions): ReadonlyMap<keyof Settings, PolicyName> {
  const locked = new Map<keyof Settings, PolicyName>();
  // There is no file in which a change of such a profile could be.
  if (areProfilesLocked(decisions)) {
    for (const setting of Object.keys(defaultProfileSettings).filter(isProfileSetting)) locked.set(setting, "Profiles");
  }
  for (const name of policyNames) {
    const setting = settingOf(name);
    if (setting !== null && decisions.get(name)?.locked === true) locked.set(setting, name);
  }
  return locked;
}

function settingOf(name: PolicyName): keyof Settings | null {
  const { profile, window: saved } = policyOf(name);
  if (saved !== null) return saved;
  const setting = profile === "rpId" ? "relyingPartyId" : profile;
  return setting !== null && isProfileSetting(setting) ? setting : null;
}

const isProfileSetting = (name: string): name is keyof typeof defaultProfileSettings =>
  Object.hasOwn(defaultProfileSettings, name);

/** The keys of the file that a policy fixes, whichever profile is meant. */
export const lockedKeys = (decisions: Decisions): ReadonlySet<keyof FileProfile> => new Set(lockedIn(decisions).keys());

/** Making, changing or removing any profile. */
export const refuseAnyChange = (decisions: Decisions): AppError | null =>
  refusalBy(decisions) ?? (areProfilesLocked(decisions) ? blockedBy("Profiles") : null);

/** What the page shows of what is locked has to come back as it was. `null`: it may be saved. */
export function refuseSave(decisions: Decisions, { name, formerName, settings }: ProfileSave): AppError | null {
  const refusal = refuseAnyChange(decisions);
  if (refusal !== null) return refusal;
  const fixed = fixedProfile(decisions);
  // Under another name it would be gone.
  if (fixed !== null && formerName === fixed && name.trim() !== fixed) return blockedBy("Profile");
  const inForce = toProfileSettings(withLocked(decisions, {}));
  if (!inForce.ok) return inForce.error;
  for (const [setting, policy] of lockedSettings(decisions)) {
    if (isProfileSetting(setting) && settings[setting] !== inForce.value[setting]) return blockedBy(policy);
  }
  return null;
}

export function refuseChoice(decisions: Decisions, name: string): AppError | null {
  const fixed = fixedProfile(decisions);
  return refusalBy(decisions) ?? (fixed !== null && fixed !== name ? blockedBy("Profile") : null);
}

/** @param isManaged a policy has made this profile */
export function refuseRemoval(decisions: Decisions, name: string, isManaged: boolean): AppError | null {
  const refusal = refuseAnyChange(decisions);
  if (refusal !== null) return refusal;
  if (fixedProfile(decisions) === name) return blockedBy("Profile");
  return isManaged ? blockedBy("EnvironmentId") : null;
}

export function refuseSettings(decisions: Decisions, change: SettingsChange): AppError | null {
  const locked = lockedSettings(decisions);
  const given = Object.entries(change).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  const policy = [...locked].find(([setting]) => given.includes(setting))?.[1];
  if (policy !== undefined) return blockedBy(policy);
  // How the window looks is nobody else's business, whatever is wrong with a policy.
  return given.some(isProfileSetting) ? refusalBy(decisions) : null;
}
