import { randomBytes, randomUUID } from "node:crypto";
import { sign } from "../keys.ts";
import type { JsonObject } from "../message.ts";
import { type Context, issuerOf } from "../pingone/handler.ts";
import type { World } from "../world.ts";
import { type Account, accountOf } from "./accounts.ts";
import type { Application } from "./applications.ts";
import { accessTokenSeconds, signAccessToken } from "./bearer.ts";
import type { Approval, Grant } from "./state.ts";

/** What is issued for an approval, and how all of it ends together. */

/** The default of `refreshTokenDuration`, see the Management OpenAPI. */
const refreshTokenSeconds = 2_592_000;

/** "ID token 60 min fixed", see "Access tokens and ID tokens". */
const idTokenSeconds = 3600;

export const secretText = (): string => randomBytes(32).toString("base64url");

/** A grant without any token yet. */
export const beginGrant = (world: World, approval: Approval): Grant => {
  const grant: Grant = { id: randomUUID(), approval, tokenIds: [], revoked: false };
  world.signIn.grants.set(grant.id, grant);
  return grant;
};

/** Ends everything that was issued under a grant, access tokens included. One that is unknown is ended already. */
export const revokeGrant = (world: World, grantId: string): void => {
  const grant = world.signIn.grants.get(grantId);
  if (grant === undefined) return;
  world.signIn.grants.set(grantId, { ...grant, revoked: true });
  for (const tokenId of grant.tokenIds) world.revokedTokens.add(tokenId);
};

/** The standard claims that the scopes unlock, for ID tokens and for userinfo. */
export const claimsAbout = (account: Account, scope: readonly string[]): JsonObject => ({
  ...(scope.includes("profile")
    ? {
        preferred_username: account.username,
        name: `${account.given} ${account.family}`,
        given_name: account.given,
        family_name: account.family,
      }
    : {}),
  ...(scope.includes("email") ? { email: account.email } : {}),
});

const signIdToken = (context: Context, { approval }: Grant, nonce: string | null): Promise<string> => {
  const account = accountOf(context.world, approval.subject);
  return sign(
    context.keys,
    {
      iss: issuerOf(context),
      sub: approval.subject,
      aud: approval.clientId,
      auth_time: Math.floor(approval.authTime / 1000),
      ...(nonce === null ? {} : { nonce }),
      ...(account === null ? {} : claimsAbout(account, approval.scope)),
    },
    context.now(),
    idTokenSeconds,
  );
};

const issueRefreshToken = (context: Context, grant: Grant): string => {
  const token = secretText();
  const expiresAt = context.now() + refreshTokenSeconds * 1000;
  context.world.signIn.refreshTokens.set(token, { grantId: grant.id, expiresAt, used: false });
  return token;
};

/** The body of a token reply. `nonce`: that of the request, for the first ID token of a sign-in. */
export const tokensFor = async (
  context: Context,
  application: Application,
  grant: Grant,
  nonce: string | null,
): Promise<JsonObject> => {
  const { subject, scope } = grant.approval;
  const tokenId = randomUUID();
  // Noted before the first wait: a revocation that comes in between must find the token.
  context.world.signIn.grants.set(grant.id, { ...grant, tokenIds: [...grant.tokenIds, tokenId] });
  const refreshToken = application.grantTypes.includes("refresh_token") ? issueRefreshToken(context, grant) : null;
  const access = await signAccessToken(context, { tokenId, clientId: application.id, subject, scope });
  return {
    access_token: access,
    token_type: "Bearer",
    expires_in: accessTokenSeconds,
    scope: scope.join(" "),
    ...(refreshToken === null ? {} : { refresh_token: refreshToken }),
    ...(scope.includes("openid") ? { id_token: await signIdToken(context, grant, nonce) } : {}),
  };
};
