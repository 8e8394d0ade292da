import type { AppError } from "../../contract/errors.ts";
import type { Offset } from "../server-clock.ts";
import { failed, notTested, pass, type Verdict, warn } from "./verdict.ts";

/**
 * How far this computer's clock is from the server's. Signed requests and tokens are good for minutes: half a minute is
 * a sign that nobody sets this clock, two minutes are certain to make something fail.
 */
const warnMs = 30_000;
const stopMs = 120_000;

export type ClockJudgement =
  | { readonly state: "right" | "unknown" }
  /** `seconds`: positive when this computer is ahead. */
  | { readonly state: "off"; readonly seconds: number }
  | { readonly state: "wrong"; readonly error: Extract<AppError, { code: "clock-wrong" }> };

/** Counts only what is certain: the limit must be passed whatever the true offset inside its uncertainty is. */
export function judgeOffset(offset: Offset | null): ClockJudgement {
  if (offset === null) return { state: "unknown" };
  const least = Math.abs(offset.ms) - offset.uncertaintyMs;
  const seconds = Math.round(offset.ms / 1000);
  if (least > stopMs) return { state: "wrong", error: { code: "clock-wrong", offsetSeconds: seconds } };
  return least > warnMs ? { state: "off", seconds } : { state: "right" };
}

export function judgeClock(offset: Offset | null): Verdict {
  const judged = judgeOffset(offset);
  const exactly = offset === null ? "" : `within ${inSeconds(offset.uncertaintyMs)}`;
  switch (judged.state) {
    case "unknown":
      return notTested("No answer of PingOne told the time.");
    case "right":
      return pass(`${describeOffset(offset?.ms ?? 0)} (${exactly}).`);
    case "off":
      return warn(
        `${describeOffset(judged.seconds * 1000)} (${exactly}). From 120 seconds on, nothing is paired.`,
        "Set the clock, best by switching on the system's time synchronisation.",
      );
    case "wrong":
      return failed(judged.error, { evidence: `Measured ${exactly}.` });
    default:
      return judged satisfies never;
  }
}

/** For people; also the detail of the warning `clock-off`. */
export const describeOffset = (ms: number): string =>
  Math.abs(ms) < 1_000
    ? "The clock of this computer agrees with PingOne's"
    : `The clock of this computer is ${inSeconds(Math.abs(ms))} ${ms > 0 ? "ahead of" : "behind"} PingOne's`;

const inSeconds = (ms: number): string => `${ms < 10_000 ? Math.round(ms / 100) / 10 : Math.round(ms / 1000)} s`;
