import {
  fetchUserInfo,
  skipSubjectCheck,
  type TokenEndpointResponse,
  type TokenEndpointResponseHelpers,
} from "openid-client";
import * as z from "zod/mini";
import { type AppError, fail, type Outcome, ok } from "../../contract/errors.ts";
import { defaultLifetimeSeconds, isSendable } from "../pingone/tokens.ts";
import { shown } from "../pingone/wire.ts";
import type { Application, Provider } from "./provider.ts";

/** Who signed in, as the server says. `null`: it does not tell. */
export type Identity = { readonly subject: string; readonly username: string | null; readonly name: string | null };

/** What a sign-in brings. */
export type Grant = {
  readonly accessToken: string;
  readonly expiresInMs: number;
  /** `null`: the session ends with the access token. */
  readonly refreshToken: string | null;
  /** What was granted, which may be less than what was asked for. */
  readonly scopes: readonly string[];
  readonly identity: Identity;
};

/** The answer of the token endpoint, as far as it holds no identity. */
export type Issued = Omit<Grant, "identity">;

type Reply = TokenEndpointResponse & TokenEndpointResponseHelpers;

const text = z.string();
/** Of another type than expected counts as absent. */
const perhaps = z.catch(z.optional(text), undefined);
/** Standard claims of OpenID Connect. Of `profile` an application of PingOne may be given any part, or none. */
const claimsSchema = z.object({
  sub: text,
  azp: perhaps,
  preferred_username: perhaps,
  name: perhaps,
  given_name: perhaps,
  family_name: perhaps,
});

/** @param asked the scopes of the request: a server that grants them all need not repeat them (RFC 6749, 5.1). */
export function readIssued(reply: Reply, asked: readonly string[]): Outcome<Issued> {
  const refreshToken = reply.refresh_token ?? null;
  if (!isSendable(reply.access_token)) return fail(unreadable("it holds no access token"));
  return ok({
    accessToken: reply.access_token,
    expiresInMs: (reply.expires_in ?? defaultLifetimeSeconds) * 1000,
    refreshToken,
    scopes: reply.scope?.split(" ").filter((scope) => scope !== "") ?? asked,
  });
}

/** The person in a checked id token; `null`: there is no id token. */
export function identityIn(reply: Reply, application: Application): Outcome<Identity | null> {
  const claims = reply.claims();
  if (claims === undefined) return ok(null);
  const read = claimsSchema.safeParse(claims);
  // The library looks at `azp` only where there are several audiences; a single wrong one is as wrong.
  if (!read.success || (read.data.azp !== undefined && read.data.azp !== application.clientId)) {
    return fail({ code: "sign-in-invalid", problem: "the identity was issued for another application" });
  }
  return ok(toIdentity(read.data));
}

/**
 * Tokens and person of a finished sign-in. Where the id token tells no name, the userinfo endpoint is asked; where that
 * does not answer, the person stays nameless. Without an id token it has to answer, because somebody it must be.
 */
export async function toGrant(
  provider: Provider,
  application: Application,
  reply: Reply,
  asked: readonly string[],
  signal: AbortSignal,
): Promise<Outcome<Grant>> {
  const issued = readIssued(reply, asked);
  if (!issued.ok) return issued;
  const known = identityIn(reply, application);
  if (!known.ok) return known;
  if (known.value !== null && (known.value.username !== null || known.value.name !== null)) {
    return ok({ ...issued.value, identity: known.value });
  }
  const told = await askUserInfo(provider, issued.value.accessToken, known.value?.subject ?? null, signal);
  if (told.ok) return ok({ ...issued.value, identity: told.value });
  return known.value === null || told.error.code === "cancelled"
    ? told
    : ok({ ...issued.value, identity: known.value });
}

/** @param subject whom it must be about: an answer about somebody else is none. */
async function askUserInfo(
  provider: Provider,
  accessToken: string,
  subject: string | null,
  signal: AbortSignal,
): Promise<Outcome<Identity>> {
  const endpoint = provider.endpoint("userinfo_endpoint");
  if (!endpoint.ok) return endpoint;
  const answer = await provider.ask(
    (configuration) => fetchUserInfo(configuration, accessToken, subject ?? skipSubjectCheck),
    { verify: false, signal },
  );
  if (!answer.ok) return fail(answer.error);
  const read = claimsSchema.safeParse(answer.value);
  return read.success ? ok(toIdentity(read.data)) : fail(unreadable("it does not say who signed in"));
}

function toIdentity(claims: z.infer<typeof claimsSchema>): Identity {
  const parts = [claims.given_name, claims.family_name].filter((part) => part !== undefined && part !== "");
  return {
    subject: claims.sub,
    username: shown(claims.preferred_username),
    name: shown(claims.name) ?? shown(parts.join(" ")),
  };
}

const unreadable = (problem: string): AppError => ({ code: "reply-invalid", action: "sign in", problem });
