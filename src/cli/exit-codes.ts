import type { AppError, Left } from "../contract/errors.ts";

/** Done, or already so. */
export const exitDone = 0;
/** The operator pressed Ctrl-C twice; nothing is known about what was under way. */
export const exitCancelled = 130;

/**
 * The exit number of a failure. A promise to scripts and management systems: numbers are never given another meaning.
 * The table for people is in `docs/command-line.md`.
 *
 * A device that is left behind outranks the reason: somebody has to act on it. Otherwise the number is the one that
 * tells the operator what to do.
 */
export function exitCodeOf(error: AppError, left: Left = "nothing"): number {
  return left === "device" ? 51 : exitCodeOfError(error);
}

function exitCodeOfError(error: AppError): number {
  switch (error.code) {
    case "usage-invalid":
    case "confirmation-required":
      return 2;
    case "configuration-missing":
    case "configuration-invalid":
    case "storage-failed":
    case "profile-unknown":
    case "secret-store-failed":
    case "sign-in-port-taken":
      return 10;
    case "blocked-by-policy":
    case "relying-party-not-allowed":
      return 11;
    case "sign-in-required":
    case "sign-in-refused":
    case "sign-in-denied":
    case "sign-in-timed-out":
    case "sign-in-invalid":
      return 20;
    case "not-allowed":
      return 21;
    case "agent-missing":
      return 30;
    case "agent-not-recognized":
    case "agent-not-trusted":
      return 31;
    case "agent-refused":
    case "agent-timed-out":
    case "agent-connection-lost":
      return 32;
    case "key-refused":
    case "key-timed-out":
    case "key-already-registered":
    case "wrong-authenticator":
    case "authenticator-not-allowed":
    case "credential-invalid":
    case "ceremony-failed":
    case "ceremony-unavailable":
    case "key-missing":
    case "pin-refused":
      return 33;
    case "user-not-found":
    case "user-ambiguous":
    case "user-disabled":
    case "device-not-found":
    case "device-limit-reached":
    case "pairing-not-allowed":
    case "policy-unknown":
    case "licence-exceeded":
    case "activation-refused":
    case "relying-party-mismatch":
    case "device-gone":
    case "request-refused":
    case "existing-devices":
      return 40;
    case "rate-limited":
      return 41;
    case "network-failed":
    case "proxy-failed":
    case "proxy-credentials-required":
    case "tls-failed":
      return 42;
    case "clock-wrong":
      return 43;
    case "reply-invalid":
    case "interrupted":
      return 50;
    case "message-refused":
    case "internal":
      return 70;
    case "server-unavailable":
    case "not-now":
      return 75;
    case "cancelled":
      return 130;
    default:
      return error satisfies never;
  }
}
