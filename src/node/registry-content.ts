import type { PolicyEntry, PolicyReading } from "../core/policy/ports.ts";

/** What both ways of reading the registry have in common: where policy is, and what its values mean. */

export const policyKey = "Software\\Policies\\DeskPair";
export type Hive = "HKLM" | "HKCU";
export const hives: readonly Hive[] = ["HKLM", "HKCU"];

/** For people, as reg.exe takes it. */
export const placeOf = (hive: Hive): string => `${hive}\\${policyKey}`;

export type RegistryValue = { readonly name: string; readonly value: unknown };
/** A key, and the keys in it, each of which is a list, as Group Policy writes lists. */
export type RegistryContent = {
  readonly values: readonly RegistryValue[];
  readonly lists: ReadonlyMap<string, readonly RegistryValue[]>;
};

/** The unnamed value is nobody's setting, and has to be left out before. */
export function readingOf(place: string, { values, lists }: RegistryContent): PolicyReading {
  const entries: PolicyEntry[] = values.map(({ name, value }) => ({ name, value, place }));
  for (const [name, listed] of lists) {
    // Group Policy leaves the key behind when the list is no longer set. A list of nothing is an empty REG_MULTI_SZ.
    if (listed.length === 0) continue;
    const ordered = listed.toSorted((one, two) => Number(one.name) - Number(two.name) || 0);
    entries.push({ name, value: ordered.map(({ value }) => value), place: `${place}\\${name}` });
  }
  return entries.length === 0 ? { state: "absent", place } : { state: "read", place, form: "registry", entries };
}

/** A type that no policy has becomes something that no policy accepts, so that it is reported under its name. */
export const ofOtherType = (type: string): unknown => ({ type });

/**
 * REG_EXPAND_SZ. What it would be expanded with is the environment of whoever starts DeskPair, who must not choose what
 * binds them; so it counts only where there is nothing to expand.
 */
export const expandable = (text: string): unknown => (text.includes("%") ? ofOtherType("REG_EXPAND_SZ") : text);
