import type { Log, LogLevel } from "../core/ports.ts";
import { redact } from "../core/redact.ts";
import { storageFailure } from "./files.ts";

/** Takes one whole line with its line end. Throws what the file system says. */
export type LogWriter = (line: string, at: Date) => void;

type LogParts = {
  /** Asked for every line: a policy may change it. */
  readonly level: () => LogLevel;
  readonly now?: () => number;
  /** Called once, the first time that a line cannot be written; completes "it cannot be written: …". Must not throw. */
  readonly onFailure?: (problem: string) => void;
};

/** A log that is used before anybody knows where it belongs. */
export type HeldLog = {
  readonly log: Log;
  /** Writes what was held, and everything from now on. Only the first call counts. */
  readonly open: (write: LogWriter) => void;
};

const order: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/** What an app says until it has read its policy is a dozen lines. */
const mostHeld = 200;

/**
 * The `Log` port: one line of JSON per event, through `redact`.
 *
 * Never throws: a log that cannot be written must not stop a pairing. It is told once, and every further line is tried
 * again, because a disk that was full may have room later.
 */
export function createLog({ write, ...parts }: LogParts & { readonly write: LogWriter }): Log {
  const held = createHeldLog(parts);
  held.open(write);
  return held.log;
}

export function createHeldLog({ level, now = Date.now, onFailure }: LogParts): HeldLog {
  let write: LogWriter | null = null;
  let isTold = false;
  const held: { readonly line: string; readonly at: Date }[] = [];

  const put = (to: LogWriter, line: string, at: Date): void => {
    try {
      // Written at once and not later: the last lines before a crash are the ones that are needed.
      to(line, at);
    } catch (thrown) {
      if (isTold) return;
      isTold = true;
      const failure = storageFailure("write", thrown);
      onFailure?.(failure.code === "storage-failed" ? failure.problem : failure.code);
    }
  };

  return {
    log: (lineLevel, event, fields = {}) => {
      if (order[lineLevel] < order[level()]) return;
      const at = new Date(now());
      const line = `${JSON.stringify({ time: at.toISOString(), level: lineLevel, event, ...redact(fields) })}\n`;
      if (write !== null) put(write, line, at);
      else if (held.length < mostHeld) held.push({ line, at });
    },
    open: (writer) => {
      if (write !== null) return;
      write = writer;
      for (const { line, at } of held.splice(0)) put(writer, line, at);
    },
  };
}
