import { closeSync, fstatSync, openSync, renameSync, statSync } from "node:fs";
import type { LogWriter } from "./log.ts";
import { createAppend, mostFileBytes } from "./log-lines.ts";

/**
 * The one file that somebody has named, for its owner only when it is new. At two megabytes it becomes `<file>.1` and a
 * new one begins. What is no file, such as a terminal or a pipe, is written to and never moved.
 */
export function writeToFile(path: string): LogWriter {
  const append = createAppend();
  return (line) => {
    // For each line: whoever takes the file away, or empties it, gets the next line in a new one.
    let descriptor = openSync(path, "a", 0o600);
    try {
      const { size, ino, dev } = fstatSync(descriptor);
      if (size > 0 && size + Buffer.byteLength(line) > mostFileBytes && isStill(path, { ino, dev })) {
        renameSync(path, `${path}.1`);
        closeSync(descriptor);
        descriptor = openSync(path, "a", 0o600);
      }
      append(descriptor, line);
    } finally {
      closeSync(descriptor);
    }
  };
}

/** Another process may have moved the full file away already: the new one must not push the old one out. */
function isStill(path: string, own: { readonly ino: number; readonly dev: number }): boolean {
  const now = statSync(path, { throwIfNoEntry: false });
  return now?.isFile() === true && now.ino === own.ino && now.dev === own.dev;
}
