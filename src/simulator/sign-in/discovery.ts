import { jsonReply } from "../message.ts";
import { type Handler, issuerOf } from "../pingone/handler.ts";
import { applications, grantTypes } from "./applications.ts";

/** What a client can find out about the authentication host before it knows anything else. */

const scopes = [...new Set(applications("", { keys: [] }).flatMap((application) => application.scopes))];

/**
 * OpenID Connect discovery. It names what is served here and nothing else. `authorization_response_iss_parameter_supported`
 * is absent because no page of the vendor says that PingOne sends `iss` with the code.
 */
export const discovery: Handler = (context) => {
  const issuer = issuerOf(context);
  return jsonReply(200, {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    device_authorization_endpoint: `${issuer}/device_authorization`,
    token_endpoint: `${issuer}/token`,
    revocation_endpoint: `${issuer}/revoke`,
    userinfo_endpoint: `${issuer}/userinfo`,
    jwks_uri: `${issuer}/jwks`,
    scopes_supported: scopes,
    response_types_supported: ["code"],
    response_modes_supported: ["query"],
    grant_types_supported: grantTypes,
    code_challenge_methods_supported: ["S256"],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: ["RS256"],
    token_endpoint_auth_methods_supported: [
      "none",
      "client_secret_basic",
      "client_secret_post",
      "client_secret_jwt",
      "private_key_jwt",
    ],
    token_endpoint_auth_signing_alg_values_supported: ["HS256", "RS256", "ES256"],
    claims_supported: [
      "sub",
      "iss",
      "aud",
      "exp",
      "iat",
      "auth_time",
      "preferred_username",
      "name",
      "given_name",
      "family_name",
      "email",
    ],
  });
};

/** Assumed: that the options for the agent are signed with a key of this set; that access tokens are is documented. */
export const keySet: Handler = (context) => jsonReply(200, context.keys.current.keySet);
