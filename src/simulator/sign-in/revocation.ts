import { emptyReply, written } from "../message.ts";
import type { Handler } from "../pingone/handler.ts";
import { readAccessToken } from "./bearer.ts";
import { authenticateClient } from "./clients.ts";
import { invalidGrant, oauthError } from "./errors.ts";
import { readForm } from "./forms.ts";
import { revokeGrant } from "./grants.ts";

/**
 * `/as/revoke`, RFC 7009; the vendor's pages name only the path. Assumed: a refresh token takes everything with it that
 * was issued under the same grant, an access token goes alone, and a token that nobody knows is as good as revoked.
 */
export const revokeToken: Handler = async (context, call) => {
  const { world } = context;
  const form = readForm(call);
  if (!form.ok) return form.reply;
  const client = await authenticateClient(context, call, form.value);
  if (!client.ok) return client.reply;
  const token = form.value.get("token");
  if (token === null) return oauthError(call, "invalid_request", "The parameter token is required");
  const foreign = (): ReturnType<typeof invalidGrant> => invalidGrant(call, "The token belongs to another application");

  const refresh = world.signIn.refreshTokens.get(token);
  if (refresh !== undefined) {
    if (world.signIn.grants.get(refresh.grantId)?.approval.clientId !== client.value.id) return foreign();
    revokeGrant(world, refresh.grantId);
    return written(emptyReply(200));
  }
  const access = await readAccessToken(context, token);
  if (access === null) return emptyReply(200);
  if (access.clientId !== client.value.id) return foreign();
  world.revokedTokens.add(access.tokenId);
  return written(emptyReply(200));
};
