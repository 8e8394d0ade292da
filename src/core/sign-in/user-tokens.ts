import { refreshTokenGrant, tokenRevocation } from "openid-client";
import { type AppError, fail, type Outcome, ok } from "../../contract/errors.ts";
import { goodForMs, type Tokens } from "../pingone/tokens.ts";
import type { Ports } from "../ports.ts";
import { createServerClock, type ServerClock } from "../server-clock.ts";
import { type Grant, type Identity, type Issued, identityIn, readIssued } from "./grant.ts";
import { type Application, openProvider, type Provider, type Refused } from "./provider.ts";

/**
 * Where the refresh token of a profile is kept between two uses, and who may use it now. There is one keeper per
 * profile; several processes of ours may share what is behind it.
 */
export type Keeper = {
  /** Replaces what is kept. The keeper tells its owner when it fails; the session goes on without. */
  readonly keep: (refreshToken: string) => Promise<Outcome<null>>;
  /** Removes what is kept, if anything. */
  readonly forget: () => Promise<Outcome<null>>;
  /** `null`: nothing is kept, or it cannot be read. */
  readonly current: () => Promise<string | null>;
  /** Runs `work` while no other process of ours is in the same place. */
  readonly exclusively: <T>(work: () => Promise<T>) => Promise<T>;
};

export type UserTokens = Tokens & {
  /** Who is signed in. `null`: not known before the first answer, or the server does not say. */
  readonly identity: () => Identity | null;
  /** Resolves with the end of the refresh that is under way, in which a token may be on its way. `null`: none is. */
  readonly refreshing: () => Promise<unknown> | null;
  /** What was granted; empty as long as that is not known. */
  readonly scopes: () => readonly string[];
};

/** `reason` is absent after a sign-out: nobody needs to be told why. */
const over = (reason?: "expired"): AppError => ({
  code: "sign-in-required",
  ...(reason === undefined ? {} : { reason }),
});

/**
 * The tokens of a person's session.
 *
 * PingOne gives a new refresh token with every use, and takes the use of an old one for theft: it then revokes the whole
 * family ("OIDC application", replay protection). Hence the order here: one refresh at a time, in one process at a time;
 * the newest kept token; the new one kept before anything else is done; and no token sent again of which the server may
 * have answered the first use.
 *
 * @param start what a sign-in brought, its refresh token already kept if it is to be; or a kept refresh token.
 */
export function createUserTokens(
  ports: Pick<Ports, "http" | "clock">,
  application: Application,
  start: Grant | { readonly refreshToken: string },
  keeper: Keeper,
  serverClock: ServerClock = createServerClock(ports.clock),
): UserTokens {
  const { clock } = ports;
  let session: { readonly state: "on" } | { readonly state: "over"; readonly error: AppError } = { state: "on" };
  let refreshToken = start.refreshToken;
  let identity = "identity" in start ? start.identity : null;
  let scopes = "scopes" in start ? start.scopes : [];
  let held = "accessToken" in start ? holding(start, clock.monotonic()) : null;
  let pending: Promise<Outcome<string>> | null = null;
  let provider: Provider | null = null;
  /** Tokens whose turn is over. Where keeping failed, one of them may still be what is kept. */
  const spent = new Set<string>();

  const open = async (): Promise<Outcome<Provider>> => {
    if (provider !== null) return ok(provider);
    const opened = await openProvider(ports.http, clock, application, undefined, serverClock);
    if (opened.ok) provider = opened.value;
    return opened;
  };

  /** Nothing of the session is left, here or in the store. */
  const finish = async (error: AppError): Promise<void> => {
    if (session.state === "on") session = { state: "over", error };
    refreshToken = null;
    held = null;
    await keeper.forget();
  };

  /** What to send: what another process has put there since counts more than what we remember. */
  const newest = async (): Promise<string | null> => {
    // A sign-in that brought none has nothing to do with what an older one may have left.
    if (refreshToken === null) return null;
    const kept = await keeper.current();
    return kept !== null && !spent.has(kept) ? kept : refreshToken;
  };

  const renew = async (): Promise<Outcome<string>> => {
    const opened = await open();
    if (!opened.ok) return opened;
    return keeper.exclusively(async () => {
      if (session.state === "over") return fail(session.error);
      const used = await newest();
      if (used === null) {
        await finish(over("expired"));
        return fail(over("expired"));
      }
      const asked = clock.monotonic();
      // Without the check of a signature: it needs a second request, and a new token must not be lost with that. The
      // answer comes from the token endpoint itself, by https (OpenID Connect Core, 3.1.3.7).
      const answer = await opened.value.ask((configuration) => refreshTokenGrant(configuration, used), {
        verify: false,
      });
      if (!answer.ok) {
        if (isUnspent(answer)) return fail(answer.error);
        spent.add(used);
        await finish(over("expired"));
        return fail(over("expired"));
      }
      const issued = readIssued(answer.value, scopes);
      const person = identityIn(answer.value, application);
      refreshToken = used;
      if (issued.ok && issued.value.refreshToken !== null && issued.value.refreshToken !== used) {
        spent.add(used);
        refreshToken = issued.value.refreshToken;
        // Before the access token is handed out: if we are killed now, the next start still finds a good one. If it
        // cannot be kept, what is kept is spent and must not be found by anybody.
        if (!(await keeper.keep(refreshToken)).ok) await keeper.forget();
      }
      // Somebody else has signed in meanwhile, in another process: the kept session is theirs, and ours has ended.
      if (person.ok && person.value !== null && identity !== null && person.value.subject !== identity.subject) {
        return leave({ code: "sign-in-invalid", problem: "another account has signed in meanwhile" });
      }
      if (!person.ok) return leave(person.error);
      if (!issued.ok) return leave(issued.error);
      // A refresh often tells less about the person than the sign-in did.
      if (identity === null) identity = person.value;
      scopes = issued.value.scopes;
      held = holding(issued.value, asked);
      return ok(held.token);
    });
  };

  /** Ends this session and leaves what is kept alone. */
  const leave = (error: AppError): Outcome<never> => {
    session = { state: "over", error: over() };
    refreshToken = null;
    held = null;
    return fail(error);
  };

  return {
    identity: () => identity,
    refreshing: () => pending,
    scopes: () => scopes,
    current: async () => {
      if (session.state === "over") return fail(session.error);
      if (held !== null && clock.monotonic() < held.goodUntil) return ok(held.token);
      pending ??= renew().finally(() => {
        pending = null;
      });
      const outcome = await pending;
      return stillOn(outcome, session);
    },
    refused: (token) => {
      if (held?.token === token) held = null;
    },
    end: async () => {
      if (session.state === "over" && refreshToken === null) return ok(null);
      session = { state: "over", error: over() };
      const accessToken = held?.token ?? null;
      held = null;
      // A refresh under way holds the lock; what it brings is what has to be revoked.
      return keeper.exclusively(async () => {
        const last = (await newest()) ?? accessToken;
        await finish(over());
        return last === null ? ok(null) : revoke(last, last === accessToken ? "access_token" : "refresh_token");
      });
    },
  };

  async function revoke(token: string, hint: TokenKind): Promise<Outcome<null>> {
    const opened = await open();
    return opened.ok ? revokeWith(opened.value, token, hint) : opened;
  }
}

/** Revokes a refresh token that no session uses (RFC 7009), at the application and the issuer that gave it. */
export async function revokeAt(
  ports: Pick<Ports, "http" | "clock">,
  { issuer, clientId }: Application,
  refreshToken: string,
): Promise<Outcome<null>> {
  const opened = await openProvider(ports.http, ports.clock, { issuer, clientId });
  return opened.ok ? revokeWith(opened.value, refreshToken, "refresh_token") : opened;
}

type TokenKind = "access_token" | "refresh_token";

async function revokeWith(provider: Provider, token: string, hint: TokenKind): Promise<Outcome<null>> {
  // A server without revocation has nothing that could be told to it.
  if (!provider.endpoint("revocation_endpoint").ok) return ok(null);
  const answer = await provider.ask(
    (configuration) => tokenRevocation(configuration, token, { token_type_hint: hint }),
    { verify: false },
  );
  return answer.ok || answer.oauth === "unsupported_token_type" ? ok(null) : fail(answer.error);
}

const holding = ({ accessToken, expiresInMs }: Pick<Issued, "accessToken" | "expiresInMs">, since: number) => ({
  token: accessToken,
  goodUntil: since + goodForMs(expiresInMs),
});

/** Whoever signed out while a token was on its way does not get it. */
function stillOn(
  outcome: Outcome<string>,
  session: { readonly state: "on" } | { readonly state: "over"; readonly error: AppError },
): Outcome<string> {
  return session.state === "over" && outcome.ok ? fail(session.error) : outcome;
}

/**
 * Whether the refresh token is as good as before: the request was never sent, or the answer says that it was not acted
 * on. 429 and 503 say so by their meaning, a redirect and any other refusal too, except `invalid_grant`, which says that
 * the token is none. Everything else may have used it up.
 */
function isUnspent({ oauth, exchange }: Refused): boolean {
  if (oauth === "invalid_grant") return false;
  if (exchange === null || exchange.kind === "insecure") return true;
  if (exchange.kind === "lost") return !exchange.failure.sent;
  const { status } = exchange.response;
  return status === 503 || (status >= 300 && status < 500 && status !== 408);
}
