import { type HttpReply, jsonReply } from "../message.ts";
import type { Call, Handler } from "../pingone/handler.ts";
import { accountOf } from "./accounts.ts";
import { bearerOf } from "./bearer.ts";
import { type OAuthErrorCode, oauthError } from "./errors.ts";
import { claimsAbout } from "./grants.ts";

const challenge = (call: Call, status: number, error: OAuthErrorCode, why: string): HttpReply =>
  oauthError(call, error, why, status, { "www-authenticate": `Bearer error="${error}"` });

/** "Userinfo": who has signed in. Assumed: errors in the form of RFC 6750. */
export const readUserinfo: Handler = async (context, call) => {
  const bearer = await bearerOf(context, call.request);
  if (bearer === "missing" || bearer === "refused") {
    return challenge(call, 401, "invalid_token", "The access token is missing, invalid or expired");
  }
  if (bearer.subject === null || !bearer.scope.includes("openid")) {
    return challenge(call, 403, "insufficient_scope", "The access token is not for the scope openid");
  }
  const account = accountOf(context.world, bearer.subject);
  if (account === null) return challenge(call, 401, "invalid_token", "There is no such account any more");
  return jsonReply(200, { sub: account.id, ...claimsAbout(account, bearer.scope) });
};
