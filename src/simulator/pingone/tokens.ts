import { timingSafeEqual } from "node:crypto";
import { accessTokenSeconds, signAccessToken } from "../credentials.ts";
import { type HttpReply, type HttpRequest, jsonReply, mediaType } from "../message.ts";
import { apiAudienceOf, type Call, type Context, type Handler, issuerOf } from "./handler.ts";

/**
 * The authentication host: discovery, key set and token endpoint.
 *
 * The simulator's one worker application may use CLIENT_SECRET_BASIC or CLIENT_SECRET_POST. In PingOne an application
 * has exactly one of the methods of "Client Authentication Methods"; accepting both saves a switch.
 */

const grantTypes = ["client_credentials"];

/**
 * OpenID Connect discovery. It names what is served and nothing else; RFC 8414 allows the authorization endpoint to be
 * absent when no grant type needs it.
 */
export const discovery: Handler = (context) => {
  const issuer = issuerOf(context);
  return jsonReply(200, {
    issuer,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/jwks`,
    grant_types_supported: grantTypes,
    response_types_supported: [],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: ["RS256"],
    token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post"],
  });
};

/** Assumed: that the options for the agent are signed with a key of this set; that access tokens are is documented. */
export const keySet: Handler = (context) => jsonReply(200, context.keys.keySet);

/** The OAuth form of errors; the description ends with the correlation id, see "CIBA grant type". */
const oauthError = (
  call: Call,
  status: number,
  error: string,
  description: string,
  headers: Readonly<Record<string, string>> = {},
): HttpReply =>
  jsonReply(
    status,
    { error, error_description: `Request denied: ${description} (Correlation ID: ${call.correlationId})` },
    headers,
  );

type ClientCredentials = { readonly id: string; readonly secret: string };

/** RFC 6749 has id and secret form-encoded before they are joined; the vendor's example joins them as they are. */
const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
};

const basicCredentials = (request: HttpRequest): ClientCredentials | null => {
  const [, encoded] = /^basic ([A-Za-z0-9+/=_-]+)$/i.exec(request.headers["authorization"] ?? "") ?? [];
  if (encoded === undefined) return null;
  const text = Buffer.from(encoded, "base64").toString("utf8");
  const colon = text.indexOf(":");
  return colon < 0 ? null : { id: decoded(text.slice(0, colon)), secret: decoded(text.slice(colon + 1)) };
};

const postedCredentials = (form: URLSearchParams): ClientCredentials | null => {
  const id = form.get("client_id");
  const secret = form.get("client_secret");
  return id === null || secret === null ? null : { id, secret };
};

const same = (left: string, right: string): boolean => {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
};

const clientRefused = (call: Call, why: string): HttpReply =>
  oauthError(call, 401, "invalid_client", why, { "www-authenticate": 'Basic realm="simulator"' });

/** The reply of the fault `token-refused`, and of any wrong credential. */
export const invalidClient = (call: Call): HttpReply => clientRefused(call, "Invalid client credentials");

/** "Client credentials grant type". A `scope` has no effect for a worker: its roles decide. */
export const issueToken: Handler = async (context: Context, call: Call) => {
  const { request } = call;
  // Assumed: the status for a wrong media type; that errors here have the OAuth form is documented.
  if (mediaType(request) !== "application/x-www-form-urlencoded") {
    return oauthError(call, 415, "invalid_request", "Content-Type must be application/x-www-form-urlencoded");
  }
  const form = new URLSearchParams(request.body);
  const basic = basicCredentials(request);
  const posted = postedCredentials(form);
  if (basic !== null && posted !== null) {
    return oauthError(call, 400, "invalid_request", "More than one client authentication method was used");
  }
  const client = basic ?? posted;
  if (client === null) return clientRefused(call, "No client authentication was found");
  if (!same(client.id, context.world.clientId) || !same(client.secret, context.world.clientSecret)) {
    return invalidClient(call);
  }
  const grantType = form.get("grant_type");
  if (grantType === null) return oauthError(call, 400, "invalid_request", "The parameter grant_type is required");
  if (!grantTypes.includes(grantType)) {
    return oauthError(call, 400, "unsupported_grant_type", `Unsupported grant type: ${grantType.slice(0, 100)}`);
  }
  const token = await signAccessToken(
    context.keys,
    {
      issuer: issuerOf(context),
      audience: apiAudienceOf(context),
      clientId: client.id,
      environmentId: context.world.environmentId,
    },
    context.now(),
  );
  return jsonReply(200, { access_token: token, token_type: "Bearer", expires_in: accessTokenSeconds });
};
