import { randomUUID } from "node:crypto";
import { type FileHandle, mkdir, open, readFile, rename, stat, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type AppError, fail, type Outcome, ok } from "../contract/errors.ts";
import type { Files } from "../core/ports.ts";

/** One file of our own folder: no separators, no leading dot, nothing that Windows reads differently. */
const plainName = /^[A-Za-z0-9][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*$/;

/**
 * The `Files` port on one folder, which is made when it is first written to.
 *
 * Only the owner may enter the folder that is made (0700) and read the files (0600); on Windows the profile folder sees
 * to that.
 * A replaced file is whole or the old one, also after a power cut: the new text is on the disk before it takes the
 * name, and the folder is on the disk before `replace` returns.
 */
export function createFiles(folder: string): Files {
  const pathOf = (name: string): string => {
    if (!plainName.test(name)) throw new Error(`Not a plain file name: ${JSON.stringify(name)}`);
    return join(folder, name);
  };
  const prepare = async (name: string): Promise<string> => {
    const path = pathOf(name);
    await makeFolder(folder);
    return path;
  };

  /** Writes of one file one after the other, so that the last one asked for is the one that stays. */
  const turns = new Map<string, Promise<unknown>>();
  const inTurn = (name: string, work: () => Promise<null>): Promise<Outcome<null>> => {
    const turn = (turns.get(name) ?? Promise.resolve()).then(() => attempt("write", work));
    turns.set(name, turn);
    return turn;
  };

  return {
    read: (name) =>
      attempt("read", async () => {
        const path = pathOf(name);
        try {
          return await readFile(path, "utf8");
        } catch (error) {
          if (codeOf(error) === "ENOENT") return null;
          throw error;
        }
      }),

    replace: (name, text) =>
      inTurn(name, async () => {
        const path = await prepare(name);
        // Nobody else's temporary file, neither another instance's nor another call's.
        const temporary = join(folder, `.${name}.${process.pid}.${randomUUID()}.new`);
        try {
          await writeDurably(temporary, "w", text);
          await rename(temporary, path);
        } catch (error) {
          await unlink(temporary).catch(() => undefined);
          throw error;
        }
        await syncFolder(folder);
        return null;
      }),

    append: (name, text) =>
      attempt("write", async () => {
        const isNew = await writeDurably(pathOf(name), "a", text).catch(async (error: unknown) => {
          // Only then, because the folder is nearly always there, and this is done several times in each pairing. Both
          // come from opening the file, so nothing of the text has been written.
          if (codeOf(error) !== "ENOENT" && codeOf(error) !== "ENOTDIR") throw error;
          return writeDurably(await prepare(name), "a", text);
        });
        if (isNew) await syncFolder(folder);
        return null;
      }),

    setAside: (name) =>
      attempt("write", async () => {
        const path = await prepare(name);
        const moment = new Date().toISOString().replaceAll(/[-:.]/g, "");
        try {
          await rename(path, `${path}.set-aside-${moment}`);
        } catch (error) {
          if (codeOf(error) !== "ENOENT") throw error;
        }
        await syncFolder(folder);
        return null;
      }),
  };
}

/**
 * Makes a folder and those above it, each for its owner only. One that is there already keeps its mode: an administrator
 * may have named a shared one, such as `/tmp`. Rejects with the system's error.
 *
 * Not Node's own `recursive`: where a file system says ENOENT below a folder that exists (`/proc`), that never ends.
 */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    if (codeOf(error) === "EEXIST" && (await isFolder(folder))) return;
    const parent = dirname(folder);
    if (codeOf(error) !== "ENOENT" || parent === folder) throw error;
    // It may be there by now: somebody else makes the same way down. Where it is, and nothing can be made in it, the
    // second try says so again.
    if (!(await isFolder(parent))) await makeFolder(parent);
    await mkdir(folder, { mode: 0o700 }).catch(async (again: unknown) => {
      // Somebody else has just made it.
      if (codeOf(again) !== "EEXIST" || !(await isFolder(folder))) throw again;
    });
  }
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

/** Returns when the text is on the disk, not only with the operating system. True: the file was empty or new. */
async function writeDurably(path: string, flags: "w" | "a", text: string): Promise<boolean> {
  const file: FileHandle = await open(path, flags, 0o600);
  try {
    const { size } = await file.stat();
    await file.appendFile(text, "utf8");
    await file.sync();
    return size === 0;
  } finally {
    await file.close();
  }
}

/** Makes a new name in the folder survive a power cut. Windows has no such call and orders its journal itself. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function attempt<T>(operation: "read" | "write", action: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return ok(await action());
  } catch (error) {
    // Anything without a system error code is a mistake of ours, and thrown on as such.
    if (codeOf(error) === "") throw error;
    return fail(storageFailure(operation, error));
  }
}

/** Words for an error of the file system. No path: the sentence goes to the page, too. */
export function storageFailure(operation: "read" | "write", error: unknown): AppError {
  const code = codeOf(error);
  return { code: "storage-failed", operation, problem: problems[code] ?? `the system reported ${code || "an error"}` };
}

export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

/** What `storageFailure` says for it is ours: no system has this code. */
export const foreignLink = "DESKPAIR_FOREIGN_LINK";

const problems: Readonly<Record<string, string>> = {
  [foreignLink]: "it is a link that another user has made",
  EACCES: "access is denied",
  EBUSY: "another program is using it",
  EDQUOT: "the disk quota is used up",
  EEXIST: "something else is in its place",
  EFBIG: "it would be too large",
  EIO: "the disk reported an error",
  EISDIR: "a folder is in its place",
  EMFILE: "too many files are open",
  ENAMETOOLONG: "its name is too long",
  ENFILE: "too many files are open",
  ENOENT: "it does not exist",
  ENOSPC: "the disk is full",
  ENOTDIR: "a file is in the place of its folder",
  ENOTEMPTY: "a folder is in its place",
  ELOOP: "it is a link to itself",
  ENXIO: "nobody reads what is written there",
  EPERM: "access is denied",
  EROFS: "the disk is read-only",
};
