import type { JsonObject } from "../message.ts";
import type { Call, Context } from "../pingone/handler.ts";
import type { Application } from "./applications.ts";
import { type Granted, granted, invalidGrant, oauthError, refused } from "./errors.ts";
import { beginGrant, tokensFor } from "./grants.ts";
import { answersChallenge } from "./pkce.ts";
import type { DeviceCode, SignInState } from "./state.ts";

/** Signing in where no browser can be used, second half: the client asks until somebody has decided. */

/** A timer may fire a little before its time, and a client that has waited is not to be blamed for that. */
const toleranceMs = 50;

/** RFC 8628, 3.5: "the interval MUST be increased by 5 seconds for this and all subsequent requests". */
const slowDownSeconds = 5;

/** What `slow_down` does to a code, also when it is a fault. */
export const slowedDown = (state: SignInState, code: DeviceCode, now: number): void => {
  const intervalSeconds = code.intervalSeconds + slowDownSeconds;
  state.deviceCodes.set(code.id, { ...code, polledAt: now, intervalSeconds });
};

/** Assumed: the names of the errors are documented for CIBA, and RFC 8628 has the same for this grant. */
export const redeemDeviceCode = async (
  context: Context,
  call: Call,
  application: Application,
  form: URLSearchParams,
): Promise<Granted<JsonObject>> => {
  const { signIn } = context.world;
  const now = context.now();
  const id = form.get("device_code");
  if (id === null) return refused(oauthError(call, "invalid_request", "The parameter device_code is required"));
  const code = signIn.deviceCodes.get(id);
  const invalid = refused(invalidGrant(call, "The device code is invalid or already used"));
  if (code === undefined || code.clientId !== application.id || code.decision === "spent") return invalid;
  if (code.challenge !== null && !answersChallenge(form.get("code_verifier"), code.challenge)) return invalid;
  if (code.expiresAt <= now) return refused(oauthError(call, "expired_token", "The device code has expired"));
  if (code.polledAt !== null && now - code.polledAt + toleranceMs < code.intervalSeconds * 1000) {
    slowedDown(signIn, code, now);
    return refused(oauthError(call, "slow_down", "The client asks more often than it may"));
  }
  if (code.decision === "denied") return refused(oauthError(call, "access_denied", "The user denied the request"));
  if (code.decision === "none") {
    signIn.deviceCodes.set(code.id, { ...code, polledAt: now });
    return refused(oauthError(call, "authorization_pending", "The user has not decided yet"));
  }
  signIn.deviceCodes.set(code.id, { ...code, decision: "spent" });
  return granted(await tokensFor(context, application, beginGrant(context.world, code.decision), null));
};
