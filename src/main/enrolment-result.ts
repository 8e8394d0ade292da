import type { Credential, EnrolmentResult } from "../contract/enrolment.ts";
import { type AppError, fail, type Outcome, ok } from "../contract/errors.ts";

/** What the page's answer means for the pairing. */
export function outcomeOf(result: EnrolmentResult, time: { readonly limitMs: number; readonly isUp: boolean }) {
  return toOutcome(result, time.isUp ? timedOut(time.limitMs) : { code: "key-refused" });
}

/** @param unexplained what it was when WebAuthn does not say */
function toOutcome(result: EnrolmentResult, unexplained: AppError): Outcome<Credential> {
  switch (result.outcome) {
    case "created":
      return ok(result.credential);
    case "cancelled":
      return fail({ code: "cancelled" });
    case "refused":
      return fail(failureOf(result.name, unexplained));
    default:
      return result satisfies never;
  }
}

/**
 * The names that `navigator.credentials.create` fails with (WebAuthn, "Create a New Credential"). `NotAllowedError`
 * covers nearly everything: the person said no, nobody touched, the PIN was wrong, the key cannot do it.
 */
function failureOf(name: string, unexplained: AppError): AppError {
  switch (name) {
    case "NotAllowedError":
      return unexplained;
    case "InvalidStateError":
      return { code: "key-already-registered" };
    case "AbortError":
      return { code: "cancelled" };
    default:
      return { code: "ceremony-failed", problem: `the browser refused it (${name})` };
  }
}

export const timedOut = (limitMs: number): AppError => ({
  code: "key-timed-out",
  seconds: Math.round(limitMs / 1_000),
});
