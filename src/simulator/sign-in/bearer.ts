import { sign, verify } from "../keys.ts";
import type { HttpRequest } from "../message.ts";
import { apiAudienceOf, type Context, issuerOf, issuersOf } from "../pingone/handler.ts";

/** Access tokens: what is in them, and who stands behind one that comes back. */

/** 60 minutes, the vendor's default. */
export const accessTokenSeconds = 3600;

export type Bearer = {
  /** `jti` */
  readonly tokenId: string;
  readonly clientId: string;
  /** The account for whom it was issued; `null`: the application acts for itself. */
  readonly subject: string | null;
  readonly scope: readonly string[];
};

/**
 * Assumed: the claims `client_id`, `env` and `scope`. The audience is documented in "Authorization flow by grant type".
 */
export const signAccessToken = (context: Context, bearer: Bearer): Promise<string> =>
  sign(
    context.keys,
    {
      iss: issuerOf(context),
      aud: [apiAudienceOf(context)],
      client_id: bearer.clientId,
      env: context.world.environmentId,
      jti: bearer.tokenId,
      ...(bearer.subject === null ? {} : { sub: bearer.subject, scope: bearer.scope.join(" ") }),
    },
    context.now(),
    accessTokenSeconds,
  );

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

/** What an access token says, whether it has been revoked or not; `null` when it is foreign, changed or expired. */
export const readAccessToken = async (context: Context, token: string): Promise<Bearer | null> => {
  const expected = {
    issuer: [...issuersOf(context)],
    audience: apiAudienceOf(context),
    requiredClaims: ["exp", "jti", "client_id"],
  };
  const claims = await verify(context.keys, token, expected, context.now());
  if (claims === null) return null;
  return {
    tokenId: textOf(claims.jti),
    clientId: textOf(claims["client_id"]),
    subject: claims.sub ?? null,
    scope: textOf(claims["scope"]).split(" "),
  };
};

/** Who sends a request; `missing` and `refused` are both a 401. */
export const bearerOf = async (context: Context, request: HttpRequest): Promise<Bearer | "missing" | "refused"> => {
  const [, token] = /^bearer (\S+)$/i.exec(request.headers["authorization"] ?? "") ?? [];
  if (token === undefined) return "missing";
  const bearer = await readAccessToken(context, token);
  return bearer === null || context.world.revokedTokens.has(bearer.tokenId) ? "refused" : bearer;
};
