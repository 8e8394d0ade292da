import { fail, type Outcome, ok } from "../../contract/errors.ts";
import type { ProfileSettings } from "../../contract/settings.ts";
import type { Files, Log } from "../ports.ts";
import {
  type ConfigurationFile,
  configurationFile,
  emptyConfiguration,
  type FileProfile,
  formatConfiguration,
  parseConfiguration,
  toProfileSettings,
} from "./file.ts";
import { type LockedKeys, nothingLocked, parted, toUnlockedFile } from "./unlocked.ts";

/**
 * The profiles of `config.json`. The command line, other programs and people change it too: it is read anew before every
 * change and once more right before it is written, and a change is made again on what somebody else has written
 * meanwhile. What is written between that last look and the rename, a moment without any waiting, is lost.
 */

export type Profile = {
  readonly name: string;
  readonly settings: ProfileSettings;
  /** With what only the command line uses. */
  readonly file: FileProfile;
};

export type Profiles = {
  /** The profile that is used when none is named. */
  readonly preferred: string | null;
  readonly list: readonly Profile[];
  /** Profiles that cannot be used, and why; the file, when nothing of it can be read. */
  readonly problems: readonly { readonly profile: string | null; readonly problem: string }[];
};

type Store = { readonly configuration: Files; readonly log: Log };

/** The file as it stands there, before any policy; an absent one is empty. Or why nothing of it can be read. */
export async function loadConfiguration(
  store: Pick<Store, "configuration">,
): Promise<{ readonly file: ConfigurationFile } | { readonly problem: string }> {
  const read = await readFile(store.configuration);
  return "problem" in read ? { problem: read.problem } : { file: read.file };
}

export async function loadProfiles(store: Pick<Store, "configuration">): Promise<Profiles> {
  const read = await loadConfiguration(store);
  if ("problem" in read) return { preferred: null, list: [], problems: [{ profile: null, problem: read.problem }] };
  return profilesOf(read.file);
}

export function profilesOf(file: ConfigurationFile): Profiles {
  const list: Profile[] = [];
  const problems: { profile: string | null; problem: string }[] = [];
  for (const [name, profile] of Object.entries(file.profiles)) {
    const settings = toProfileSettings(profile);
    if (settings.ok) list.push({ name, settings: settings.value, file: profile });
    else if (settings.error.code === "configuration-invalid") {
      problems.push({ profile: name, problem: `${settings.error.setting}: ${settings.error.problem}` });
    }
  }
  return { preferred: file.profile ?? null, list, problems };
}

/**
 * Saves one profile, in the place of `formerName` when that is another. A file that cannot be understood is set aside
 * first, so that nothing in it is lost; that of a newer DeskPair stays where it is, and nothing is saved.
 */
export function saveProfile(
  store: Store,
  name: string,
  formerName: string | null,
  change: (before: FileProfile) => FileProfile,
): Promise<Outcome<null>> {
  const wanted = name.trim();
  if (!isProfileName(wanted)) {
    const problem = "it must be 1 to 100 characters without control characters";
    return Promise.resolve(fail({ code: "configuration-invalid", setting: "profile name", problem }));
  }
  return edit(store, (file) => {
    if (wanted !== formerName && Object.hasOwn(file.profiles, wanted)) {
      return fail({ code: "configuration-invalid", setting: "profile name", problem: "another profile has it" });
    }
    const before = formerName !== null && Object.hasOwn(file.profiles, formerName) ? file.profiles[formerName] : {};
    const after = change(before ?? {});
    const entries = Object.entries(file.profiles);
    // In its old place, so that a list that people know by its order stays as it is.
    const profiles = entries.some(([known]) => known === formerName)
      ? entries.map(([known, profile]): [string, FileProfile] =>
          known === formerName ? [wanted, after] : [known, profile],
        )
      : [...entries, [wanted, after]];
    const preferred = file.profile === formerName && formerName !== null ? wanted : file.profile;
    return ok({
      ...file,
      ...(preferred === undefined ? {} : { profile: preferred }),
      profiles: Object.fromEntries(profiles),
    });
  });
}

/** @param locked what a policy fixes, and what therefore stays in the file as it is */
export const saveSettingsOf = (
  store: Store,
  name: string,
  formerName: string | null,
  settings: ProfileSettings,
  locked: LockedKeys = nothingLocked,
): Promise<Outcome<null>> => saveProfile(store, name, formerName, (before) => toUnlockedFile(settings, before, locked));

/** Changes some settings of a profile and leaves the others as they are in the file, whoever has changed them last. */
export function changeSettingsOf(
  store: Store,
  name: string,
  changes: Partial<ProfileSettings>,
  locked: LockedKeys = nothingLocked,
): Promise<Outcome<null>> {
  return edit(store, (file) => {
    const before = Object.hasOwn(file.profiles, name) ? file.profiles[name] : undefined;
    if (before === undefined) return fail({ code: "profile-unknown", profile: name });
    // A mistake in what a policy fixes hurts nobody now.
    const settings = toProfileSettings(parted(before, locked).own);
    if (!settings.ok) return settings;
    // Setting a name that is there keeps its place.
    const after = toUnlockedFile({ ...settings.value, ...changes }, before, locked);
    return ok({ ...file, profiles: { ...file.profiles, [name]: after } });
  });
}

export function removeProfile(store: Store, name: string): Promise<Outcome<null>> {
  return edit(store, (file) => {
    if (!Object.hasOwn(file.profiles, name)) return fail({ code: "profile-unknown", profile: name });
    const { profile: preferred, ...rest } = file;
    const profiles = Object.fromEntries(Object.entries(file.profiles).filter(([known]) => known !== name));
    return ok({ ...rest, ...(preferred === undefined || preferred === name ? {} : { profile: preferred }), profiles });
  });
}

/**
 * Makes a profile the one that is used when none is named.
 *
 * @param known whether there is a profile of this name; without it, those of the file count
 */
export function preferProfile(
  store: Store,
  name: string,
  known: (name: string) => boolean = () => false,
): Promise<Outcome<null>> {
  return edit(store, (file) =>
    known(name) || Object.hasOwn(file.profiles, name)
      ? ok({ ...file, profile: name })
      : fail({ code: "profile-unknown", profile: name }),
  );
}

/** `__proto__` would not become a member of an object, and the profile would be lost. */
const isProfileName = (name: string): boolean =>
  name.length >= 1 && name.length <= 100 && !/\p{Cc}/u.test(name) && name !== "__proto__";

/** Changes of one file one after the other: of two at once the second would undo the first. */
const turns = new WeakMap<Files, Promise<unknown>>();

/** Others write rarely. Whoever finds something new this often shares the file with a program gone wild. */
const mostAttempts = 5;

type Change = (file: ConfigurationFile) => Outcome<ConfigurationFile>;

function edit(store: Store, change: Change): Promise<Outcome<null>> {
  const { configuration } = store;
  const turn = (turns.get(configuration) ?? Promise.resolve()).then(() => editAlone(store, change));
  turns.set(
    configuration,
    turn.catch(() => undefined),
  );
  return turn;
}

async function editAlone({ configuration, log }: Store, change: Change): Promise<Outcome<null>> {
  for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
    const read = await readFile(configuration);
    if ("unreadable" in read) return fail(read.unreadable);
    if ("newer" in read) {
      return fail({ code: "configuration-invalid", setting: "configuration file", problem: read.problem });
    }
    const changed = change("file" in read ? read.file : emptyConfiguration);
    if (!changed.ok) return changed;
    const now = await configuration.read(configurationFile);
    if (!now.ok) return now;
    if (now.value !== read.content) continue;
    if ("problem" in read) {
      log("warn", "configuration.set-aside", { problem: read.problem });
      const aside = await configuration.setAside(configurationFile);
      // Nothing is written in the place of something that is still there.
      if (!aside.ok) return aside;
    }
    return configuration.replace(configurationFile, formatConfiguration(changed.value));
  }
  return fail({ code: "not-now", doing: "another program keeps changing the configuration file" });
}

type Read =
  | { readonly file: ConfigurationFile; readonly content: string | null }
  | { readonly problem: string; readonly newer?: true; readonly content: string }
  | { readonly problem: string; readonly unreadable: Extract<Outcome<never>, { ok: false }>["error"] };

async function readFile(files: Files): Promise<Read> {
  const read = await files.read(configurationFile);
  if (!read.ok) {
    const problem = read.error.code === "storage-failed" ? read.error.problem : read.error.code;
    return { problem, unreadable: read.error };
  }
  const content = read.value;
  return content === null ? { file: emptyConfiguration, content } : { ...parseConfiguration(content), content };
}
