import { closeSync, constants, fstatSync, lstatSync, openSync, renameSync, statSync } from "node:fs";
import { codeOf, foreignLink } from "./files.ts";
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
    let descriptor = openNamed(path);
    try {
      const { size, ino, dev } = fstatSync(descriptor);
      if (size > 0 && size + Buffer.byteLength(line) > mostFileBytes && isStill(path, { ino, dev })) {
        renameSync(path, `${path}.1`);
        closeSync(descriptor);
        descriptor = openNamed(path);
      }
      append(descriptor, line);
    } finally {
      closeSync(descriptor);
    }
  };
}

/**
 * Opens it for appending; made for its owner only. Throws the system's error, or one with the code `foreignLink`.
 *
 * SECURITY: the file may be named in a folder that others write to. A link that somebody else has laid there would have
 * us write, with our rights, to a file of their choice; a pipe that nobody reads would hold us up for ever. Links of root
 * are followed, as `/dev/stderr` is one.
 */
export function openNamed(path: string): number {
  const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants;
  const flags = O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK;
  try {
    // Windows has neither of the last two.
    return openSync(path, flags | O_NOFOLLOW, 0o600);
  } catch (thrown) {
    const link = codeOf(thrown) === "ELOOP" ? lstatSync(path, { throwIfNoEntry: false }) : undefined;
    if (link?.isSymbolicLink() !== true) throw thrown;
    if (link.uid !== 0 && link.uid !== process.geteuid?.()) throw Object.assign(new Error(path), { code: foreignLink });
  }
  const probe = openSync(path, flags, 0o600);
  if (fstatSync(probe).isFile()) return probe;
  // The shell's own pipes are reached by links, and whoever reads them slowly is to get every line: writes wait there.
  try {
    return openSync(path, "a", 0o600);
  } finally {
    closeSync(probe);
  }
}

/** Another process may have moved the full file away already: the new one must not push the old one out. */
function isStill(path: string, own: { readonly ino: number; readonly dev: number }): boolean {
  const now = statSync(path, { throwIfNoEntry: false });
  return now?.isFile() === true && now.ino === own.ino && now.dev === own.dev;
}
