import {
  defaultProfileSettings,
  type ProfileSettings,
  type Settings,
  type WindowSettings,
} from "../../contract/settings.ts";
import { areProfilesLocked, configurationUnder, fixedProfile, refusalBy, withLocked } from "../policy/applied.ts";
import { lockedSettings } from "../policy/changes.ts";
import { type Decisions, valueOf } from "../policy/precedence.ts";
import { type ConfigurationFile, emptyConfiguration, type FileProfile, toProfileSettings } from "./file.ts";
import { type Profiles, profilesOf } from "./store.ts";

/** The profiles as they count, with what a policy says in place of what the file says. */
export type ProfilesInForce = Profiles & {
  /** Those that a policy has made: they are in no file. */
  readonly managed: ReadonlySet<string>;
  /** What each says by itself, before what a policy fixes. */
  readonly written: Readonly<Record<string, FileProfile>>;
};

export const noProfiles: ProfilesInForce = {
  preferred: null,
  list: [],
  problems: [],
  managed: new Set(),
  written: {},
};

/**
 * @param read the file, or why it cannot be read
 * @param decisions what the policy says by itself
 * @param below the same, with this profile under it
 */
export function profilesInForce(
  read: { readonly file: ConfigurationFile } | { readonly problem: string },
  decisions: Decisions,
  below: (name: string, values: FileProfile) => Decisions,
): ProfilesInForce {
  // Nobody knows which profiles there are, or where they lead.
  if (refusalBy(decisions) !== null) return noProfiles;
  const own = "file" in read ? read.file : emptyConfiguration;
  const under = configurationUnder(decisions, own);
  const profiles = Object.fromEntries(
    Object.entries(under.profiles).map(([name, values]) => [name, withLocked(below(name, values), values)]),
  );
  const forced = areProfilesLocked(decisions);
  const found = profilesOf({ ...under, profiles });
  const wanted = fixedProfile(decisions);
  const missing = wanted !== null && !Object.hasOwn(profiles, wanted) ? [{ profile: wanted, problem: notThere }] : [];
  // With forced profiles the file is not asked, so what is wrong with it is no problem.
  const unreadable = "problem" in read && !forced ? [{ profile: null, problem: read.problem }] : [];
  return {
    ...found,
    written: under.profiles,
    problems: [...missing, ...unreadable, ...found.problems],
    managed: new Set(Object.keys(profiles).filter((name) => forced || !Object.hasOwn(own.profiles, name))),
  };
}

const notThere = "your organisation's policy puts it in use, and there is no profile of this name";

/**
 * The settings as they count: of the profile in use, which stands under the policy already, and of the window.
 *
 * @param saved what the window remembers
 * @param profile `null`: none is in use, and what a policy fixes is known all the same
 */
export function settingsInForce(
  decisions: Decisions,
  profile: ProfileSettings | null,
  saved: WindowSettings,
): Settings {
  const locked = lockedSettings(decisions);
  const fixed = toProfileSettings(withLocked(decisions, {}));
  const ofPolicy = fixed.ok
    ? Object.entries(fixed.value).filter(([name]) => [...locked.keys()].some((key) => key === name))
    : [];
  const idleMinutes = locked.has("idleMinutes") ? valueOf(decisions, "IdleMinutes") : null;
  const signOutOnLock = locked.has("signOutOnLock") ? valueOf(decisions, "SignOutOnLock") : null;
  return {
    ...(profile ?? { ...defaultProfileSettings, ...Object.fromEntries(ofPolicy) }),
    ...saved,
    ...(idleMinutes === null ? {} : { idleMinutes }),
    ...(signOutOnLock === null ? {} : { signOutOnLock }),
  };
}
