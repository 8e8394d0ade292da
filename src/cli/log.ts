import { closeSync } from "node:fs";
import { type AppError, fail, type Outcome, ok } from "../contract/errors.ts";
import type { LogFacts } from "../core/doctor/ports.ts";
import { blockedBy } from "../core/policy/applied.ts";
import { logSettings } from "../core/policy/log-settings.ts";
import type { Decisions } from "../core/policy/precedence.ts";
import type { Log } from "../core/ports.ts";
import { storageFailure } from "../node/files.ts";
import { logFolder } from "../node/host.ts";
import { createLog, type LogWriter } from "../node/log.ts";
import { openNamed, writeToFile } from "../node/log-file.ts";
import { writeToFolder } from "../node/log-folder.ts";
import type { Environment } from "./config-file.ts";
import type { Output } from "./output.ts";
import type { GlobalOptions } from "./program.ts";

/** The log of a command, and where it is. */
export type OpenLog = {
  readonly log: Log;
  /** Where the policy puts logs, or else where the window's is; for the doctor. */
  readonly place: () => LogFacts;
};

/**
 * A command keeps a log where the policy says, and where `--log-file` says: the second does not replace the first,
 * because the organisation could then be left without. With neither it keeps none: what it has to say is its output.
 *
 * A log that was asked for and cannot be written is told before anything happens, as is a level that contradicts the
 * policy; later it would be too late. The policy's own log is nobody's wish of this moment: without it there is a line
 * on stderr, and the work goes on.
 */
export function openLog(
  { logFile, logLevel }: Pick<GlobalOptions, "logFile" | "logLevel">,
  environment: Environment,
  decisions: Decisions,
  { warn }: Pick<Output, "warn">,
): Outcome<OpenLog> {
  const { directory, level: byPolicy, isLevelLocked, keepDays } = logSettings(decisions);
  if (isLevelLocked && logLevel !== null && logLevel !== byPolicy) return fail(blockedBy("LogLevel"));
  const level = (): typeof byPolicy => logLevel ?? byPolicy;
  const logs: Log[] = [];
  let problem: string | null = null;
  const keep = (write: LogWriter, place: string, whose: string): void => {
    const onFailure = (why: string): void => {
      if (place === directory) problem = why;
      warn(`The log${whose} cannot be written: ${why} (${place}). The command goes on without it.`);
    };
    logs.push(createLog({ write, level, onFailure }));
  };
  if (logFile !== null) {
    const refusal = refusalOf(logFile);
    if (refusal !== null) return fail(refusal);
    keep(writeToFile(logFile), logFile, "");
  }
  if (directory !== null) {
    const write = writeToFolder({ folder: directory, shared: true, program: "cli", keepDays });
    keep(write, directory, " that your organisation asks for");
  }
  const log: Log = (...line) => {
    for (const each of logs) each(...line);
  };
  const place = (): LogFacts => ({
    folder: directory ?? logFolder(environment),
    managed: directory !== null,
    problem,
  });
  return ok({ log, place });
}

/** `null`: it can be written. */
function refusalOf(logFile: string): AppError | null {
  try {
    closeSync(openNamed(logFile));
    return null;
  } catch (error) {
    const failure = storageFailure("write", error);
    const problem = failure.code === "storage-failed" ? failure.problem : failure.code;
    return { code: "configuration-invalid", setting: "--log-file", problem: `it cannot be written: ${problem}` };
  }
}
