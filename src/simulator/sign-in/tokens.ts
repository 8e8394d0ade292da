import { randomUUID } from "node:crypto";
import { type HttpReply, type JsonObject, jsonReply } from "../message.ts";
import type { Call, Context, Handler } from "../pingone/handler.ts";
import { accountOf } from "./accounts.ts";
import { type Application, deviceGrant, type GrantType, grantTypes } from "./applications.ts";
import { accessTokenSeconds, signAccessToken } from "./bearer.ts";
import { authenticateClient } from "./clients.ts";
import { redeemCode } from "./codes.ts";
import { redeemDeviceCode } from "./device-polling.ts";
import { type Granted, granted, invalidGrant, oauthError, refused } from "./errors.ts";
import { readForm, scopesOf } from "./forms.ts";
import { revokeGrant, tokensFor } from "./grants.ts";

/** The token endpoint. */

type Redeem = (
  context: Context,
  call: Call,
  application: Application,
  form: URLSearchParams,
) => Granted<JsonObject> | Promise<Granted<JsonObject>>;

/** "Client credentials grant type". A `scope` has no effect for a worker: its roles decide. */
const forWorker: Redeem = async (context, call, application) => {
  // "Administrator permissions and role assignments". Assumed: the error's code.
  if (application.roles.length === 0) {
    return refused(oauthError(call, "unauthorized_client", "The application has no role"));
  }
  const bearer = { tokenId: randomUUID(), clientId: application.id, subject: null, scope: [] };
  const token = await signAccessToken(context, bearer);
  return granted({ access_token: token, token_type: "Bearer", expires_in: accessTokenSeconds });
};

/**
 * Refresh tokens rotate; "re-using an old one revokes it and its descendants"
 * (`additionalRefreshTokenReplayProtectionEnabled` of the Management OpenAPI), here without any period of grace.
 */
const forRefreshToken: Redeem = async (context, call, application, form) => {
  const { world } = context;
  const token = form.get("refresh_token");
  if (token === null) return refused(oauthError(call, "invalid_request", "The parameter refresh_token is required"));
  const known = world.signIn.refreshTokens.get(token);
  const grant = known === undefined ? undefined : world.signIn.grants.get(known.grantId);
  const invalid = refused(invalidGrant(call, "The refresh token is invalid, expired or revoked"));
  if (known === undefined || grant === undefined || grant.approval.clientId !== application.id) return invalid;
  if (known.used) revokeGrant(world, grant.id);
  if (known.used || grant.revoked || known.expiresAt <= context.now()) return invalid;
  if (accountOf(world, grant.approval.subject) === null) return invalid;
  const asked = scopesOf(form.get("scope"));
  if (!asked.every((scope) => grant.approval.scope.includes(scope))) {
    return refused(oauthError(call, "invalid_scope", "The scope goes beyond what was agreed to"));
  }
  world.signIn.refreshTokens.set(token, { ...known, used: true });
  // No nonce: OpenID Connect has it only in the ID token of the sign-in itself.
  return granted(await tokensFor(context, application, grant, null));
};

const ways: Readonly<Record<GrantType, Redeem>> = {
  authorization_code: redeemCode,
  refresh_token: forRefreshToken,
  client_credentials: forWorker,
  [deviceGrant]: redeemDeviceCode,
};

const replyTo = (outcome: Granted<JsonObject>): HttpReply =>
  outcome.ok ? jsonReply(200, outcome.value) : outcome.reply;

/** "Authorization code grant type", "Client credentials grant type", "Authorize (device)". */
export const issueToken: Handler = async (context, call) => {
  const form = readForm(call);
  if (!form.ok) return form.reply;
  const client = await authenticateClient(context, call, form.value);
  if (!client.ok) return client.reply;
  const named = form.value.get("grant_type");
  if (named === null) return oauthError(call, "invalid_request", "The parameter grant_type is required");
  const grantType = grantTypes.find((known) => known === named);
  if (grantType === undefined) {
    return oauthError(call, "unsupported_grant_type", `Unsupported grant type: ${named.slice(0, 100)}`);
  }
  if (!client.value.grantTypes.includes(grantType)) {
    return oauthError(call, "unauthorized_client", `The application may not use the grant type ${grantType}`);
  }
  return replyTo(await ways[grantType](context, call, client.value, form.value));
};
