import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  type Stats,
  unlinkSync,
} from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { codeOf } from "./files.ts";
import type { LogWriter } from "./log.ts";
import { createAppend, mostFileBytes } from "./log-lines.ts";

export type LogFolder = {
  readonly folder: string;
  /**
   * Others may write in it, too: the names of files then carry the user's, and the folder is the administrator's to make.
   * Made by the first user, it would be closed to the second.
   */
  readonly shared: boolean;
  readonly program: "app" | "cli";
  readonly keepDays: number;
};

/** Of one user, for app and command line together. */
const mostBytes = 20_000_000;
/** Names that are full, or taken by what is not ours, before we give up. */
const mostTries = 50;

/** Two hundred gigabytes in a day. A file with a higher number was not named by us, whoever owns it. */
const mostPart = 99_999;

type Name = { readonly day: string; readonly part: number };

/**
 * One file a day (UTC), `deskpair-app-2026-11-22.log`, and the next one of that day whenever two megabytes are full,
 * `deskpair-app-2026-11-22.1.log`. No file is ever renamed, so processes that write at the same time need no turn.
 * Whenever one begins, files of ours that are too old go, and the oldest while all are too large.
 *
 * SECURITY: in a shared folder somebody else can lay something under our next name. A link, what is no plain file, has a
 * second name or another owner is passed over, and a new file is made only where there is nothing. Nor does somebody
 * else's file say how far our numbers have come: they could be led to where no log of ours is found again.
 */
export function writeToFolder(given: LogFolder, platform: NodeJS.Platform = process.platform): LogWriter {
  const { folder, shared, program, keepDays } = given;
  const append = createAppend();
  const user = shared ? `${userName()}-` : "";
  const pathOf = ({ day, part }: Name): string =>
    join(folder, `deskpair-${program}-${user}${day}${part === 0 ? "" : `.${part}`}.log`);
  let current: Name | null = null;
  /** Parts of the current day whose names somebody else's files have: not tried one by one. */
  let taken: ReadonlySet<number> = new Set();

  /** The last file of this day that is there, or the first one that will be. Removes what is too old or too much. */
  const begin = (day: string, at: Date): Name => {
    // On Windows the access list of the folder above is inherited, and says who may do what.
    if (!shared || platform === "win32") mkdirSync(folder, { recursive: true, mode: 0o700 });
    const sameDay = tidy(folder, user, keepDays, at).filter((file) => file.program === program && file.day === day);
    taken = new Set(sameDay.filter(({ isOwn }) => !isOwn).map(({ part }) => part));
    // Not Math.max of them all: a function takes only so many arguments, and how many files there are is not for us to say.
    const last = sameDay.find(({ isOwn, part }) => isOwn && part <= mostPart);
    return { day, part: last?.part ?? 0 };
  };

  const after = ({ day, part }: Name): Name => {
    let next = part + 1;
    while (taken.has(next)) next += 1;
    return { day, part: next };
  };

  /** Gives the descriptor of a file of ours that has room. */
  const openRoom = (day: string, at: Date, bytes: number): number => {
    current = current?.day === day ? current : begin(day, at);
    let refusal: unknown = Object.assign(new Error("every name is taken"), { code: "EEXIST" });
    for (let tries = 0; tries < mostTries; tries += 1) {
      const path = pathOf(current);
      const opened = openOurs(path);
      if (opened.state === "open" && opened.size + bytes <= mostFileBytes) return opened.descriptor;
      if (opened.state === "open") closeSync(opened.descriptor);
      if (opened.state === "not-ours") refusal = opened.because ?? refusal;
      if (opened.state === "missing") {
        // Taken away, perhaps, while another process went on to the next.
        const latest = begin(day, at);
        const made = latest.part > current.part ? null : make(path);
        if (made !== null) return made;
        if (latest.part > current.part) current = latest;
      } else {
        current = after(current);
      }
    }
    throw refusal;
  };

  return (line, at) => {
    const descriptor = openRoom(at.toISOString().slice(0, 10), at, Buffer.byteLength(line));
    try {
      append(descriptor, line);
    } finally {
      closeSync(descriptor);
    }
  };
}

type Opened =
  | { readonly state: "open"; readonly descriptor: number; readonly size: number }
  | { readonly state: "missing" }
  /** `because`: the system's own word, where it said one. */
  | { readonly state: "not-ours"; readonly because: unknown };

const notOurs: Opened = { state: "not-ours", because: null };

/** What is asked of a descriptor cannot be exchanged any more. A pipe that nobody reads must not hold us up. */
function openOurs(path: string): Opened {
  const { O_WRONLY, O_APPEND, O_NOFOLLOW, O_NONBLOCK } = constants;
  let descriptor: number;
  try {
    // Windows has no O_NOFOLLOW, and only those who administer it may make links to files there.
    if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true) return notOurs;
    descriptor = openSync(path, O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK);
  } catch (thrown) {
    return codeOf(thrown) === "ENOENT" ? { state: "missing" } : { state: "not-ours", because: thrown };
  }
  const facts = fstatSync(descriptor);
  if (isOwnFile(facts) && facts.nlink === 1) return { state: "open", descriptor, size: facts.size };
  closeSync(descriptor);
  // Removed between two calls.
  return isOwnFile(facts) && facts.nlink === 0 ? { state: "missing" } : notOurs;
}

/** Windows knows no owner here: its access lists decide. */
const isOwnFile = (facts: Stats): boolean => facts.isFile() && (process.geteuid?.() ?? facts.uid) === facts.uid;

/** `null`: somebody was faster. */
function make(path: string): number | null {
  const { O_WRONLY, O_APPEND, O_CREAT, O_EXCL } = constants;
  try {
    return openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_EXCL, 0o600);
  } catch (thrown) {
    if (codeOf(thrown) === "EEXIST") return null;
    throw thrown;
  }
}

/** `isOwn`: not somebody else's under our name, and no folder or link. */
type Found = Name & { readonly program: string; readonly path: string; readonly isOwn: boolean };

/**
 * Removes files of this user that are too old, then the oldest of too many; gives what stays under our names, the last
 * first. Never follows a link.
 */
function tidy(folder: string, user: string, keepDays: number, at: Date): readonly Found[] {
  const oldest = new Date(at.getTime() - keepDays * 86_400_000).toISOString().slice(0, 10);
  const form = new RegExp(
    `^deskpair-(app|cli)-${user.replaceAll(".", "\\.")}(\\d{4}-\\d\\d-\\d\\d)(?:\\.(\\d+))?\\.log$`,
  );
  const found = namesIn(folder).flatMap((name): readonly (Found & { readonly bytes: number })[] => {
    const [, program, day, part = "0"] = form.exec(name) ?? [];
    if (program === undefined || day === undefined) return [];
    const path = join(folder, name);
    const facts = lstatSync(path, { throwIfNoEntry: false });
    // Taken away since it was listed.
    if (facts === undefined) return [];
    return [{ program, day, part: Number(part), path, isOwn: isOwnFile(facts), bytes: facts.size }];
  });
  let bytes = 0;
  return found
    .toSorted((one, other) => other.day.localeCompare(one.day) || other.part - one.part)
    .filter((file) => {
      // Somebody else's is neither counted nor removed, and its name is taken all the same.
      if (!file.isOwn) return true;
      bytes += file.bytes;
      return (file.day >= oldest && bytes <= mostBytes) || !isRemoved(file.path);
    });
}

/** A folder that may be written to and not read has its reasons: then nothing is removed. */
function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (thrown) {
    if (codeOf(thrown) === "EACCES" || codeOf(thrown) === "EPERM") return [];
    throw thrown;
  }
}

function isRemoved(path: string): boolean {
  try {
    unlinkSync(path);
    return true;
  } catch {
    // On Windows another process may have it open. The next time.
    return false;
  }
}

/** As it can stand in a name on every system. Two users whom this makes the same do not get each other's files. */
function userName(): string {
  let name: string;
  try {
    name = userInfo().username;
  } catch {
    // A user without an entry in the system's list, as in containers.
    name = String(process.geteuid?.() ?? "user");
  }
  return name.replaceAll(/[^A-Za-z0-9_.-]/g, "_").slice(0, 64);
}
