import {
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from "openid-client";
import { type AppError, fail, type Outcome } from "../../contract/errors.ts";
import { traceIn } from "../pingone/errors.ts";
import type { Ports } from "../ports.ts";
import { type Grant, toGrant } from "./grant.ts";
import { type Application, openProvider, type Provider } from "./provider.ts";

/** What the person has to do while we wait. */
export type BrowserWaiting = {
  /** For copying, because opening a browser can fail without a word. Holds no secret. */
  readonly address: string;
  /** Milliseconds since 1970, by this computer's clock. */
  readonly deadlineAt: number;
  /** Opens the page again; `false`: the system said that it could not. */
  readonly reopen: () => Promise<boolean>;
};

/** For a password, a second factor, and looking for the phone. */
const limitMs = 5 * 60_000;

/**
 * Sign-in in the system's browser ("Authorization code grant type"): PKCE with S256, a loopback redirect address
 * (RFC 8252), `state` and `nonce`.
 *
 * @param application.redirectPort the port of the redirect address that is registered for the application.
 * @param tell called once, as soon as somebody listens. That no browser opened is no failure: there is the address.
 */
export async function signInWithBrowser(
  ports: Pick<Ports, "http" | "clock" | "listenForCallback" | "openPage">,
  application: Application & { readonly redirectPort: number; readonly scopes: readonly string[] },
  tell: (waiting: BrowserWaiting) => void,
  signal: AbortSignal,
): Promise<Outcome<Grant>> {
  const opened = await openProvider(ports.http, ports.clock, application, signal);
  if (!opened.ok) return opened;
  const provider = opened.value;
  const page = provider.endpoint("authorization_endpoint");
  if (!page.ok) return page;

  const state = randomState();
  const nonce = randomNonce();
  const verifier = randomPKCECodeVerifier();
  const challenge = await calculatePKCECodeChallenge(verifier);

  // Listening comes first: a browser with an open session is back before anything else has run.
  const listening = await ports.listenForCallback({ port: application.redirectPort, state, limitMs, signal });
  if (!listening.ok) return listening;
  const { redirectUri, address: back } = listening.value;
  const begun = await provider.ask(
    async (configuration) =>
      buildAuthorizationUrl(configuration, {
        redirect_uri: redirectUri,
        scope: application.scopes.join(" "),
        code_challenge: challenge,
        code_challenge_method: "S256",
        state,
        nonce,
      }).href,
    { verify: false },
  );
  // The address was checked above, so that nothing can fail here and leave a listener behind.
  if (!begun.ok) throw new Error("The address of the sign-in page could not be made.");
  const address = begun.value;
  const open = (): Promise<boolean> => ports.openPage(address);
  tell({ address, deadlineAt: ports.clock.now() + limitMs, reopen: open });
  // Not waited for: some systems answer only when the browser is closed again.
  void open();

  const returned = await back;
  if (!returned.ok) return returned;
  const callback = URL.parse(returned.value);
  if (callback === null || callback.origin + callback.pathname !== redirectUri) {
    return fail({ code: "sign-in-invalid", problem: "the browser came back to another address than the one agreed" });
  }
  return redeem(provider, application, { callback, verifier, state, nonce }, signal);
}

/** Turns the code in the browser's answer into tokens, after everything about that answer has been checked. */
async function redeem(
  provider: Provider,
  application: Application & { readonly scopes: readonly string[] },
  begun: { readonly callback: URL; readonly verifier: string; readonly state: string; readonly nonce: string },
  signal: AbortSignal,
): Promise<Outcome<Grant>> {
  const redeemed = await provider.ask(
    (configuration) =>
      authorizationCodeGrant(configuration, begun.callback, {
        pkceCodeVerifier: begun.verifier,
        expectedState: begun.state,
        expectedNonce: begun.nonce,
        idTokenExpected: true,
      }),
    { verify: true, signal },
  );
  if (redeemed.ok) return toGrant(provider, application, redeemed.value, application.scopes, signal);
  return fail(redeemed.oauth === "access_denied" ? denied(redeemed.error) : redeemed.error);
}

/** The person said no, or a rule said it for the person. */
export const denied = (refusal: AppError): AppError => ({ code: "sign-in-denied", ...traceIn(refusal) });
