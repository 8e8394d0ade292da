import { readdirSync, readlinkSync, statSync } from "node:fs";

/**
 * Which processes of a Linux computer hold a socket: every process lists its open files in /proc/PID/fd (proc_pid_fd(5)),
 * and a listening socket that was inherited or handed on is held by several.
 *
 * Looking at all open files of all processes takes the longest of a look at a port, and a pairing makes four looks. So
 * what the last one saw is remembered, and a process is looked at again only if it may have got the socket since. It
 * cannot have been there without one of these, which are checked at each look:
 *
 *   - The socket is another one: other numbers are not remembered, and all processes are looked at.
 *   - The process is new, as every heir is that inherits by fork. Its folder in /proc is then a new file, even where the
 *     number of the process is used again, because the kernel numbers these files as it makes them.
 *   - The process has more or fewer open files. A process that was there already can only have been handed the socket by
 *     one that holds it, and then has one more.
 *   - It held the socket before: then that very file is looked at.
 *
 * What remains is a process that ran before, was handed the socket by a holder, and has closed another file since. That
 * is found out after a minute at the latest, and it gives nobody anything: all holders are judged at each look, and one
 * that would hand its socket to a stranger might as well pass on what it receives.
 *
 * Kernels before 6.2 do not tell how many files a process has open: there nothing is remembered.
 */

export type Holders = {
  /** By inode of the socket. */
  readonly holders: ReadonlyMap<string, readonly number[]>;
  /** How many processes could not be looked into. */
  readonly unreadable: number;
};

/** A process as it was when it was looked at. */
type Seen = {
  /** Changes with the process, and with the number of its open files. */
  readonly mark: string;
  /** Those of its open files that are sockets in question, with their inodes; `null`: it could not be looked into. */
  readonly files: ReadonlyMap<string, string> | null;
};

type Look = {
  readonly inodes: ReadonlySet<string>;
  /** When all processes were looked at. */
  readonly at: number;
  readonly processes: ReadonlyMap<string, Seen>;
};

const rememberedMs = 60_000;
/** After this many processes others get their turn: a machine with thousands of them takes a tenth of a second. */
const processesAtOnce = 50;

/** Keep one for the life of the program: it remembers the last look. */
export function createSocketHolders(): (inodes: ReadonlySet<string>) => Promise<Holders> {
  let last: Look | null = null;

  const remembered = (inodes: ReadonlySet<string>): Look | null =>
    last !== null && performance.now() - last.at < rememberedMs && [...inodes].every((inode) => last?.inodes.has(inode))
      ? last
      : null;

  return async (inodes) => {
    const known = tellsNumbers() ? remembered(inodes) : null;
    const sought = known?.inodes ?? inodes;
    const at = known?.at ?? performance.now();
    const processes = new Map<string, Seen>();
    let looked = 0;
    for (const id of readdirSync("/proc")) {
      if (!startsWithDigit(id)) continue;
      // Before its files are read: what changes from now on is looked at the next time.
      const mark = markOf(id);
      const before = known?.processes.get(id);
      if (before !== undefined && before.mark === mark && holdsStill(id, before)) {
        processes.set(id, before);
        continue;
      }
      processes.set(id, { mark, files: lookInto(id, sought) });
      looked += 1;
      if (looked % processesAtOnce === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    last = { inodes: sought, at, processes };
    return toHolders(processes);
  };
}

const startsWithDigit = (name: string): boolean => name >= "0" && name < ":";

/** Whether this kernel tells how many files a process has open: of this very process, which has some. */
const tellsNumbers = (): boolean => attempt(() => statSync("/proc/self/fd").size > 0) ?? false;

/** A process that has ended, or must not be looked at, has the same mark as no other. */
function markOf(id: string): string {
  const folder = attempt(() => statSync(`/proc/${id}/fd`));
  return folder === null ? `${id} is not told` : `${folder.ino} ${folder.size}`;
}

const holdsStill = (id: string, { files }: Seen): boolean =>
  files === null || [...files].every(([name, inode]) => socketBehind(id, name) === inode);

function lookInto(id: string, sought: ReadonlySet<string>): Seen["files"] {
  const found = new Map<string, string>();
  let names: readonly string[];
  try {
    names = readdirSync(`/proc/${id}/fd`);
  } catch (error) {
    return isDenied(error) ? null : found;
  }
  for (const name of names) {
    try {
      const inode = socketOf(readlinkSync(`/proc/${id}/fd/${name}`));
      if (inode !== null && sought.has(inode)) found.set(name, inode);
    } catch (error) {
      // To list them and to see what they are takes two rights: root without CAP_SYS_PTRACE has only the first one.
      if (isDenied(error)) return null;
    }
  }
  return found;
}

/** Everything else that can go wrong means that the process has ended, or closed the file. */
const isDenied = (error: unknown): boolean =>
  error instanceof Error && "code" in error && (error.code === "EACCES" || error.code === "EPERM");

/** The inode of the socket that an open file is; `null`: it is none, closed by now, or not for us to see. */
function socketBehind(id: string, name: string): string | null {
  const link = attempt(() => readlinkSync(`/proc/${id}/fd/${name}`));
  return link === null ? null : socketOf(link);
}

const socketOf = (link: string): string | null => (link.startsWith("socket:[") ? link.slice(8, -1) : null);

function toHolders(processes: ReadonlyMap<string, Seen>): Holders {
  const holders = new Map<string, number[]>();
  let unreadable = 0;
  for (const [id, { files }] of processes) {
    if (files === null) unreadable += 1;
    else for (const inode of new Set(files.values())) holders.set(inode, [...(holders.get(inode) ?? []), Number(id)]);
  }
  return { holders, unreadable };
}

/** Processes end while they are looked at. */
function attempt<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}
