import {
  areProfilesLocked,
  blockedBy,
  configurationUnder,
  decideBy,
  lockedIn,
  profileUnder,
} from "../../core/policy/applied.ts";
import { refuseAnyChange, refuseChoice, refuseRemoval } from "../../core/policy/changes.ts";
import type { Files } from "../../core/ports.ts";
import {
  type ConfigurationFile,
  emptyConfiguration,
  type FileProfile,
  toProfileSettings,
} from "../../core/profiles/file.ts";
import { preferProfile, removeProfile, saveProfile } from "../../core/profiles/store.ts";
import { endpointsOf } from "../../core/sign-in/open.ts";
import { revokeKept } from "../../core/sign-in/revocation.ts";
import { dataFolder } from "../../node/host.ts";
import { type ConfigPlace, configPlace, configurationFiles, readConfigFile } from "../config-file.ts";
import { type Context, report } from "../context.ts";
import { exitDone } from "../exit-codes.ts";
import { chosenProfile } from "../managed.ts";
import { pairs, table } from "../output.ts";
import { createPorts, createSecrets } from "../ports.ts";
import { changeProfile } from "../profile-settings.ts";
import type { Order } from "../program.ts";
import { readSecretStore } from "../setting-values.ts";

type ProfileOrder = Extract<
  Order,
  { name: "profiles-list" | "profiles-show" | "profiles-set" | "profiles-remove" | "profiles-use" }
>;

/** `deskpair profiles …`: the file that window and command line share. Resolves with the exit number. */
export async function profiles(context: Context, order: ProfileOrder): Promise<number> {
  const place = configPlace(context.options.config, context.environment);
  switch (order.name) {
    case "profiles-list":
      return list(context, place);
    case "profiles-show":
      return show(context, place, order.profile);
    default:
  }
  const refusal = refuse(context, order);
  if (refusal !== null) return report(context, refusal);
  const files = configurationFiles(place);
  if (!files.ok) return report(context, files.error);
  switch (order.name) {
    case "profiles-set":
      return set(context, place, files.value, order);
    case "profiles-remove":
      return remove(context, place, files.value, order.profile);
    case "profiles-use":
      return use(context, place, files.value, order.profile);
    default:
      return order satisfies never;
  }
}

/** What a policy forbids; `null`: nothing of it. */
function refuse({ policy }: Context, order: Exclude<ProfileOrder, { name: "profiles-list" | "profiles-show" }>) {
  const decisions = decideBy(policy);
  if (order.name === "profiles-use") return refuseChoice(decisions, order.profile);
  if (order.name === "profiles-remove") return refuseRemoval(decisions, order.profile, false);
  const refusal = refuseAnyChange(decisions);
  if (refusal !== null) return refusal;
  // It would be written, and have no effect: whoever sets it has to know.
  const locked = lockedIn(decisions);
  const keys = new Set<string | undefined>(order.changes.map((change) => change.split("=", 1)[0]?.trim()));
  const first = [...locked].find(([key]) => keys.has(key));
  return first === undefined ? null : blockedBy(first[1].name);
}

type Shown = {
  readonly name: string;
  readonly current: boolean;
  readonly mode: string;
  readonly environmentId: string | null;
  readonly host: string | null;
  readonly color: string | null;
  readonly production: boolean;
  /** Why it cannot be used; `null`: it can. */
  readonly problem: string | null;
};

function shownOf(name: string, profile: FileProfile, current: boolean): Shown {
  const settings = toProfileSettings(profile);
  const endpoints = settings.ok && settings.value.environmentId !== "" ? endpointsOf(settings.value) : null;
  const error = settings.ok ? (endpoints?.ok === false ? endpoints.error : null) : settings.error;
  return {
    name,
    current,
    mode: profile.mode ?? "worker",
    environmentId: profile.environmentId ?? null,
    host: endpoints?.ok ? new URL(endpoints.value.apiBase).host : null,
    color: profile.color ?? null,
    production: profile.production === true,
    problem: error?.code === "configuration-invalid" ? `${error.setting}: ${error.problem}` : null,
  };
}

/** What the file says, under the policy: the profiles that there are, and which one is in use. */
function inForce({ options, environment, policy }: Context, file: ConfigurationFile | null) {
  const decisions = decideBy(policy);
  const own = configurationUnder(decisions, file ?? emptyConfiguration);
  const current = chosenProfile(decisions, own, options.profile, environment);
  const under = (name: string, profile: FileProfile): FileProfile => {
    const applied = profileUnder(policy, name, profile);
    return applied.ok ? applied.value.profile : profile;
  };
  return { file: own, current, managed: areProfilesLocked(decisions), under };
}

async function list(context: Context, place: ConfigPlace): Promise<number> {
  const { output } = context;
  const read = await readConfigFile(place);
  const { file, current, managed, under } = inForce(context, read.ok ? read.value : null);
  if (!read.ok && !managed) return report(context, read.error);
  const all = Object.entries(file.profiles).map(([name, profile]) =>
    shownOf(name, under(name, profile), name === current),
  );
  const rows = all.map((one) => [
    one.current ? "*" : "",
    one.name,
    one.mode,
    one.environmentId ?? "",
    one.problem ?? one.host ?? "",
    one.production ? "production" : "",
  ]);
  const text =
    all.length === 0
      ? `There are no profiles in ${place.path}. Make one: deskpair profiles set <name> region=EU environmentId=… clientId=…`
      : table(["", "NAME", "MODE", "ENVIRONMENT", "HOST", "MARK"], rows);
  const origin = managed ? "\nThese profiles are managed by your organisation." : "";
  output.result({ ok: true, path: place.path, preferred: file.profile ?? null, managed, profiles: all }, text + origin);
  return exitDone;
}

async function show(context: Context, place: ConfigPlace, wanted: string | null): Promise<number> {
  const { output } = context;
  const read = await readConfigFile(place);
  const { file, current, managed, under } = inForce(context, read.ok ? read.value : null);
  if (!read.ok && !managed) return report(context, read.error);
  const name = wanted ?? current;
  if (name === null) return report(context, { code: "configuration-missing", settings: ["DESKPAIR_PROFILE"] });
  const profile = profileIn(file, name);
  if (profile === null) return report(context, { code: "profile-unknown", profile: name });
  const shown = shownOf(name, under(name, profile), name === current);
  const settings = Object.entries(profile).map(([key, value]): [string, string] => [key, String(value)]);
  output.result(
    { ok: true, path: place.path, profile: { ...shown, settings: profile } },
    pairs([["Profile", `${name}${shown.current ? " (in use)" : ""}`], ...settings, ...problemRow(shown)]),
  );
  return exitDone;
}

const problemRow = ({ problem }: Shown): readonly (readonly [string, string])[] =>
  problem === null ? [] : [["Problem", problem]];

const profileIn = (file: ConfigurationFile, name: string): FileProfile | null =>
  Object.hasOwn(file.profiles, name) ? (file.profiles[name] ?? null) : null;

async function set(
  context: Context,
  place: ConfigPlace,
  files: Files,
  { profile: wanted, changes }: Extract<Order, { name: "profiles-set" }>,
): Promise<number> {
  const { output, log } = context;
  const name = wanted.trim();
  // To a file that is to be made it makes no difference that somebody has named it.
  const read = await readConfigFile({ ...place, named: false });
  const file = read.ok ? (read.value ?? emptyConfiguration) : emptyConfiguration;
  const before = profileIn(file, name);
  const changed = changeProfile(before ?? {}, changes);
  if (!changed.ok) return report(context, changed.error);
  const after = changed.value;
  const isNew = before === null;
  if (!isNew && JSON.stringify(before) === JSON.stringify(after)) return done(context, place, name, false, "unchanged");

  const store = { configuration: files, log };
  const saved = await saveProfile(store, name, isNew ? null : name, () => after);
  if (!saved.ok) return report(context, saved.error);
  if (!read.ok) output.warn(`${place.path} could not be understood and was set aside; nothing in it is lost.`);
  // The only profile is the one that is meant.
  if (isNew && Object.keys(file.profiles).length === 0) await preferProfile(store, name);
  if (before !== null && !isSameConnection(before, after)) await signOut(context, name);
  return done(context, place, name, true, isNew ? "created" : "changed");
}

async function remove(context: Context, place: ConfigPlace, files: Files, name: string): Promise<number> {
  const read = await readConfigFile(place);
  if (!read.ok) return report(context, read.error);
  const profile = read.value === null ? null : profileIn(read.value, name);
  if (profile === null) return report(context, { code: "profile-unknown", profile: name });
  await signOut(context, name);
  const removed = await removeProfile({ configuration: files, log: context.log }, name);
  return removed.ok ? done(context, place, name, true, "removed") : report(context, removed.error);
}

async function use(context: Context, place: ConfigPlace, files: Files, name: string): Promise<number> {
  const read = await readConfigFile(place);
  if (!read.ok) return report(context, read.error);
  const { file: own } = inForce(context, read.value);
  if (profileIn(own, name) === null) return report(context, { code: "profile-unknown", profile: name });
  if (read.value?.profile === name) return done(context, place, name, false, "in use already");
  const isForced = (wanted: string): boolean =>
    areProfilesLocked(decideBy(context.policy)) && profileIn(own, wanted) !== null;
  const preferred = await preferProfile({ configuration: files, log: context.log }, name, isForced);
  return preferred.ok ? done(context, place, name, true, "now in use") : report(context, preferred.error);
}

function done({ output }: Context, { path }: ConfigPlace, name: string, changed: boolean, deed: string): number {
  output.result({ ok: true, changed, path, profile: name }, `${output.style.done} The profile “${name}” is ${deed}.`);
  return exitDone;
}

/** What is kept was given for one application of one environment, to one kind of person. */
function isSameConnection(before: FileProfile, after: FileProfile): boolean {
  const keys = ["mode", "region", "apiUrl", "authUrl", "authDomain", "environmentId", "clientId"] as const;
  return keys.every((key) => before[key] === after[key]);
}

/** Revoked as far as PingOne can be told; forgotten in any case, because nobody can use it any more. */
async function signOut(context: Context, name: string): Promise<void> {
  const { environment, policy, log } = context;
  const decisions = decideBy(policy);
  // What is kept in a file that the organisation no longer allows has to go all the more.
  const kind = readSecretStore(environment, true);
  if (!kind.ok) {
    log("warn", "secrets.not-removed", { code: kind.error.code });
    return context.output.warn("What was kept for it could not be looked for, because DESKPAIR_SECRET_STORE is wrong.");
  }
  const folder = dataFolder(environment);
  const secrets = createSecrets(kind.value, folder);
  const revoked = await revokeKept(createPorts({ folder, secrets, environment, policy: decisions, log }), name);
  if (revoked.ok) return;
  log("warn", "sign-out.incomplete", { code: revoked.error.code });
  context.output.warn("The sign-in that was kept could not be taken back at PingOne; it ends by itself.");
}
