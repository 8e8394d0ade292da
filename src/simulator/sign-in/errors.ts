import { type HttpReply, jsonReply } from "../message.ts";
import type { Call } from "../pingone/handler.ts";

/** How the authentication host says no. */

/**
 * Assumed: the OAuth and OpenID Connect standard sets, of which the vendor's pages show a few.
 */
export type OAuthErrorCode =
  | "access_denied"
  | "authorization_pending"
  | "expired_token"
  | "invalid_client"
  | "invalid_grant"
  | "invalid_request"
  | "invalid_scope"
  | "invalid_token"
  | "insufficient_scope"
  | "login_required"
  | "server_error"
  | "slow_down"
  | "unauthorized_client"
  | "unsupported_grant_type"
  | "unsupported_response_type";

/** The description ends with the correlation id, see "CIBA grant type". */
export const describe = (call: Call, description: string): string =>
  `Request denied: ${description} (Correlation ID: ${call.correlationId})`;

export const oauthError = (
  call: Call,
  error: OAuthErrorCode,
  description: string,
  status = 400,
  headers: Readonly<Record<string, string>> = {},
): HttpReply => jsonReply(status, { error, error_description: describe(call, description) }, headers);

/** RFC 6749, 5.2: a challenge is for clients that have tried by header. */
export const clientRefused = (call: Call, why: string): HttpReply => {
  const triedByHeader = call.request.headers["authorization"] !== undefined;
  const headers = triedByHeader ? { "www-authenticate": 'Basic realm="simulator"' } : {};
  return oauthError(call, "invalid_client", why, 401, headers);
};

/** For any wrong credential of a client. */
export const invalidClient = (call: Call): HttpReply => clientRefused(call, "Invalid client credentials");

export const invalidGrant = (call: Call, why: string): HttpReply => oauthError(call, "invalid_grant", why);

/** A value, or the reply that says why there is none. */
export type Granted<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reply: HttpReply };

export const granted = <T>(value: T): Granted<T> => ({ ok: true, value });
export const refused = (reply: HttpReply): { readonly ok: false; readonly reply: HttpReply } => ({ ok: false, reply });
