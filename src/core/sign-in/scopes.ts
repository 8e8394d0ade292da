import type { Right } from "../../contract/views.ts";

/**
 * What is asked for at a sign-in. `profile` brings the person's name into the identity; it opens nothing else.
 *
 * Not `offline_access`: whether PingOne gives a refresh token is a setting of the application (grant type
 * `REFRESH_TOKEN`), and a scope that an application does not have would refuse the whole sign-in.
 */

/** Nothing of the platform: an administrator's own roles decide ("Administrator permissions and role assignments"). */
export const technicianScopes: readonly string[] = ["openid", "profile"];

/**
 * The scope that lets a user do something with the own account ("PingOne self-management scopes"). `null`: no scope
 * does, only an administrator's role.
 */
export const scopeFor: Readonly<Record<Right["right"], string | null>> = {
  "read-environment": null,
  "read-users": "p1:read:user",
  "read-policies": null,
  "read-devices": "p1:read:device",
  "create-devices": "p1:create:device",
  // Assumed: that activation is an update; the vendor names the verbs and not the calls.
  "activate-devices": "p1:update:device",
  "remove-devices": "p1:delete:device",
  "enable-mfa": "p1:update:userMfaEnabled",
};

export const selfServiceScopes: readonly string[] = [
  ...technicianScopes,
  ...Object.values(scopeFor).filter((scope) => scope !== null),
];
