import { type InForce, lockableSettings, longestValue, type Management } from "../contract/policy-views.ts";
import { signInModes, type WindowSettings } from "../contract/settings.ts";
import { allowsSignInMode, nicknameBy } from "./policy/allowed.ts";
import { areProfilesLocked, decideBy, fixedProfile, isManaged } from "./policy/applied.ts";
import { lockedSettings } from "./policy/changes.ts";
import { type Explanation, explain, originWords } from "./policy/explain.ts";
import { policyNames } from "./policy/policies.ts";
import type { PolicySource } from "./policy/ports.ts";
import { type Decisions, type Layers, nowKnown, refusedOf, valueOf } from "./policy/precedence.ts";
import { isRefused, refreshPolicy, type WatchedPolicy, withoutRestart } from "./policy/refresh.ts";
import { isSameContent } from "./policy/same-content.ts";

/** Where the policy is read, and what it said when DeskPair started. */
export type PolicyAtStart = { readonly source: PolicySource; readonly known: WatchedPolicy };

/** What is set below the policy: the profile in use, and what the window has saved. */
type Below = { readonly profile: Layers["profile"]; readonly window: Readonly<Partial<WindowSettings>> };

/** The organisation's policy in the window: what it decides now, and what the page may see of it. */
export type AppPolicy = {
  /** With the profile in use and the window's settings below it. */
  readonly decisions: () => Decisions;
  /** By itself, or with this profile below it. */
  readonly decide: (profile: Layers["profile"]) => Decisions;
  /** @param username of whoever is on the screen */
  readonly management: (hostName: string, username: string | null) => Management;
  readonly inForce: () => InForce;
  /** The same for the doctor. */
  readonly explained: () => Explanation;
  /** Reads it again, if it may have changed. Resolves with whether it says something else now. A failed look is not the last. */
  readonly look: () => Promise<boolean>;
};

const absent = nowKnown(null, { state: "absent", place: "none" });
/** Nobody manages anything, as in the demo. */
const noPolicy: WatchedPolicy = { stamp: "", policy: { machine: absent, user: absent } };

export function createAppPolicy(atStart: PolicyAtStart | null, below: () => Below): AppPolicy {
  const first = atStart?.known ?? noPolicy;
  let watched = first;
  /** The first one with which anything could be done; until there is one, the latest. */
  let started = first;

  /**
   * What needs a restart is as the policy had it at the start, on the very same values below it: only what the policy has
   * changed waits, and not what a person changes by choosing another profile.
   */
  const decided = (layers: Partial<Below>): Taken => {
    const decisions = decideBy(watched.policy, layers);
    if (watched === first) return { decisions, waiting: [] };
    const atFirst = decideBy(first.policy, layers);
    const atStart = started === first ? atFirst : withoutRestart(atFirst, decideBy(started.policy, layers)).decisions;
    return withoutRestart(atStart, decisions);
  };

  let last: { readonly of: readonly unknown[]; readonly taken: Taken } | null = null;
  /** Taken anew only when something of it has changed: it is asked for with every request. */
  const current = () => {
    const layers = below();
    const of = [watched, layers.profile?.name, layers.profile?.values, layers.window];
    if (last === null || of.some((part, index) => part !== last?.of[index])) last = { of, taken: decided(layers) };
    return last.taken;
  };

  let turn: Promise<unknown> = Promise.resolve();
  const look = async (source: PolicySource): Promise<boolean> => {
    const before = watched;
    watched = await refreshPolicy(source, before);
    if (isRefused(decideBy(started.policy))) started = watched;
    // A file that was only touched says nothing new.
    return watched !== before && !isSameContent(watched.policy, before.policy);
  };

  return {
    decisions: () => current().decisions,
    decide: (profile) => decided({ profile }).decisions,
    management: (hostName, username) => managementOf(watched, current(), hostName, username),
    explained: () => explain({ policy: watched.policy }, current().decisions),
    inForce: () => inForceOf(watched, current(), decideBy(watched.policy, below())),
    look: () => {
      if (atStart === null) return Promise.resolve(false);
      // One after the other: the answer of the slower of two readings could be the older one.
      const next = turn.then(() => look(atStart.source));
      // One that failed must not be the last.
      turn = next.catch(() => undefined);
      return next;
    },
  };
}

type Taken = ReturnType<typeof withoutRestart>;

function managementOf(
  { policy }: WatchedPolicy,
  { decisions, waiting }: Taken,
  hostName: string,
  username: string | null,
): Management {
  const locked = lockedSettings(decisions);
  const refused = refusedOf(
    decisions,
    policyNames.filter((name) => decisions.get(name)?.locked === true),
  );
  const nickname = username === null ? null : nicknameBy(decisions, hostName, username);
  return {
    managed: isManaged(policy),
    locked: lockableSettings.filter((setting) => locked.has(setting)),
    profiles: areProfilesLocked(decisions) ? "forced" : "own",
    profileFixed: fixedProfile(decisions) !== null,
    signInModes: signInModes.every((mode) => allowsSignInMode(decisions, mode))
      ? null
      : signInModes.filter((mode) => allowsSignInMode(decisions, mode)),
    nickname: nickname === null ? null : cut(nickname, mostNickname),
    refused:
      refused === null
        ? null
        : {
            setting: refused.name,
            place: refused.place && cut(refused.place, mostText),
            problem: refused.problem ?? "",
          },
    waiting: [...waiting],
    firstRunSkipped: valueOf(decisions, "FirstRunSkipped") === true,
    help: { text: valueOf(decisions, "HelpText"), link: shownLink(valueOf(decisions, "HelpUrl")) },
  };
}

/** What tells people where a link leads: the host, or the address that a message goes to. */
const shownLink = (address: string | null): string | null => {
  const url = address === null ? null : URL.parse(address);
  if (url === null) return null;
  const place = url.protocol === "mailto:" ? url.pathname : url.host;
  // A host with other letters is longer than it was written. Its end is kept, because that says whose it is.
  return place.length <= mostPolicyText ? place : `…${place.slice(1 - mostPolicyText)}`;
};

function inForceOf({ policy }: WatchedPolicy, { decisions, waiting }: Taken, later: Decisions): InForce {
  const { sound, policies, settings } = explain({ policy }, decisions);
  const waits = new Set<string>(waiting);
  const afterwards = new Map(explain({ policy }, later).settings.map(({ name, shown }) => [name, shown]));
  return {
    sound,
    policies: policies.map(({ place, problem, unknown, ...scope }) => ({
      ...scope,
      place: cut(place, mostText),
      problem: problem && cut(problem),
      unknown: unknown.slice(0, mostListed).map((one) => ({ ...one, place: cut(one.place, mostText) })),
      unknownCount: unknown.length,
    })),
    settings: settings.map(({ name, title, section, state, shown, locked, restart, problem, ignored, ...setting }) => ({
      name,
      title,
      section,
      state,
      shown: cut(shown),
      origin: cut(originWords(setting)),
      isDefault: setting.source === "default",
      locked,
      restart,
      waiting: waits.has(name) ? cut(afterwards.get(name) ?? "") : null,
      problem: problem && cut(problem),
      ignored: ignored.slice(0, mostListed).map((one) => ({
        origin: cut(originWords(one)),
        value: one.value && cut(one.value),
        reason: cut(one.reason),
      })),
    })),
  };
}

const mostListed = 50;
const mostText = 1_000;
const mostNickname = 300;
const mostPolicyText = 1_023;

/** A policy may be a megabyte of profiles: nobody reads that on a screen, and the message has a limit. */
const cut = (words: string, most = longestValue): string =>
  words.length <= most ? words : `${words.slice(0, most - 1)}…`;
