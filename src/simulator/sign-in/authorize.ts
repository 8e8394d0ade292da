import { type HttpReply, written } from "../message.ts";
import type { Call, Context, Handler } from "../pingone/handler.ts";
import { accountNamed, accountsFor } from "./accounts.ts";
import { type Application, redirectAddress } from "./applications.ts";
import { issueCode } from "./codes.ts";
import { describe, type OAuthErrorCode } from "./errors.ts";
import { formOf, repeated, scopesOf } from "./forms.ts";
import { errorPage, signInPage } from "./pages.ts";
import { isChallenge } from "./pkce.ts";

/** `/as/authorize`: from an authorization request to a code. "Authorization code grant type". */

type AuthorizationRequest = {
  readonly application: Application;
  readonly redirectUri: string;
  readonly scope: readonly string[];
  readonly state: string | null;
  readonly nonce: string | null;
  readonly challenge: string;
  readonly parameters: URLSearchParams;
};

/**
 * PingOne compares with the registered address, and promises nothing about other ports of it. Other ports are allowed
 * here only where whoever has started the simulator says so.
 */
const isRegistered = ({ redirectPorts }: Context["signIn"], uri: string): boolean => {
  const { host, port, path } = redirectAddress;
  const [, given = ""] = /^http:\/\/[^/]+:(\d{1,5})\//.exec(uri) ?? [];
  const ports: readonly number[] = redirectPorts === "any" ? [Number(given)] : [port, ...redirectPorts];
  return ports.some((known) => uri === `http://${host}:${known}${path}`);
};

/** Adds to an address that may have a query already. */
const redirect = (to: string, parameters: Readonly<Record<string, string | null>>): HttpReply => {
  const url = new URL(to);
  for (const [name, value] of Object.entries(parameters)) if (value !== null) url.searchParams.set(name, value);
  return { status: 302, headers: { location: url.href }, body: "", wrote: false };
};

/** What is wrong with a request whose sender is known, so that it can be told to the application. */
const fault = (
  application: Application,
  parameters: URLSearchParams,
): { readonly error: OAuthErrorCode; readonly why: string } | null => {
  const twice = repeated(parameters);
  if (twice !== null) {
    return { error: "invalid_request", why: `The parameter ${twice.slice(0, 50)} is there more than once` };
  }
  if (parameters.get("response_type") !== "code") {
    return { error: "unsupported_response_type", why: "The response type must be code" };
  }
  const scope = scopesOf(parameters.get("scope"));
  const foreign = scope.find((name) => !application.scopes.includes(name));
  if (!scope.includes("openid")) return { error: "invalid_scope", why: "The scope must contain openid" };
  if (foreign !== undefined) {
    return { error: "invalid_scope", why: `The application may not ask for ${foreign.slice(0, 100)}` };
  }
  // `pkceEnforcement` S256_REQUIRED. Without a method RFC 7636 means "plain".
  if (parameters.get("code_challenge_method") !== "S256" || !isChallenge(parameters.get("code_challenge") ?? "")) {
    return { error: "invalid_request", why: "A code_challenge of the method S256 is required" };
  }
  // There are no sessions here, so nobody is ever signed in already.
  if (parameters.get("prompt") === "none") return { error: "login_required", why: "Nobody is signed in" };
  return null;
};

type Read = { readonly request: AuthorizationRequest } | { readonly reply: HttpReply };

/**
 * Checks who asks and where the answer would go, before anything is sent there: with a wrong address the person is told
 * and nobody else, or the simulator would send people wherever a link says.
 */
const read = (context: Context, call: Call, parameters: URLSearchParams): Read => {
  const application = context.world.applications.get(parameters.get("client_id") ?? "");
  if (application === undefined || !application.grantTypes.includes("authorization_code")) {
    return { reply: errorPage(400, "No application of this id can be signed in to. Check its client id.") };
  }
  const redirectUri = parameters.get("redirect_uri") ?? "";
  if (!isRegistered(context.signIn, redirectUri)) {
    return { reply: errorPage(400, "The redirect address is not registered for this application.") };
  }
  const state = parameters.get("state");
  const wrong = fault(application, parameters);
  if (wrong !== null) {
    const told = { error: wrong.error, error_description: describe(call, wrong.why), state };
    return { reply: redirect(redirectUri, told) };
  }
  return {
    request: {
      application,
      redirectUri,
      scope: scopesOf(parameters.get("scope")),
      state,
      nonce: parameters.get("nonce"),
      challenge: parameters.get("code_challenge") ?? "",
      parameters,
    },
  };
};

const ask = (context: Context, request: AuthorizationRequest, username: string, problem: string | null): HttpReply =>
  signInPage({
    applicationName: request.application.name,
    scope: request.scope,
    accounts: accountsFor(context.world, request.application),
    username,
    problem,
    carried: request.parameters,
    redirectUri: request.redirectUri,
  });

const begin = (context: Context, call: Call, parameters: URLSearchParams): HttpReply => {
  const asked = read(context, call, parameters);
  if ("reply" in asked) return asked.reply;
  return ask(context, asked.request, parameters.get("login_hint") ?? "", null);
};

/** Shows the page. */
export const authorize: Handler = (context, call) => begin(context, call, call.request.query);

/** Fields of the page itself, which are no part of the authorization request that it carries. */
const pageFields = ["username", "decision"] as const;

/** The page's form; or an authorization request as a form, which is as good as one in the address. */
export const answerAuthorization: Handler = (context, call) => {
  const form = formOf(call.request);
  const username = form.get("username") ?? "";
  const decision = form.get("decision");
  const parameters = new URLSearchParams(form);
  for (const name of pageFields) parameters.delete(name);
  if (decision === null) return begin(context, call, parameters);

  const asked = read(context, call, parameters);
  if ("reply" in asked) return asked.reply;
  const { application, redirectUri, scope, state, challenge, nonce } = asked.request;
  if (decision !== "allow") {
    const error_description = describe(call, "The user denied the request");
    return redirect(redirectUri, { error: "access_denied", error_description, state });
  }
  const chosen = accountNamed(context.world, application, username);
  // Assumed: the page says so, and the application hears nothing.
  if (!chosen.ok) return ask(context, asked.request, username, chosen.problem);
  const approval = { clientId: application.id, subject: chosen.account.id, scope, authTime: context.now() };
  const code = issueCode(context, { approval, redirectUri, challenge, nonce });
  return written(redirect(redirectUri, { code, state }));
};
