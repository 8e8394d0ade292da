import type * as z from "zod/mini";
import { connectionPolicies } from "./policies-connection.ts";
import { deskPolicies } from "./policies-desk.ts";
import type { Policy } from "./policy.ts";

/**
 * Every setting that an administrator can fix, in one list: the readers' values are understood by it, and the templates
 * for Windows, macOS and Linux and the table of the admin guide are generated from it. Names are a promise: none is ever
 * renamed or given another meaning.
 */
export const policies = { ...connectionPolicies, ...deskPolicies };

export type PolicyName = keyof typeof policies;
export type PolicyValue<N extends PolicyName> = z.infer<(typeof policies)[N]["kind"]["schema"]>;

/** In the order in which people see them. */
export const policyNames: readonly PolicyName[] = Object.keys(policies).filter((name) => isPolicyName(name));

export function isPolicyName(name: string): name is PolicyName {
  return Object.hasOwn(policies, name);
}

export const policyOf = (name: PolicyName): Policy => policies[name];
