import { policyNames, policyOf } from "./policies.ts";
import type { PolicyScope } from "./ports.ts";
import {
  type Decision,
  type Decisions,
  type Ignored,
  type KnownPolicy,
  type Layers,
  sourceWords,
} from "./precedence.ts";
import { nameOf, shown } from "./understand.ts";

/** One setting as a person asks about it. Keys are a promise to scripts. */
export type ExplainedSetting = {
  readonly name: string;
  readonly title: string;
  readonly section: string;
  readonly state: Decision["state"];
  /** As JSON would have it; `null`: not set. */
  readonly value: unknown;
  /** The same for people. */
  readonly shown: string;
  readonly source: Decision["source"];
  readonly place: string | null;
  readonly locked: boolean;
  readonly restart: boolean;
  readonly problem: string | null;
  readonly ignored: readonly Ignored[];
};

export type ExplainedScope = {
  readonly scope: PolicyScope;
  readonly state: "absent" | "read" | "unreadable";
  readonly place: string;
  /** Why it cannot be read, and what holds meanwhile. */
  readonly problem: string | null;
  /** What is set and is no setting, by name alone: the value may be a secret. */
  readonly unknown: readonly { readonly name: string; readonly place: string; readonly reason: string }[];
};

export type Explanation = {
  /** Nothing is refused, unreadable or unknown, and no value was ignored because it is wrong. */
  readonly sound: boolean;
  readonly policies: readonly ExplainedScope[];
  readonly settings: readonly ExplainedSetting[];
};

/** What is in force and why: for `deskpair config explain` and the page that shows the same. */
export function explain(layers: Pick<Layers, "policy">, decisions: Decisions): Explanation {
  const policies = (["machine", "user"] as const).map((scope) => explainScope(scope, layers.policy[scope]));
  const settings = policyNames.flatMap((name) => {
    const decision = decisions.get(name);
    return decision === undefined ? [] : [explainSetting(decision)];
  });
  const isScopeSound = ({ problem, unknown }: ExplainedScope): boolean => problem === null && unknown.length === 0;
  const isSettingSound = ({ problem, ignored }: ExplainedSetting): boolean =>
    problem === null && ignored.every(({ value }) => value !== null);
  return { sound: policies.every(isScopeSound) && settings.every(isSettingSound), policies, settings };
}

function explainSetting({ name, value, ...decision }: Decision): ExplainedSetting {
  const { title, section, restart } = policyOf(name);
  return { name, title, section, restart, ...decision, value: value ?? null, shown: shown(value) };
}

function explainScope(scope: PolicyScope, { latest, known }: KnownPolicy): ExplainedScope {
  const entries = known?.state === "read" ? known.entries : [];
  const unknown = entries
    .filter(({ name }) => nameOf(name) === null)
    .map(({ name, place }) => ({ name: printable(name), place, reason: notKnown }));
  const meanwhile = known === null ? strictest : asBefore;
  const problem = latest.state === "unreadable" ? `${latest.problem}; ${meanwhile}` : null;
  return { scope, state: latest.state, place: latest.place, problem, unknown };
}

const notKnown = "this version has no setting of this name: it is misspelt, or of a later version";
const strictest = "what keeps people safe is as strict as it can be until it is readable";
const asBefore = "what it said before still holds";

/** Names come from a file: no control characters, and no more than can be read. */
const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}]/gu, "?").slice(0, 100);

/** Where the value of a setting comes from, in words: `machine policy (/etc/deskpair/policies.json)`. */
export const originWords = ({ source, place }: Pick<Decision, "source" | "place">): string =>
  place === null ? sourceWords[source] : `${sourceWords[source]} (${place})`;
