import type { Role } from "../sign-in/applications.ts";
import type { Bearer } from "../sign-in/bearer.ts";
import type { World } from "../world.ts";
import type { ApiOperation } from "./routes.ts";

/**
 * Who may do what: roles for administrators and applications, scopes for users, who reach nobody but themselves. See
 * "Administrator permissions and role assignments" and "PingOne self-management scopes".
 *
 * Assumed: which role a call needs beyond "working with device resources requires Identity Data Admin", and which scope
 * unlocks which call: their names mirror the verbs.
 */

type Need = {
  /** One of these is enough. */
  readonly roles: readonly Role[];
  /** `null`: no user may, whatever the scopes. */
  readonly scope: string | null;
};

const configuration: Need = { roles: ["Environment Admin", "Configuration Read Only"], scope: null };

const reading = (scope: string | null): Need => ({ roles: ["Identity Data Admin", "Identity Data Read Only"], scope });

const changing = (scope: string | null): Need => ({ roles: ["Identity Data Admin"], scope });

const needs: Readonly<Record<ApiOperation, Need>> = {
  "read-environment": configuration,
  "read-capabilities": configuration,
  "list-policies": configuration,
  "read-policy": configuration,
  "list-fido2-policies": configuration,
  "read-fido2-policy": configuration,
  "read-mfa-settings": configuration,

  "list-populations": reading(null),
  "read-population": reading(null),
  "list-users": reading(null),
  "read-user": reading("p1:read:user"),
  "read-mfa-enabled": reading("p1:read:user"),
  "update-mfa-enabled": changing("p1:update:userMfaEnabled"),

  "list-devices": reading("p1:read:device"),
  "read-device": reading("p1:read:device"),
  "create-device": changing("p1:create:device"),
  "delete-device": changing("p1:delete:device"),
  "activate-device": changing("p1:update:device"),
  "send-activation-code": changing("p1:update:device"),
  "name-device": changing("p1:update:device"),
  "set-order": changing("p1:update:device"),
  "remove-order": changing("p1:update:device"),
  // "Block, unblock and unlock" are for administrators, see "MFA Devices".
  "block-device": changing(null),
  "unblock-device": changing(null),
  "unlock-device": changing(null),
  "request-logs": changing(null),
};

/** The roles that count for a token; `null`: it is a user's own, for which scopes count instead. */
const rolesOf = (world: World, { clientId, subject }: Bearer): readonly Role[] | null => {
  const application = world.applications.get(clientId);
  if (subject === null) return application?.roles ?? [];
  if (application?.access !== "administrators") return null;
  // "The user's role assignments decide access": the application has none that would count.
  return world.administrators.find(({ id }) => id === subject)?.roles ?? [];
};

/** Whether a token allows a call. `userId`: the user in the path, `undefined` where the path has none. */
export const isAllowed = (
  world: World,
  bearer: Bearer,
  operation: ApiOperation,
  userId: string | undefined,
): boolean => {
  const { roles, scope } = needs[operation];
  const held = rolesOf(world, bearer);
  if (held !== null) return held.some((role) => roles.includes(role));
  return scope !== null && bearer.scope.includes(scope) && userId === bearer.subject;
};
