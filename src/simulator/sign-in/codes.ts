import type { JsonObject } from "../message.ts";
import type { Call, Context } from "../pingone/handler.ts";
import type { Application } from "./applications.ts";
import { type Granted, granted, invalidGrant, oauthError, refused } from "./errors.ts";
import { beginGrant, revokeGrant, secretText, tokensFor } from "./grants.ts";
import { answersChallenge } from "./pkce.ts";
import type { AuthorizationCode } from "./state.ts";

/** Authorization codes: good once, soon, and for the one who has asked for them. */

/** Assumed: how long. */
const codeSeconds = 60;

/** A new code for what somebody has just agreed to. */
export const issueCode = (
  context: Context,
  about: Pick<AuthorizationCode, "approval" | "redirectUri" | "challenge" | "nonce">,
): string => {
  const code = secretText();
  const expiresAt = context.now() + codeSeconds * 1000;
  context.world.signIn.codes.set(code, { ...about, expiresAt, spent: false, grantId: null });
  return code;
};

/** "Authorization code grant type". */
export const redeemCode = async (
  context: Context,
  call: Call,
  application: Application,
  form: URLSearchParams,
): Promise<Granted<JsonObject>> => {
  const { world } = context;
  for (const name of ["code", "redirect_uri", "code_verifier"]) {
    if (form.get(name) === null) {
      return refused(oauthError(call, "invalid_request", `The parameter ${name} is required`));
    }
  }
  const code = form.get("code") ?? "";
  const known = world.signIn.codes.get(code);
  const invalid = refused(invalidGrant(call, "The authorization code is invalid, expired or already used"));
  if (known === undefined || known.approval.clientId !== application.id) return invalid;
  if (known.spent) {
    // RFC 6749, 4.1.2: whoever is second may be a thief, and so may have been the first.
    if (known.grantId !== null) revokeGrant(world, known.grantId);
    return invalid;
  }
  const isGood =
    known.expiresAt > context.now() &&
    form.get("redirect_uri") === known.redirectUri &&
    answersChallenge(form.get("code_verifier"), known.challenge);
  const grant = isGood ? beginGrant(world, known.approval) : null;
  // Spent by a mistake as well, so that nobody can try verifiers.
  world.signIn.codes.set(code, { ...known, spent: true, grantId: grant?.id ?? null });
  return grant === null ? invalid : granted(await tokensFor(context, application, grant, known.nonce));
};
