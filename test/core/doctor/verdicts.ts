import { expect, test } from "vitest";
import type { DoctorState } from "../../../src/contract/doctor.ts";
import { describeError } from "../../../src/contract/error-words.ts";
import type { ErrorCode } from "../../../src/contract/errors.ts";
import type { Verdict } from "../../../src/core/doctor/verdict.ts";

/** A case, the verdict on it, the state that it must have, words that its evidence must hold, and its code if it fails. */
export type Row = readonly [string, Verdict, DoctorState, RegExp, ErrorCode?];

/** One test per row; and for every row that a failure has a code and a fix, and that only a failure has a code. */
export function judged(rows: readonly Row[]): void {
  for (const [title, verdict, state, words, code] of rows) {
    test(title, () => {
      expect(verdict.state).toBe(state);
      expect(verdict.evidence).toMatch(words);
      expect(verdict.error?.code).toBe(code);
      if (state === "fail" || state === "warn") expect(verdict.fix ?? "").not.toBe("");
      if (state === "pass") expect(verdict.fix).toBeNull();
      if (verdict.error !== null) expect(verdict.evidence).toContain(describeError(verdict.error).message);
    });
  }
}
