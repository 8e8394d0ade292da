import { createHash, randomUUID } from "node:crypto";
import { lstatSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * Loads a native library that the executable carries: every system loads libraries from files only, so it is written to
 * `folder` once, under a name that says what is in it. What is found there is used only when it is, byte for byte, what
 * we carry. Throws where there is no folder, where somebody else could change what lies in it, and where the system
 * refuses to load from it; there is no key store then.
 */
export function loadLibrary(library: Uint8Array, folder: string | null): unknown {
  if (folder === null) throw new Error("There is no home folder to put the library in.");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const real = realpathSync(folder);
  const owner = otherOwner(real);
  if (owner !== null) throw new Error(`Other users of this computer can change what is in ${owner}.`);
  const name = createHash("sha256").update(library).digest("hex").slice(0, 16);
  const file = join(real, `keyring-${name}.node`);
  if (!holds(file, library)) put(file, library);
  const module: { exports: unknown } = { exports: {} };
  process.dlopen(module, file);
  return module.exports;
}

/**
 * SECURITY: whoever owns a folder above the file can put another one in its place between our look and the system's.
 * So it is when an administrator runs this with the home of somebody else (`sudo` keeps it on macOS). The first such
 * folder, or `null`. On Windows folders of a user's profile are closed to others by the system.
 */
function otherOwner(folder: string): string | null {
  const [user, group] = [process.geteuid?.(), process.getegid?.()];
  if (user === undefined) return null;
  for (let path = folder; ; path = dirname(path)) {
    const { uid, gid, mode } = lstatSync(path);
    const writable = (mode & 0o002) !== 0 || ((mode & 0o020) !== 0 && gid !== group && gid !== 0);
    // In a folder with the sticky bit (/tmp) only owners move what is theirs.
    if ((uid !== user && uid !== 0) || (writable && (mode & 0o1000) === 0)) return path;
    if (path === dirname(path)) return null;
  }
}

function holds(file: string, library: Uint8Array): boolean {
  try {
    return readFileSync(file).equals(library);
  } catch {
    return false;
  }
}

/** Whole or not at all, and for this user alone: two processes may be at it at once. */
function put(file: string, library: Uint8Array): void {
  const fresh = `${file}.${randomUUID()}`;
  try {
    writeFileSync(fresh, library, { flag: "wx", mode: 0o600 });
    renameSync(fresh, file);
  } catch (error) {
    rmSync(fresh, { force: true });
    // On Windows a library that is in use cannot be replaced. Whoever uses it has put it there meanwhile.
    if (!holds(file, library)) throw error;
  }
}
