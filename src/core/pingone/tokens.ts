import { type AppError, fail, type Outcome, ok } from "../../contract/errors.ts";
import type { HttpResponse, Ports } from "../ports.ts";
import { createServerClock, type ServerClock } from "../server-clock.ts";
import { readPrivateKey, type SigningKey, secretSigningKey, signAssertion } from "./client-assertion.ts";
import { withoutEcho } from "./echo.ts";
import type { Endpoints } from "./endpoints.ts";
import { parseJson, toNetworkError, toReplyError, toSignInError } from "./errors.ts";
import { retryDelay, tries } from "./retries.ts";
import { tokenReply } from "./wire.ts";

/**
 * How a worker application proves to PingOne who it is ("Client Authentication Methods"). Secret and key live here and
 * in the token request, nowhere else.
 */
export type Credential =
  | {
      readonly kind: "secret-basic" | "secret-post" | "secret-jwt";
      readonly clientId: string;
      readonly clientSecret: string;
    }
  | {
      readonly kind: "private-key-jwt";
      readonly clientId: string;
      /** PEM in PKCS#8, or a JWK as JSON. */
      readonly privateKey: string;
      /** `null`: the application has one key, or the JWK says it. */
      readonly keyId: string | null;
    };

export type Tokens = {
  /** A token that is good for a while. Concurrent callers share one request. */
  readonly current: () => Promise<Outcome<string>>;
  /** To be called when PingOne refused this token: the next `current` gets a new one, unless somebody already did. */
  readonly refused: (token: string) => void;
  /**
   * Signs out: revokes what can be revoked and forgets everything. From the call on, `current` fails with
   * `sign-in-required`. A failure says that PingOne could not be told; forgotten is everything in any case.
   */
  readonly end: () => Promise<Outcome<null>>;
};

/** Ask for a new token this long before the old one ends, so that none expires on the way. */
const marginMs = 60_000;
/** What may stand in a header. Anything else would fail inside the HTTP client, far from where it came from. */
const sendable = /^[\x21-\x7e]+$/;
export const isSendable = (token: string): boolean => sendable.test(token);
/** PingOne's default lifetime, for a reply that does not say ("Access tokens and ID tokens"). */
export const defaultLifetimeSeconds = 3_600;
/** An assertion that was made with a clock so far off may have been refused for that alone. */
const clockMattersMs = 5_000;

/** Half the lifetime for tokens that live shorter than the margin, else every call would ask for a new one. */
export const goodForMs = (lifetimeMs: number): number =>
  lifetimeMs > 2 * marginMs ? lifetimeMs - marginMs : Math.max(0, lifetimeMs) / 2;

type Request = { readonly headers: Readonly<Record<string, string>>; readonly form: Readonly<Record<string, string>> };

/**
 * Access tokens by client credentials. No scope is sent: a worker application's rights come from its roles.
 *
 * Not through openid-client: one form and one reply need no library, and the command line pays for every kilobyte at
 * each start. Sign-in with a browser does use it.
 *
 * @param serverClock share one where there is one; it learns from the answers here, and assertions are made by it.
 */
export function createTokens(
  ports: Pick<Ports, "http" | "clock" | "random">,
  endpoints: Endpoints,
  credential: Credential,
  serverClock: ServerClock = createServerClock(ports.clock),
): Tokens {
  const { clock } = ports;
  const http = serverClock.watch(ports.http);
  const url = `${endpoints.issuer}/token`;
  let held: { readonly token: string; readonly goodUntil: number } | null = null;
  let pending: Promise<Outcome<string>> | null = null;
  let signingKey: Promise<Outcome<SigningKey>> | null = null;
  /** `null` once signed out. */
  let proof: Credential | null = credential;

  const prove = async (given: Credential): Promise<Outcome<Request>> => {
    const client = { client_id: given.clientId };
    switch (given.kind) {
      case "secret-basic": {
        const authorization = `Basic ${base64(`${given.clientId}:${given.clientSecret}`)}`;
        return ok({ headers: { authorization }, form: {} });
      }
      case "secret-post":
        return ok({ headers: {}, form: { ...client, client_secret: given.clientSecret } });
      case "secret-jwt":
      case "private-key-jwt": {
        signingKey ??=
          given.kind === "private-key-jwt"
            ? readPrivateKey(given.privateKey, given.keyId)
            : Promise.resolve(ok(secretSigningKey(given.clientSecret)));
        const key = await signingKey;
        if (!key.ok) return key;
        const assertion = await signAssertion(key.value, {
          clientId: given.clientId,
          audience: url,
          id: ports.random.uuid(),
          issuedAt: serverClock.now(),
        });
        const type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
        return ok({ headers: {}, form: { ...client, client_assertion_type: type, client_assertion: assertion } });
      }
    }
  };

  const request = async (given: Credential): Promise<Outcome<string>> => {
    let corrected = false;
    for (let attempt = 1; ; ) {
      const proven = await prove(given);
      if (!proven.ok) return proven;
      const { headers, form } = proven.value;
      const secrets = [...Object.values(headers), ...Object.values(headers).map(afterBlank), ...secretsOf(given, form)];
      const assumed = serverClock.now() - clock.now();
      const asked = clock.monotonic();
      const result = await http({
        method: "POST",
        url,
        headers: { ...headers, "content-type": "application/x-www-form-urlencoded", accept: "application/json" },
        body: new URLSearchParams({ grant_type: "client_credentials", ...form }).toString(),
        timeoutMs: 30_000,
        maxBytes: 65_536,
      });
      // A token too many harms nobody, so that asking for one may be repeated as a read is.
      const delay = attempt < tries ? retryDelay(ports, true, attempt, result) : null;
      if (delay !== null) {
        await clock.wait(delay);
        attempt += 1;
        continue;
      }
      if (!result.ok) return fail(toNetworkError(result.failure, url));
      if (result.response.status !== 200) {
        // The refusal has told the server's time. An assertion by a clock that is off could not have been accepted.
        const learned = Math.abs(serverClock.now() - clock.now() - assumed);
        const mayBeTheClock = "client_assertion" in form && learned > clockMattersMs && isRefusal(result.response);
        if (mayBeTheClock && !corrected) {
          corrected = true;
          continue;
        }
        return fail(toSignInError(withoutEcho(result.response, secrets)));
      }
      return accept(result.response, asked);
    }
  };

  const accept = (response: HttpResponse, asked: number): Outcome<string> => {
    const reply = tokenReply.safeParse(parseJson(response.body));
    if (!reply.success || !isSendable(reply.data.access_token)) {
      return fail(toReplyError(response, "sign in", "it holds no access token"));
    }
    const lifetimeMs = (reply.data.expires_in ?? defaultLifetimeSeconds) * 1000;
    held = { token: reply.data.access_token, goodUntil: asked + goodForMs(lifetimeMs) };
    return ok(held.token);
  };

  return {
    current: async () => {
      if (proof === null) return fail(signedOut);
      if (held !== null && clock.monotonic() < held.goodUntil) return ok(held.token);
      pending ??= request(proof).finally(() => {
        pending = null;
      });
      const outcome = await pending;
      if (proof !== null) return outcome;
      held = null;
      return fail(signedOut);
    },
    refused: (token) => {
      if (held?.token === token) held = null;
    },
    // Nothing is sent: PingOne names no way to revoke a worker's access token, and the application stays trusted.
    end: async () => {
      [proof, held, signingKey] = [null, null, null];
      return ok(null);
    },
  };
}

const signedOut: AppError = { code: "sign-in-required" };

const isRefusal = (response: HttpResponse): boolean => response.status === 400 || response.status === 401;

const secretsOf = (given: Credential, form: Request["form"]): readonly string[] => [
  given.kind === "private-key-jwt" ? given.privateKey : given.clientSecret,
  ...(form["client_assertion"] === undefined ? [] : [form["client_assertion"]]),
];

const afterBlank = (header: string): string => header.slice(header.indexOf(" ") + 1);

/** Base64 of the UTF-8 bytes; `btoa` alone would refuse anything beyond Latin-1. */
function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
