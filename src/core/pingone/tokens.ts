import { fail, type Outcome, ok } from "../../contract/errors.ts";
import type { Clock, Http } from "../ports.ts";
import type { Endpoints } from "./endpoints.ts";
import { parseJson, toNetworkError, toReplyError, toSignInError } from "./errors.ts";
import { tokenReply } from "./wire.ts";

/** How the app proves to PingOne who it is. The secret lives here and in the token request, nowhere else. */
export type Credential = { readonly kind: "client-secret"; readonly clientId: string; readonly clientSecret: string };

export type Tokens = {
  /** A token that is good for a while. Concurrent callers share one request. */
  readonly current: () => Promise<Outcome<string>>;
  /** To be called when PingOne refused this token: the next `current` gets a new one, unless somebody already did. */
  readonly refused: (token: string) => void;
};

/** Ask for a new token this long before the old one ends, so that none expires on the way. */
const marginMs = 60_000;
/** What may stand in a header. Anything else would fail inside the HTTP client, far from where it came from. */
const sendable = /^[\x21-\x7e]+$/;
/** PingOne's default lifetime, for a reply that does not say ("Access tokens and ID tokens"). */
const defaultLifetimeSeconds = 3_600;

/**
 * Access tokens by client credentials ("CLIENT_SECRET_BASIC Setup"). No scope is sent: a worker application's rights
 * come from its roles.
 *
 * Not through openid-client: one form and one reply need no library, and the command line pays for every kilobyte at
 * each start. Sign-in with a browser does use it.
 */
export function createTokens(http: Http, clock: Clock, endpoints: Endpoints, credential: Credential): Tokens {
  let held: { readonly token: string; readonly goodUntil: number } | null = null;
  let pending: Promise<Outcome<string>> | null = null;

  const request = async (): Promise<Outcome<string>> => {
    const asked = clock.monotonic();
    const url = `${endpoints.authBase}/${endpoints.environmentId}/as/token`;
    const result = await http({
      method: "POST",
      url,
      headers: {
        authorization: `Basic ${base64(`${credential.clientId}:${credential.clientSecret}`)}`,
        "content-type": "application/x-www-form-urlencoded",
        accept: "application/json",
      },
      body: "grant_type=client_credentials",
      timeoutMs: 30_000,
      maxBytes: 65_536,
    });
    if (!result.ok) return fail(toNetworkError(result.failure, url));
    if (result.response.status !== 200) return fail(toSignInError(result.response));
    const reply = tokenReply.safeParse(parseJson(result.response.body));
    if (!reply.success || !sendable.test(reply.data.access_token)) {
      return fail(toReplyError(result.response, "sign in", "it holds no access token"));
    }
    const lifetimeMs = Math.max(0, reply.data.expires_in ?? defaultLifetimeSeconds) * 1000;
    // Half the lifetime for tokens that live shorter than the margin, else every call would ask for a new one.
    const goodForMs = lifetimeMs > 2 * marginMs ? lifetimeMs - marginMs : lifetimeMs / 2;
    held = { token: reply.data.access_token, goodUntil: asked + goodForMs };
    return ok(held.token);
  };

  return {
    current: async () => {
      if (held !== null && clock.monotonic() < held.goodUntil) return ok(held.token);
      pending ??= request().finally(() => {
        pending = null;
      });
      return pending;
    },
    refused: (token) => {
      if (held?.token === token) held = null;
    },
  };
}

/** Base64 of the UTF-8 bytes; `btoa` alone would refuse anything beyond Latin-1. */
function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
