import {
  type DoctorCheck,
  type DoctorCheckName,
  type DoctorReport,
  type DoctorState,
  doctorCheckNames,
} from "../../contract/doctor.ts";
import type { Clock } from "../ports.ts";
import { redactText } from "../redact.ts";
import { notTested, type Verdict } from "./verdict.ts";

/** The whole report is there after this time, also when nothing answers. */
export const examinationMs = 4_800;

/** An answer, or why there is none; and how long it took. */
export type Asked<T> = { readonly ms: number } & (
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly why: string }
);

export type Exam = {
  /**
   * Asks one thing of the world, with a time limit of its own inside that of the whole. The signal aborts when nobody
   * waits for the answer any more; what ignores it is left behind and harms nobody.
   */
  readonly ask: <T>(limitMs: number, work: (signal: AbortSignal) => Promise<T>) => Promise<Asked<T>>;
  readonly conclude: <T>(name: DoctorCheckName, asked: Asked<T>, judge: (value: T) => Verdict) => void;
  /** @param because a whole sentence */
  readonly skip: (names: readonly DoctorCheckName[], because: string) => void;
  readonly report: () => DoctorReport;
};

const ranks: Readonly<Record<DoctorState, number>> = { pass: 0, "not-tested": 1, warn: 2, fail: 3 };

/** Keeps the time and the results of one examination. A check that is concluded twice keeps the first result. */
export function startExam(clock: Clock, observe: (check: DoctorCheck) => void, signal: AbortSignal): Exam {
  const startedAt = clock.now();
  const started = clock.monotonic();
  const checks = new Map<DoctorCheckName, DoctorCheck>();

  const give = (name: DoctorCheckName, verdict: Verdict, ms: number): void => {
    if (checks.has(name)) return;
    const { fix } = verdict;
    const check: DoctorCheck = {
      name,
      ...verdict,
      // SECURITY: evidence quotes servers, programs and files; nothing that looks like a secret gets through.
      evidence: presentable(verdict.evidence),
      fix: fix === null ? null : presentable(fix),
      ms: Math.round(ms),
    };
    checks.set(name, check);
    observe(check);
  };

  return {
    ask: async (limitMs, work) => {
      const asked = clock.monotonic();
      const limit = Math.min(limitMs, started + examinationMs - asked);
      if (signal.aborted) return { ok: false, why: cancelled, ms: 0 };
      if (limit <= 0) return { ok: false, why: "There was no time left for it.", ms: 0 };
      const stop = new AbortController();
      const cancel = (): void => stop.abort();
      signal.addEventListener("abort", cancel, { once: true });
      const inTime = clock.wait(limit, stop.signal).then(() => null);
      const first = await Promise.race([work(stop.signal).then((value) => ({ value })), inTime]);
      signal.removeEventListener("abort", cancel);
      // Also ends the wait, which would keep the process alive.
      stop.abort();
      const ms = clock.monotonic() - asked;
      if (first !== null) return { ok: true, value: first.value, ms };
      return { ok: false, why: signal.aborted ? cancelled : `No answer within ${inSeconds(limit)}.`, ms };
    },
    conclude: (name, asked, judge) => give(name, asked.ok ? judge(asked.value) : notTested(asked.why), asked.ms),
    skip: (names, because) => {
      for (const name of names) give(name, notTested(because), 0);
    },
    report: () => {
      const all = doctorCheckNames.map(
        (name) => checks.get(name) ?? { name, ...notTested("It was not looked at."), ms: 0 },
      );
      return {
        checks: all,
        startedAt,
        ms: Math.round(clock.monotonic() - started),
        worst: all.reduce<DoctorState>((worst, { state }) => (ranks[state] > ranks[worst] ? state : worst), "pass"),
      };
    },
  };
}

const cancelled = "It was cancelled.";

const inSeconds = (ms: number): string => {
  const seconds = Math.round(ms / 100) / 10;
  return seconds === 1 ? "1 second" : `${seconds} seconds`;
};

/** No control characters, no secrets, and no more than can be read. */
const presentable = (text: string): string =>
  redactText(text)
    .replace(/[\p{Cc}\p{Cf}]/gu, "?")
    .slice(0, 600);
