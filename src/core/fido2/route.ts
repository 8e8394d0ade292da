import type { BrowserReason, RouteNote } from "../../contract/enrolment-words.ts";
import type { AuthenticatorKind } from "../../contract/views.ts";
import type { CreationOptions } from "./options.ts";

/**
 * Which way a ceremony goes, and what the person has to know beforehand. Decided before anything starts, because an
 * authenticator that cannot do what is asked answers after minutes and with the same name for every cause.
 *
 * What each system can do comes from Electron 45 and the Chromium in it: on Windows the system itself talks to
 * authenticators and asks for PINs; on macOS and Linux Chromium does, and Electron gives it no way to ask for a PIN.
 */

export type RouteQuestion = {
  readonly platform: "win32" | "darwin" | "linux";
  readonly options: Pick<CreationOptions, "authenticatorSelection" | "pubKeyCredParams">;
  readonly wanted: AuthenticatorKind;
  /** Whether libfido2's tools may be used and are there. They ask for the PIN themselves. */
  readonly tools: "usable" | "not-usable";
};

export type Route =
  | { readonly route: "window"; readonly notes: readonly RouteNote[] }
  | { readonly route: "tools" }
  /** Nothing here can do it: the organisation's own PingOne page in the browser can. */
  | { readonly route: "browser"; readonly reason: BrowserReason };

export function routeFor(question: RouteQuestion): Route {
  const { platform, wanted } = question;
  if (platform === "win32") {
    return {
      route: "window",
      notes: ["windows-will-ask", wanted === "key" ? "choose-the-key" : "use-windows-hello"],
    };
  }
  if (wanted === "platform") {
    // Electron can have Touch ID only in an app that is signed for it, and enabling it has cost others their keys.
    return { route: "browser", reason: platform === "darwin" ? "touch-id-not-available" : "no-built-in-authenticator" };
  }
  return keyWithoutPin(question);
}

/** macOS and Linux, a security key: what can be done depends on whether its PIN would be needed. */
function keyWithoutPin({ options, tools }: RouteQuestion): Route {
  const { userVerification, residentKey } = options.authenticatorSelection;
  // A request that an old U2F key could answer needs no PIN, also from a key that has one.
  const touchIsEnough =
    userVerification !== "required" && residentKey !== "required" && options.pubKeyCredParams.some(isEs256);
  if (touchIsEnough) return { route: "window", notes: ["touch-only"] };
  if (tools === "usable") return { route: "tools" };
  if (userVerification === "required") return { route: "browser", reason: "key-pin-cannot-be-asked" };
  return { route: "window", notes: ["touch-only", "key-with-pin-will-refuse"] };
}

/** COSE algorithm -7, the only one that U2F knows. */
const isEs256 = ({ alg }: { readonly alg: number }): boolean => alg === -7;
