import {
  AuthorizationResponseError,
  allowInsecureRequests,
  Configuration,
  clockSkew,
  clockTolerance,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
  None,
  ResponseBodyError,
  type ServerMetadata,
} from "openid-client";
import { type AppError, fail, type Outcome, ok } from "../../contract/errors.ts";
import { parseJson, toSignInError } from "../pingone/errors.ts";
import { tokenReply } from "../pingone/wire.ts";
import type { Clock, Http } from "../ports.ts";
import { createServerClock, type ServerClock } from "../server-clock.ts";
import { createTransport, type Exchange, isSecure } from "./transport.ts";

/** An application of PingOne with which people sign in: public, so nothing in here is secret. */
export type Application = { readonly issuer: string; readonly clientId: string };

/** PingOne's sign-in server as it describes itself, and one way to ask it something. */
export type Provider = {
  /** An address out of the description; fails when there is none, or none to which a token may travel. */
  readonly endpoint: (name: EndpointName) => Outcome<string>;
  /**
   * Runs one operation of openid-client and says in our terms how it ended. The configuration is made for this one
   * operation: with the clock of now, and with the server's keys asked for anew, so that changed keys are no surprise.
   *
   * @param options.verify check the signature of an id token. Costs a request for the keys, after the answer.
   */
  readonly ask: <T>(
    work: (configuration: Configuration) => Promise<T>,
    options: { readonly verify: boolean; readonly signal?: AbortSignal },
  ) => Promise<Answer<T>>;
};

export type EndpointName =
  | "authorization_endpoint"
  | "token_endpoint"
  | "jwks_uri"
  | "device_authorization_endpoint"
  | "revocation_endpoint"
  | "userinfo_endpoint";

export type Answer<T> = { readonly ok: true; readonly value: T } | ({ readonly ok: false } & Refused);

export type Refused = {
  readonly error: AppError;
  /** The `error` of the OAuth form, when that is what came; for decisions, the words are in `error`. */
  readonly oauth: string | null;
  /** What the last request of the operation came to. `null`: none was made. */
  readonly exchange: Exchange | null;
};

/** Clocks of a server farm differ, and ours is only known so well. */
const toleranceSeconds = 30;

/**
 * Asks the server for its description (OpenID Connect Discovery) and accepts it only if it is the issuer's own: exactly
 * this issuer, and https unless it is on this computer.
 *
 * @param serverClock share one where there is one.
 */
export async function openProvider(
  http: Http,
  clock: Clock,
  application: Application,
  signal?: AbortSignal,
  serverClock: ServerClock = createServerClock(clock),
): Promise<Outcome<Provider>> {
  if (!isSecure(application.issuer)) {
    return fail({ code: "configuration-invalid", setting: "sign-in address", problem: "it must begin with https://" });
  }
  const watched = serverClock.watch(http);
  const insecure = application.issuer.startsWith("http:") ? [allowInsecureRequests] : [];
  const transport = createTransport(watched, signal);
  let metadata: ServerMetadata;
  try {
    const found = await discovery(new URL(application.issuer), application.clientId, undefined, None(), {
      [customFetch]: transport.send,
      execute: insecure,
    });
    metadata = found.serverMetadata();
  } catch (cause) {
    return fail(refused(cause, transport.last()).error);
  }
  // The library compares addresses, for which a slash or a port more is the same.
  if (metadata.issuer !== application.issuer) return fail(invalid(otherIssuer));

  const endpoint = (name: EndpointName): Outcome<string> => {
    const address: unknown = metadata[name];
    if (typeof address === "string" && isSecure(address)) return ok(address);
    const problem = address === undefined ? `it names no ${spoken(name)}` : `its ${spoken(name)} is not a safe address`;
    return fail(unreadable(problem));
  };
  // All that follows needs these two.
  for (const name of ["token_endpoint", "jwks_uri"] as const) {
    const found = endpoint(name);
    if (!found.ok) return found;
  }

  return ok({
    endpoint,
    ask: async (work, options) => {
      const offset = serverClock.offset();
      const configuration = new Configuration(
        metadata,
        application.clientId,
        {
          // The library reads the computer's clock by itself, so it is told how far that is off.
          [clockSkew]: -Math.round((offset?.ms ?? 0) / 1000),
          [clockTolerance]: toleranceSeconds + Math.ceil((offset?.uncertaintyMs ?? 0) / 1000),
        },
        None(),
      );
      const used = createTransport(watched, options.signal);
      configuration[customFetch] = used.send;
      configuration.timeout = 0;
      for (const allow of insecure) allow(configuration);
      if (options.verify) enableNonRepudiationChecks(configuration);
      try {
        return { ok: true, value: await work(configuration) };
      } catch (cause) {
        return { ok: false, ...refused(cause, used.last()) };
      }
    },
  });
}

const spoken = (name: EndpointName): string => name.replaceAll("_", " ");

const otherIssuer = "the sign-in server calls itself by another issuer than the environment's";

/**
 * How an operation of the library ended. Decided by what was exchanged first, because that is ours to know, and by the
 * library's code second. No words of the library get out: they quote what they refuse.
 */
function refused(cause: unknown, exchange: Exchange | null): Refused {
  const because = (error: AppError, oauth: string | null = null): Refused => ({ error, oauth, exchange });
  // What the browser brought back. The same form as a refusal of the server, only by another way.
  if (cause instanceof AuthorizationResponseError) {
    const { error, error_description: description } = cause;
    const body = JSON.stringify({ error, error_description: description });
    return because(toSignInError({ status: 400, headers: {}, body }), error);
  }
  const code = codeOf(cause);
  if (exchange === null) {
    // An exception without an exchange is a mistake of ours, unless the library found the browser's answer wanting.
    if (!code.startsWith("OAUTH_")) throw cause;
    return because(invalid("what the browser brought back does not belong to this sign-in"));
  }
  if (exchange.kind === "lost") return because(exchange.error);
  if (exchange.kind === "insecure") return because(unreadable("it names an address without https"));
  if (exchange.response.status !== 200) {
    return because(toSignInError(exchange.response), cause instanceof ResponseBodyError ? cause.error : null);
  }
  const problem = mismatches[code];
  if (problem !== undefined) return because(invalid(problem));
  const body = parseJson(exchange.response.body);
  if (isKeySet(body)) return because(invalid("the signature of the identity is not the server's"));
  if (tokenReply.safeParse(body).success) return because(invalid("the identity in it cannot be checked"));
  return because(unreadable("it is not what a sign-in server sends"));
}

const invalid = (problem: string): AppError => ({ code: "sign-in-invalid", problem });
const unreadable = (problem: string): AppError => ({ code: "reply-invalid", action: "sign in", problem });

const isKeySet = (body: unknown): boolean => typeof body === "object" && body !== null && Object.hasOwn(body, "keys");

const codeOf = (cause: unknown): string =>
  cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : "";

/** What the library's codes mean to a person. */
const mismatches: Readonly<Record<string, string>> = {
  OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED: otherIssuer,
  OAUTH_JWT_CLAIM_COMPARISON_FAILED: "the identity was issued by another server, for another application or sign-in",
  OAUTH_JWT_TIMESTAMP_CHECK_FAILED: "the identity is not valid at this time",
  OAUTH_KEY_SELECTION_FAILED: "the identity is signed with a key that is not the server's",
};
