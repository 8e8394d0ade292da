import { fail, type Outcome, ok } from "../contract/errors.ts";
import type { ProfileSave } from "../contract/ipc.ts";
import type { SettingsChange, WindowSettings } from "../contract/settings.ts";
import type { ProfileView, Snapshot } from "../contract/views.ts";
import type { AppPolicy } from "./app-policy.ts";
import { areProfilesLocked, fixedProfile, refusalBy } from "./policy/applied.ts";
import { lockedKeys, refuseChoice, refuseRemoval, refuseSave, refuseSettings } from "./policy/changes.ts";
import type { Layers } from "./policy/precedence.ts";
import type { Ports } from "./ports.ts";
import { isSameConnection } from "./profiles/file.ts";
import { noProfiles, profilesInForce, settingsInForce } from "./profiles/in-force.ts";
import { changeSettingsOf, loadConfiguration, type Profile, removeProfile, saveSettingsOf } from "./profiles/store.ts";
import { loadSettings, type Remembered, saveSettings } from "./settings.ts";
import { readKept } from "./sign-in/kept.ts";
import { endpointsOf } from "./sign-in/open.ts";
import { revokeKept } from "./sign-in/revocation.ts";
import type { AppEvent } from "./state.ts";

/** The window's profiles and settings: what is in force, and what is remembered. */
export type AppProfiles = {
  /** Reads everything. Once, before the first window. */
  readonly start: () => Promise<void>;
  readonly current: () => Profile | null;
  /** What people have set, in its place below the policy. */
  readonly below: () => Pick<Layers, "profile" | "window">;
  /** Whether somebody has seen what a session of this profile may do. */
  readonly isProven: (name: string) => boolean;
  readonly proved: (name: string) => Promise<void>;
  readonly save: (input: ProfileSave) => Promise<Outcome<null>>;
  readonly choose: (name: string) => Promise<Outcome<null>>;
  readonly remove: (name: string) => Promise<Outcome<null>>;
  readonly change: (change: SettingsChange) => Promise<Outcome<null>>;
  /** Reads the profiles anew: the command line, a person or a policy may have changed them. */
  readonly refresh: () => Promise<void>;
};

const windowKeys = ["theme", "language", "idleMinutes", "signOutOnLock"] as const;

export function createAppProfiles(parts: {
  readonly ports: Ports;
  readonly dispatch: (event: AppEvent) => void;
  readonly initial: Remembered;
  readonly policy: Pick<AppPolicy, "decide">;
}): AppProfiles {
  const { ports, policy } = parts;
  let remembered = parts.initial;
  let known = noProfiles;
  /** The profile in use where a policy decides about profiles. What the person chose before counts again without it. */
  let instead: string | null = null;

  const find = (name: string | null): Profile | null => known.list.find((profile) => profile.name === name) ?? null;
  const current = (): Profile | null => find(instead ?? remembered.profile);
  const byPolicy = () => policy.decide(null);

  const remember = async (next: Remembered): Promise<Outcome<null>> => {
    remembered = next;
    const saved = await saveSettings(ports, next);
    if (!saved.ok) ports.log("warn", "settings.not-saved", { code: saved.error.code });
    return saved;
  };

  const show = async (): Promise<void> => {
    const inUse = current();
    const kept = inUse !== null && (await isKept(ports, inUse));
    const [problem = null] = known.problems;
    parts.dispatch({
      type: "profiles-changed",
      profiles: {
        current: inUse?.name ?? null,
        list: known.list.map((profile) => viewOf(profile, profile === inUse && kept, known.managed.has(profile.name))),
        problem,
      } satisfies Snapshot["profiles"],
      settings: settingsInForce(byPolicy(), inUse?.settings ?? null, remembered.windowSettings),
    });
  };

  const reload = async (): Promise<void> => {
    const read = await loadConfiguration(ports);
    const decisions = byPolicy();
    known = profilesInForce(read, decisions, (name, values) => policy.decide({ name, values }));
    instead = null;
    const fixed = fixedProfile(decisions);
    const next = find(known.preferred) ?? known.list[0] ?? null;
    if (fixed !== null) instead = fixed;
    else if (current() !== null) return;
    else if (areProfilesLocked(decisions) || refusalBy(decisions) !== null) instead = next?.name ?? null;
    else remembered = { ...remembered, profile: next?.name ?? null };
  };

  return {
    start: async () => {
      remembered = await loadSettings(ports);
      await reload();
      await show();
    },
    current,
    isProven: (name) => remembered.proven.includes(name),
    proved: async (name) => {
      if (remembered.proven.includes(name)) return;
      await remember({ ...remembered, proven: [...remembered.proven, name] });
    },
    below: () => {
      const inUse = current();
      const values = inUse === null ? undefined : known.written[inUse.name];
      const profile = inUse === null || values === undefined ? null : { name: inUse.name, values };
      return { profile, window: remembered.windowSettings };
    },
    save: async (input) => {
      const { name, formerName, settings } = input;
      const decisions = byPolicy();
      const refusal = refuseSave(decisions, input);
      if (refusal !== null) return fail(refusal);
      const wanted = name.trim();
      const checked = endpointsOf(settings);
      if (!checked.ok) return checked;
      const tidy = { ...settings, environmentId: checked.value.environmentId, clientId: settings.clientId.trim() };
      const saved = await saveSettingsOf(ports, wanted, formerName, tidy, lockedKeys(decisions));
      if (!saved.ok) return saved;
      // What was kept for the old name or the old connection is of no use to the new one.
      const changed =
        formerName !== null && (formerName !== wanted || !isSameConnection(find(formerName)?.settings ?? tidy, tidy));
      if (changed && formerName !== null) await signOut(ports, formerName);
      const proven = remembered.proven.filter((known) => known !== wanted && known !== formerName);
      await remember({ ...remembered, profile: wanted, proven });
      await reload();
      await show();
      return ok(null);
    },
    choose: async (name) => {
      await reload();
      const refusal = refuseChoice(byPolicy(), name);
      if (refusal !== null) return fail(refusal);
      if (find(name) === null) return fail({ code: "profile-unknown", profile: name });
      const saved = await remember({ ...remembered, profile: name });
      instead = null;
      await show();
      return saved;
    },
    remove: async (name) => {
      const refusal = refuseRemoval(byPolicy(), name, known.managed.has(name));
      if (refusal !== null) return fail(refusal);
      const removed = await removeProfile(ports, name);
      if (!removed.ok) return removed;
      await signOut(ports, name);
      await reload();
      await remember({ ...remembered, proven: remembered.proven.filter((known) => known !== name) });
      await show();
      return ok(null);
    },
    change: async (change) => {
      const decisions = byPolicy();
      const refusal = refuseSettings(decisions, change);
      if (refusal !== null) return fail(refusal);
      const given = Object.entries(change).filter(([, value]) => value !== undefined);
      const isWindow = ([key]: readonly [string, unknown]): boolean => windowKeys.some((known) => known === key);
      const windowSettings: WindowSettings = {
        ...remembered.windowSettings,
        ...Object.fromEntries(given.filter(isWindow)),
      };
      const others = given.filter((entry) => !isWindow(entry));
      const inUse = current();
      let outcome: Outcome<null> = ok(null);
      if (others.length > 0) {
        if (inUse === null) return fail({ code: "configuration-missing", settings: ["profile"] });
        const changes = Object.fromEntries(others);
        // One that a policy has made gets a place in the file with the first thing that somebody changes.
        outcome = known.managed.has(inUse.name)
          ? await saveSettingsOf(ports, inUse.name, null, { ...inUse.settings, ...changes }, lockedKeys(decisions))
          : await changeSettingsOf(ports, inUse.name, changes, lockedKeys(decisions));
        if (outcome.ok) await reload();
      }
      if (given.some(isWindow)) {
        const saved = await remember({ ...remembered, windowSettings });
        if (outcome.ok) outcome = saved;
      }
      await show();
      return outcome;
    },
    refresh: async () => {
      await reload();
      await show();
    },
  };
}

function viewOf({ name, settings }: Profile, kept: boolean, managed: boolean): ProfileView {
  const endpoints = endpointsOf(settings);
  const { mode, environmentId, color, production } = settings;
  const host = endpoints.ok ? new URL(endpoints.value.apiBase).host : "";
  return { name, mode, environmentId, host, color, production, kept, managed };
}

async function isKept(ports: Ports, { name, settings }: Profile): Promise<boolean> {
  const endpoints = endpointsOf(settings);
  if (!endpoints.ok) return false;
  const { clientId, mode } = settings;
  const { issuer, apiBase } = endpoints.value;
  const read = await readKept(ports.secrets, name, { issuer, apiBase, clientId, mode });
  // A store that cannot be read now may be readable later; the person signs in.
  if (!read.ok) ports.log("warn", "secrets.not-read", { code: read.error.code });
  return read.ok && read.value !== null;
}

/** What PingOne could not be told ends by itself; the profile is changed all the same. */
async function signOut(ports: Ports, name: string): Promise<void> {
  const revoked = await revokeKept(ports, name);
  if (!revoked.ok) ports.log("warn", "sign-out.incomplete", { code: revoked.error.code });
}
