import type { Needs } from "../../contract/errors.ts";
import type { SignInMode } from "../../contract/settings.ts";

/**
 * What a token lacks when PingOne answers 403: for an administrator or a worker application a role, for a user who
 * signed in as themselves a scope ("Administrator permissions and role assignments", "PingOne self-management scopes").
 * The words of an action are those that the calls in this folder give.
 */
export function needsFor(mode: SignInMode, action: string): Needs | undefined {
  const needed = table[action];
  if (needed === undefined) return undefined;
  if (mode !== "self-service") return { kind: "role", name: needed.role };
  return needed.scope === null ? undefined : { kind: "scope", name: needed.scope };
}

const data = "Identity Data Admin";
/** Assumed: the vendor does not say which role reads policies; these two read configuration. */
const configuration = "Environment Admin or Configuration Read Only";

type Needed = { readonly role: string; readonly scope: string | null };

/** Assumed: activation is an update of the device; the vendor lists the scopes' verbs only. */
const table: Readonly<Record<string, Needed | undefined>> = {
  "read the environment": { role: configuration, scope: null },
  "read the MFA policies": { role: configuration, scope: null },
  "read the FIDO policies": { role: configuration, scope: null },
  "search users": { role: data, scope: null },
  "read the user": { role: data, scope: "p1:read:user" },
  "read whether MFA is on": { role: data, scope: "p1:read:user" },
  "switch MFA on for the user": { role: data, scope: "p1:update:userMfaEnabled" },
  "list the user's devices": { role: data, scope: "p1:read:device" },
  "read the device": { role: data, scope: "p1:read:device" },
  "create the device": { role: data, scope: "p1:create:device" },
  "activate the device": { role: data, scope: "p1:update:device" },
  "name the device": { role: data, scope: "p1:update:device" },
  "remove the device": { role: data, scope: "p1:delete:device" },
};

/** All scopes with which a user may do everything here to the own account. */
export const userScopes: readonly string[] = [
  ...new Set(Object.values(table).flatMap((needed) => needed?.scope ?? [])),
];
