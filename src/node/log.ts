import { appendFileSync, mkdirSync, renameSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { Log, LogLevel } from "../core/ports.ts";
import { redact } from "../core/redact.ts";

const order: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/** Two files of this size are the most that a log takes. */
const rotateAtBytes = 2_000_000;

/**
 * The `Log` port: one line of JSON per event, through `redact`, to a file that only the owner may read.
 *
 * At two megabytes the file becomes `<file>.1` and a new one begins. Never throws and never says anything itself: a
 * log that cannot be written must not stop a pairing.
 *
 * @param file `null`: no log.
 */
export function createLog({ file, level }: { readonly file: string | null; readonly level: LogLevel }): Log {
  if (file === null) return () => undefined;
  let size = sizeOf(file);
  return (lineLevel, event, fields = {}) => {
    if (order[lineLevel] < order[level]) return;
    const line = `${JSON.stringify({ time: new Date().toISOString(), level: lineLevel, event, ...redact(fields) })}\n`;
    try {
      if (size > 0 && size + line.length > rotateAtBytes) {
        renameSync(file, `${file}.1`);
        size = 0;
      }
      if (size === 0) mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      // Written at once and not later: the last lines before a crash are the ones that are needed.
      appendFileSync(file, line, { mode: 0o600 });
      size += line.length;
    } catch {
      // See above.
    }
  };
}

function sizeOf(file: string): number {
  try {
    return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  } catch {
    return 0;
  }
}
