import type { ProfileSettings } from "../../contract/settings.ts";
import { type FileProfile, toFileProfile, toProfileSettings } from "./file.ts";

/** What a policy fixes in a profile. */
export type LockedKeys = ReadonlySet<keyof FileProfile>;

export const nothingLocked: LockedKeys = new Set();

/** A profile of the file in two: what people may change, and what they have set where a policy decides. */
export function parted(
  profile: FileProfile,
  locked: LockedKeys,
): { readonly own: FileProfile; readonly held: FileProfile } {
  const names: ReadonlySet<string> = locked;
  const entries = Object.entries(profile);
  return {
    own: Object.fromEntries(entries.filter(([key]) => !names.has(key))),
    held: Object.fromEntries(entries.filter(([key]) => names.has(key))),
  };
}

/**
 * A profile as it goes to the file. What a policy fixes stays there as the person has left it: it is not theirs what the
 * policy says, and their own value counts again when the policy is gone.
 */
export function toUnlockedFile(settings: ProfileSettings, before: FileProfile, locked: LockedKeys): FileProfile {
  const { own, held } = parted(before, locked);
  const changed = toFileProfile(withoutLocked(settings, locked), own);
  return { ...parted(changed, locked).own, ...held };
}

/**
 * As if nobody had ever set what is locked, which is how `own` is read, too: otherwise a policy's host would look like a
 * change of the connection, and with that the place of the secret would be forgotten.
 */
function withoutLocked(settings: ProfileSettings, locked: LockedKeys): ProfileSettings {
  const names: ReadonlySet<string> = locked;
  const usual = toProfileSettings({});
  if (!usual.ok) return settings;
  const unset = Object.entries(usual.value).filter(([key]) => names.has(key === "relyingPartyId" ? "rpId" : key));
  return { ...settings, ...Object.fromEntries(unset) };
}
