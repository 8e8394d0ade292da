import { type PolicyName, type PolicyValue, policies, policyNames, policyOf } from "./policies.ts";
import type { PolicyForm } from "./ports.ts";
import { isPlainWithin } from "./same-content.ts";

export type Understood =
  | { readonly ok: true; readonly value: unknown }
  /** A whole sentence about the value, which is not repeated: it may be a secret in the wrong place. */
  | { readonly ok: false; readonly problem: string };

/**
 * What somebody has written, as the value of a policy. Nothing is guessed: a number in quotes is no number in JSON, where
 * numbers have a form of their own, and is one in the environment, where everything is a text.
 */
export function understand(name: PolicyName, written: unknown, form: PolicyForm): Understood {
  const { kind } = policyOf(name);
  if (written === null || written === undefined) return bad("It is empty; to set nothing, leave the name out.");
  const value = converted(kind, written, form);
  // Before anything goes down into it: a few kilobytes of brackets are deeper than the stack.
  const parsed = isPlainWithin(value, deepest) ? kind.schema.safeParse(value) : null;
  return parsed?.success === true ? { ok: true, value: parsed.data } : bad(`It must be ${kind.must}.`);
}

/** Profiles, each with its settings, of which some are lists, need three. */
const deepest = 8;

const bad = (problem: string): Understood => ({ ok: false, problem });

type Kind = ReturnType<typeof policyOf>["kind"];

function converted({ type, choices }: Kind, written: unknown, form: PolicyForm): unknown {
  // People write `eu` and `Verify`; no two values differ in case alone.
  if (type === "choice" && typeof written === "string") {
    return choices.find((known) => known.toLowerCase() === written.trim().toLowerCase()) ?? written;
  }
  if (type === "profiles" && typeof written === "string") return fromJson(written);
  if (form === "registry" && type === "switch") return written === 1 ? true : written === 0 ? false : written;
  if (form !== "text" || typeof written !== "string") return written;
  switch (type) {
    case "number":
      return /^\d{1,9}$/.test(written.trim()) ? Number(written) : written;
    case "switch":
      return written === "true" ? true : written === "false" ? false : written;
    case "list":
      return written.split(",").map((entry) => entry.trim());
    default:
      return written;
  }
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Whether a value is one of this policy, for the types. */
export function isValueOf<N extends PolicyName>(name: N, value: unknown): value is PolicyValue<N> {
  return policies[name].kind.schema.safeParse(value).success;
}

const byLowerCase = new Map(policyNames.map((name) => [name.toLowerCase(), name]));

/** In any case, because the registry knows none: a policy must not be void for a capital letter. `null`: not known. */
export const nameOf = (written: string): PolicyName | null => byLowerCase.get(written.toLowerCase()) ?? null;

/** A value for people. */
export function shown(value: unknown): string {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.length === 0 ? "(none)" : value.map(String).join(", ");
  return value === null || value === undefined ? "(not set)" : JSON.stringify(value);
}
