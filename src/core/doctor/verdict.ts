import type { DoctorCheck } from "../../contract/doctor.ts";
import { describeError } from "../../contract/error-words.ts";
import type { AppError } from "../../contract/errors.ts";

/** What a check found, before it has a name and a time. */
export type Verdict = Pick<DoctorCheck, "state" | "evidence" | "fix" | "error">;

export const pass = (evidence: string): Verdict => ({ state: "pass", evidence, fix: null, error: null });

export const warn = (evidence: string, fix: string): Verdict => ({ state: "warn", evidence, fix, error: null });

/** @param more what was seen beside the words of the error */
export function failed(error: AppError, more: { readonly evidence?: string; readonly fix?: string } = {}): Verdict {
  const { message, nextStep } = describeError(error);
  const evidence = more.evidence === undefined ? message : `${message} ${more.evidence}`;
  return { state: "fail", evidence, fix: more.fix ?? nextStep, error };
}

/** @param because a whole sentence */
export const notTested = (because: string, fix: string | null = null): Verdict => ({
  state: "not-tested",
  evidence: because,
  fix,
  error: null,
});

/**
 * An error met while looking. What says nothing about the thing that is checked (no answer, a server that stumbles, a
 * sign-in that has ended) leaves it untested; the check that is about it tells.
 */
export function notLearned(error: AppError): Verdict {
  const { message, nextStep } = describeError(error);
  return notTested(message, nextStep);
}
