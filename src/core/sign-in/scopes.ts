import { userScopes } from "../pingone/needs.ts";

/**
 * What is asked for at a sign-in. `profile` brings the person's name into the identity; it opens nothing else.
 *
 * Not `offline_access`: whether PingOne gives a refresh token is a setting of the application (grant type
 * `REFRESH_TOKEN`), and a scope that an application does not have would refuse the whole sign-in.
 */

/** Nothing of the platform: an administrator's own roles decide ("Administrator permissions and role assignments"). */
export const technicianScopes: readonly string[] = ["openid", "profile"];

export const selfServiceScopes: readonly string[] = [...technicianScopes, ...userScopes];
