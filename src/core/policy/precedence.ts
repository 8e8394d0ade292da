import type { WindowSettings } from "../../contract/settings.ts";
import type { FileProfile } from "../profiles/file.ts";
import { type PolicyName, type PolicyValue, policyNames, policyOf } from "./policies.ts";
import type { Policy } from "./policy.ts";
import type { PolicyForm, PolicyReading, PolicyScope } from "./ports.ts";
import { isValueOf, nameOf, shown, understand } from "./understand.ts";

/** Where a value can come from. The first that has one decides; what the window saves stands where a profile stands. */
export const sources = [
  "machine-policy",
  "user-policy",
  "flag",
  "environment",
  "profile",
  "window",
  "default",
] as const;
export type Source = (typeof sources)[number];

/** A scope as it is known: the last reading, and the last one that could be read. */
export type KnownPolicy = {
  readonly latest: PolicyReading;
  /** `null`: it has never been readable. */
  readonly known: Exclude<PolicyReading, { state: "unreadable" }> | null;
};

/** Absent clears; unreadable keeps what was known. */
export const nowKnown = (before: KnownPolicy | null, latest: PolicyReading): KnownPolicy => ({
  latest,
  known: latest.state === "unreadable" ? (before?.known ?? null) : latest,
});

/** Everything that has been set anywhere. */
export type Layers = {
  readonly policy: Readonly<Record<PolicyScope, KnownPolicy>>;
  /** By the option's name, e.g. `--rp-id`. */
  readonly flags: Readonly<Record<string, string | null | undefined>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly profile: { readonly name: string; readonly values: FileProfile } | null;
  readonly window: Readonly<Partial<WindowSettings>>;
};

export type Ignored = {
  readonly source: Source;
  readonly place: string;
  /** `null`: not understood, and so not repeated. */
  readonly value: string | null;
  readonly reason: string;
};

export type Decision = {
  readonly name: PolicyName;
  /** `refused`: what is set is not understood, and nothing may take its place. Whoever needs the setting must fail. */
  readonly state: "in-force" | "refused";
  /** `null`: not set, or refused. */
  readonly value: unknown;
  readonly source: Source;
  /** The file, key, variable, option or profile; `null` for a default. */
  readonly place: string | null;
  /** A policy decides: nobody can change it in the window, on the command line or in the environment. */
  readonly locked: boolean;
  /** Why it is refused, or stricter than what is written; `null`: nothing is wrong. */
  readonly problem: string | null;
  readonly ignored: readonly Ignored[];
};
export type Decisions = ReadonlyMap<PolicyName, Decision>;

/**
 * What belongs together, because a half of it from elsewhere would undo the other: an address of the API in the
 * environment would go before the region of a policy, and a publisher in a profile would be trusted by its `verify`.
 * Where a policy sets one, nothing weaker sets another.
 */
const together: readonly (readonly PolicyName[])[] = [
  ["Region", "ApiUrl", "AuthUrl", "AuthDomain"],
  ["AgentTrust", "AgentPublishers"],
];

/** The one precedence: machine policy, user policy, flag, environment, profile, default; each setting for itself. */
export function decide(layers: Layers): Decisions {
  const forced = policyFor("Profiles", layers) !== null;
  return new Map(policyNames.map((name) => [name, decideOne(name, layers, forced)]));
}

/** The value in force; `null`: not set, or refused, which `Decision.state` tells. */
export function valueOf<N extends PolicyName>(decisions: Decisions, name: N): PolicyValue<N> | null {
  const value = decisions.get(name)?.value ?? null;
  return isValueOf(name, value) ? value : null;
}

/** The first decision of these that is refused; `null`: all can be relied on. */
export function refusedOf(decisions: Decisions, names: readonly PolicyName[] = policyNames): Decision | null {
  return names.map((name) => decisions.get(name)).find((decision) => decision?.state === "refused") ?? null;
}

type Candidate = { readonly source: Source; readonly place: string } & (
  | { readonly written: unknown; readonly form: PolicyForm }
  /** Why it counts for nothing as it is: unreadable, or written twice. */
  | { readonly problem: string }
);

function decideOne(name: PolicyName, layers: Layers, forced: boolean): Decision {
  const policy = policyOf(name);
  const ignored: Ignored[] = [];
  const lock = lockOn(name, layers, forced);
  let decision: Omit<Decision, "ignored"> | null = null;

  for (const candidate of candidatesFor(name, layers, ignored)) {
    const { source, place } = candidate;
    const read = "problem" in candidate ? candidate : understand(name, candidate.written, candidate.form);
    const problem = "problem" in read ? read.problem : null;
    const value = "value" in read ? shown(read.value) : null;
    const isPolicy = source === "machine-policy" || source === "user-policy";
    if (decision !== null) {
      ignored.push({ source, place, value, reason: `${sourceWords[decision.source]} decides` });
    } else if (lock?.drops(source) === true) {
      ignored.push({ source, place, value, reason: lock.reason });
    } else if (problem === null) {
      const locked = isPolicy || lock !== null;
      decision = {
        name,
        state: "in-force",
        value: "value" in read ? read.value : null,
        source,
        place,
        locked,
        problem,
      };
    } else if (isPolicy && policy.whenBad === "next") {
      ignored.push({ source, place, value: null, reason: problem });
    } else {
      decision = fallen(name, policy, { source, place, locked: isPolicy, problem });
    }
  }
  const usual = {
    name,
    state: "in-force",
    value: policy.usual,
    source: "default",
    place: null,
    problem: null,
  } as const;
  return { ...(decision ?? { ...usual, locked: lock !== null }), ignored };
}

/** A value that is not understood, in a place that decides. A person's own mistake is always refused, never mended. */
function fallen(
  name: PolicyName,
  { whenBad }: Policy,
  found: Pick<Decision, "source" | "place" | "locked" | "problem">,
): Omit<Decision, "ignored"> {
  if (!found.locked || typeof whenBad === "string") return { ...found, name, state: "refused", value: null };
  return { ...found, name, state: "in-force", value: whenBad.use };
}

type Lock = { readonly reason: string; readonly drops: (source: Source) => boolean };

/** What keeps others from setting what no policy sets itself; `null`: nothing does. */
function lockOn(name: PolicyName, layers: Layers, forced: boolean): Lock | null {
  const others = (together.find((group) => group.includes(name)) ?? []).filter((other) => other !== name);
  const held = others.flatMap((other) => {
    const by = policyFor(other, layers);
    return by === null ? [] : [{ other, rank: sources.indexOf(by) }];
  });
  const [strongest] = held.toSorted((one, two) => one.rank - two.rank);
  if (strongest !== undefined) {
    const reason = `a policy sets ${strongest.other}, and the two belong together`;
    return { reason, drops: (source) => sources.indexOf(source) > strongest.rank };
  }
  const { section, profile } = policyOf(name);
  if (!forced || section !== "Environment" || profile === null) return null;
  return {
    reason: "a policy says which profiles there are",
    drops: (source) => source === "flag" || source === "environment",
  };
}

/** The policy that says something about this setting, understood or not. */
function policyFor(name: PolicyName, layers: Layers): "machine-policy" | "user-policy" | null {
  for (const scope of ["machine", "user"] as const) {
    if (scopeCandidates(name, scope, layers, []).length > 0) return `${scope}-policy`;
  }
  return null;
}

function candidatesFor(name: PolicyName, layers: Layers, ignored: Ignored[]): readonly Candidate[] {
  const { flag, environment, profile, window: saved } = policyOf(name);
  const given = (source: Source, place: string, written: unknown, form: PolicyForm): readonly Candidate[] =>
    written === null || written === undefined || written === "" ? [] : [{ source, place, written, form }];
  return [
    ...scopeCandidates(name, "machine", layers, ignored),
    ...scopeCandidates(name, "user", layers, ignored),
    ...(flag === null ? [] : given("flag", flag, layers.flags[flag], "text")),
    ...(environment === null ? [] : given("environment", environment, layers.environment[environment]?.trim(), "text")),
    ...(profile === null || layers.profile === null
      ? []
      : given("profile", `${profile} of the profile ${layers.profile.name}`, layers.profile.values[profile], "typed")),
    ...(saved === null ? [] : given("window", saved, layers.window[saved], "typed")),
  ];
}

function scopeCandidates(
  name: PolicyName,
  scope: PolicyScope,
  { policy }: Pick<Layers, "policy">,
  ignored: Ignored[],
): readonly Candidate[] {
  const source = `${scope}-policy` as const;
  const { latest, known } = policy[scope];
  if (known === null) {
    // Nobody knows what it says: what keeps people safe is as strict as it could have been, and nothing else changes.
    if (latest.state !== "unreadable" || policyOf(name).security === null) return [];
    return [{ source, place: latest.place, problem: `The policy cannot be read: ${latest.problem}.` }];
  }
  if (known.state === "absent") return [];
  const written = known.entries.filter((entry) => nameOf(entry.name) === name);
  const last = written.at(-1);
  if (last === undefined) return [];
  for (const { place, value } of written.slice(0, -1)) {
    const read = understand(name, value, known.form);
    const reason = place === last.place ? "It is there twice." : `${last.place} comes later and decides`;
    ignored.push({ source, place, value: read.ok ? shown(read.value) : null, reason });
  }
  const isTwice = written.slice(0, -1).some(({ place }) => place === last.place);
  if (isTwice) return [{ source, place: last.place, problem: "It is there twice, in different letters." }];
  return [{ source, place: last.place, written: last.value, form: known.form }];
}

/** For people. */
export const sourceWords: Readonly<Record<Source, string>> = {
  "machine-policy": "machine policy",
  "user-policy": "user policy",
  flag: "the option",
  environment: "the environment",
  profile: "the profile",
  window: "the window's settings",
  default: "the default",
};
