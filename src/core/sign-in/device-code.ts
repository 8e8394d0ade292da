import {
  calculatePKCECodeChallenge,
  type DeviceAuthorizationResponse,
  genericGrantRequest,
  initiateDeviceAuthorization,
  randomPKCECodeVerifier,
} from "openid-client";
import { type AppError, fail, type Outcome } from "../../contract/errors.ts";
import { retryAfterSeconds } from "../pingone/errors.ts";
import { shown } from "../pingone/wire.ts";
import type { Clock, Ports } from "../ports.ts";
import { denied } from "./browser.ts";
import { type Grant, toGrant } from "./grant.ts";
import { type Application, openProvider, type Provider, type Refused } from "./provider.ts";
import { isSecure } from "./transport.ts";

/** What the person has to do while we wait. All of it as the server says; none of it is secret for the person. */
export type DeviceCodeWaiting = {
  readonly userCode: string;
  readonly address: string;
  /** The same with the code in it, for a QR code. `null`: the server gives none. */
  readonly completeAddress: string | null;
  /** Milliseconds since 1970, by this computer's clock. */
  readonly deadlineAt: number;
};

const grantType = "urn:ietf:params:oauth:grant-type:device_code";
/** RFC 8628, 3.2 and 3.5: what holds when the server does not say, and what `slow_down` adds, for good. */
const usualIntervalSeconds = 5;
const slowDownSeconds = 5;
/** PingOne's own limits ("OIDC application", devicePollingInterval and deviceTimeout). */
const longestIntervalSeconds = 60;
const longestLifetimeSeconds = 3_600;

/**
 * Sign-in on another device, where no browser can be used ("Authorize (device)", RFC 8628).
 *
 * @param tell called once, with the code and where to enter it.
 */
export async function signInWithDeviceCode(
  ports: Pick<Ports, "http" | "clock">,
  application: Application & { readonly scopes: readonly string[] },
  tell: (waiting: DeviceCodeWaiting) => void,
  signal: AbortSignal,
): Promise<Outcome<Grant>> {
  const opened = await openProvider(ports.http, ports.clock, application, signal);
  if (!opened.ok) return opened;
  const provider = opened.value;
  const endpoint = provider.endpoint("device_authorization_endpoint");
  if (!endpoint.ok) return endpoint;

  // PKCE is no part of this grant, but PingOne's own client sends it, and an application may be set to require it.
  const verifier = randomPKCECodeVerifier();
  const challenge = await calculatePKCECodeChallenge(verifier);
  const begun = await provider.ask(
    (configuration) =>
      initiateDeviceAuthorization(configuration, {
        scope: application.scopes.join(" "),
        code_challenge: challenge,
        code_challenge_method: "S256",
      }),
    { verify: false, signal },
  );
  if (!begun.ok) return fail(begun.error);
  const { device_code: deviceCode, user_code: userCode, verification_uri: address } = begun.value;
  const complete = begun.value.verification_uri_complete;
  const code = shown(userCode, 40);
  // Somebody will type this address, or scan it.
  if (code === null || !isSecure(address)) {
    return fail({ code: "reply-invalid", action: "sign in", problem: "it names no safe address for the code" });
  }
  const wait = patience(ports.clock, begun.value, signal);
  tell({
    userCode: code,
    address,
    completeAddress: complete !== undefined && isSecure(complete) ? complete : null,
    deadlineAt: ports.clock.now() + wait.seconds * 1000,
  });

  /** Told at the end instead of the time limit, when it is why nothing was heard. */
  let trouble: AppError | null = null;
  while (await wait.next()) {
    const polled = await provider.ask(
      (configuration) =>
        genericGrantRequest(configuration, grantType, { device_code: deviceCode, code_verifier: verifier }),
      { verify: true, signal },
    );
    if (polled.ok) return toGrant(provider, application, polled.value, application.scopes, signal);
    const next = decide(polled, provider);
    if (next === "denied") return fail(denied(polled.error));
    if (next === "over") break;
    if (next === "failed") return fail(polled.error);
    trouble = next === "trouble" ? polled.error : null;
    wait.after(polled, next);
  }
  if (signal.aborted) return fail({ code: "cancelled" });
  return fail(trouble ?? { code: "sign-in-timed-out", seconds: wait.seconds });
}

type Next = "pending" | "slow-down" | "denied" | "over" | "trouble" | "failed";

function decide({ oauth, exchange, error }: Refused, provider: Provider): Next {
  switch (oauth) {
    case "authorization_pending":
      return "pending";
    case "slow_down":
      return "slow-down";
    case "access_denied":
      return "denied";
    case "expired_token":
      return "over";
    default:
  }
  // Only the question itself may be asked again. Once it was answered the code is used up, and what failed is the check
  // of the answer.
  const endpoint = provider.endpoint("token_endpoint");
  if (!endpoint.ok || exchange?.url !== endpoint.value) return "failed";
  const passes = ["network-failed", "rate-limited", "server-unavailable"].includes(error.code);
  return passes && !(error.code === "network-failed" && error.reason === "too-large") ? "trouble" : "failed";
}

/** When to ask next, and when to stop. */
function patience(clock: Clock, begun: DeviceAuthorizationResponse, signal: AbortSignal) {
  const seconds = Math.min(begun.expires_in, longestLifetimeSeconds);
  const deadline = clock.monotonic() + seconds * 1000;
  let interval = Math.min(begun.interval ?? usualIntervalSeconds, longestIntervalSeconds);
  let extra = 0;
  return {
    seconds,
    /** Waits until it is time to ask. `false`: there is nothing to wait for any more. */
    next: async (): Promise<boolean> => {
      const pause = Math.max(interval, extra) * 1000;
      const left = deadline - clock.monotonic();
      await clock.wait(Math.max(0, Math.min(pause, left)), signal);
      return !signal.aborted && clock.monotonic() < deadline;
    },
    after: ({ exchange }: Refused, next: Next): void => {
      if (next === "slow-down") interval += slowDownSeconds;
      const asked = exchange?.kind === "answered" ? retryAfterSeconds(exchange.response, clock.now()) : null;
      // RFC 8628, 3.5: whoever gets no answer asks less and less often.
      extra = asked ?? (next === "trouble" ? Math.min(2 * Math.max(interval, extra), longestIntervalSeconds) : 0);
    },
  };
}
