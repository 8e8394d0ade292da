import { closeSync, openSync, readFileSync, readlinkSync, readSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type {
  Account,
  FileRights,
  Listening,
  ListeningProcess,
  PortSurvey,
  ProgramFile,
  SurveyPort,
} from "../core/ports.ts";
import { createSocketHolders } from "./socket-holders-linux.ts";

/**
 * Who listens on a port of a Linux computer: /proc (proc(5)), no command, no privilege. The table of sockets names the
 * account of every socket; which process holds one can be seen for one's own processes only, unless one is root.
 */

type SocketRow = {
  readonly address: string;
  readonly port: number;
  readonly userId: number;
  readonly inode: string;
};

const listenState = "0A";

/** The listening sockets of /proc/net/tcp or /proc/net/tcp6. Addresses are 32-bit words in the order of this machine. */
export function readSocketTable(table: string): readonly SocketRow[] {
  return table.split("\n").flatMap((line) => {
    const [, local = "", , state, , , , userId, , inode] = line.trim().split(/\s+/);
    const [address = "", port = ""] = local.split(":");
    if (state !== listenState || inode === undefined || !/^([0-9A-F]{8}|[0-9A-F]{32})$/.test(address)) return [];
    return [{ address: readAddress(address), port: Number.parseInt(port, 16), userId: Number(userId), inode }];
  });
}

function readAddress(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => (word.match(/../g) ?? []).toReversed());
  const dotted = (from: number) =>
    bytes
      .slice(from)
      .map((byte) => Number.parseInt(byte, 16))
      .join(".");
  if (bytes.length === 4) return dotted(0);
  const all = bytes.join("").toLowerCase();
  if (/^0{20}ffff/.test(all)) return `::ffff:${dotted(12)}`;
  if (/^0+$/.test(all)) return "::";
  if (/^0+1$/.test(all)) return "::1";
  return (all.match(/.{4}/g) ?? []).join(":");
}

/** The kernel gives a page at a time. */
const chunk = Buffer.alloc(65_536);
const halfPage = 2_048;

/**
 * The part of /proc/net/tcp or /proc/net/tcp6 that has the listening sockets, which come first (proc_net_tcp in the
 * kernel's documentation). Behind them the kernel goes through its table of all connections, which takes milliseconds
 * where it is nearly empty: as soon as there can be no more listening socket, nothing more is read.
 */
function readListening(family: "" | "6"): string {
  const inUse = socketsInUse(family);
  // The sum of what each processor has counted: twice, because one of them may count while the sum is made.
  if (inUse === 0 && socketsInUse(family) === 0) return "";
  let file: number;
  try {
    file = openSync(`/proc/net/tcp${family}`, "r");
  } catch (error) {
    // A kernel without IPv6 has no second table; without the first one there is nothing to be learnt.
    if (family === "6") return "";
    throw error;
  }
  try {
    for (let text = ""; ; ) {
      const bytes = readSync(file, chunk);
      text += chunk.toString("latin1", 0, bytes);
      const rows = wholeRows(text);
      const state = rows.at(-1)?.trim().split(/\s+/)[3];
      // All that are in use are there, and more of them would have had room.
      const isAll = rows.length >= inUse && bytes < halfPage;
      if (bytes === 0 || isAll || (state !== undefined && state !== listenState)) return text;
    }
  } finally {
    closeSync(file);
  }
}

/** How many TCP sockets there are, in whatever state; more than any number where the kernel does not tell. */
function socketsInUse(family: "" | "6"): number {
  const counts = attempt(() => readFileSync(`/proc/net/sockstat${family}`, "latin1"));
  const told = /^TCP6?: inuse (\d+)/m.exec(counts ?? "")?.[1];
  return told === undefined ? Number.POSITIVE_INFINITY : Number(told);
}

/** The first line is a heading, and what follows the last line end is not whole. */
const wholeRows = (table: string): readonly string[] => table.split("\n").slice(1, -1);

/** Keep one for the life of the program: it remembers who held a socket when it last looked. */
export function surveyLinux(): SurveyPort {
  const holdersOf = createSocketHolders();
  return (port) => survey(port, holdersOf);
}

async function survey(port: number, holdersOf: ReturnType<typeof createSocketHolders>): Promise<PortSurvey> {
  const me = process.geteuid?.() ?? null;
  const rows = (["", "6"] as const)
    .flatMap((family) => readSocketTable(readListening(family)))
    .filter((row) => row.port === port);
  const asking = { processId: process.pid, userId: me };
  if (rows.length === 0) return { told: true, asking, listening: [] };

  const names = readNames();
  const toAccount = (id: number): Account => ({ id, name: names.get(id) ?? null });
  const { holders, unreadable } = await holdersOf(new Set(rows.map(({ inode }) => inode)));
  const listening = rows.map(
    ({ address, userId, inode }): Listening => ({
      address,
      socketId: inode,
      account: toAccount(userId),
      processes: (holders.get(inode) ?? []).flatMap((id) => readProcess(id, toAccount) ?? []),
      // What this user opened is held by this user's processes. What another did, and be it root, may be held by some
      // that cannot be looked into: a server often hands a socket of root to workers of other accounts.
      complete: userId === me || (me === 0 && unreadable === 0),
    }),
  );
  return { told: true, asking, listening };
}

/** `null`: it has ended, or its number belongs to another by now. */
function readProcess(id: number, toAccount: (id: number) => Account): ListeningProcess | null {
  const started = readStart(id);
  const status = attempt(() => readFileSync(`/proc/${id}/status`, "latin1"));
  if (started === null || status === null) return null;
  // Real, effective, saved and file system: with any of them it can act.
  const [real, effective, ...more] = (/^Uid:\s+(.+)$/m.exec(status)?.[1] ?? "").trim().split(/\s+/).map(Number);
  const userIds = [...new Set([effective, real, ...more])].filter((userId) => userId !== undefined);
  const link = attempt(() => readlinkSync(`/proc/${id}/exe`));
  const path = link?.replace(/ \(deleted\)$/, "") ?? null;
  const file = path === null ? ({ state: "not-told" } as const) : readProgramFile(id, path);
  if (readStart(id) !== started) return null;
  return { id, started, path, accounts: userIds.map(toAccount), file, signature: "unknown" };
}

/** Clock ticks between the start of the system and that of the process: field 22, counted after the name, which may hold anything. */
function readStart(id: number): string | null {
  const stat = attempt(() => readFileSync(`/proc/${id}/stat`, "latin1"));
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null;
}

function readProgramFile(id: number, path: string): ProgramFile {
  // What it runs, by way of the kernel, and what lies under that name for us: only if they are one file does the name,
  // and what the folders around it allow, say anything about the process.
  const runs = attempt(() => statSync(`/proc/${id}/exe`, { bigint: true }));
  const here = attempt(() => statSync(path, { bigint: true }));
  if (runs === null) return { state: "not-told" };
  if (here !== null && here.dev === runs.dev && here.ino === runs.ino) {
    const chain = attempt(() => chainOf(path));
    return chain === null ? { state: "not-told" } : { state: "on-disk", chain };
  }
  const place = (of: number | "self") => attempt(() => readlinkSync(`/proc/${of}/ns/mnt`));
  const isApart = place(id) !== place("self") || attempt(() => readlinkSync(`/proc/${id}/root`)) !== "/";
  return { state: isApart ? "elsewhere" : "gone" };
}

function chainOf(path: string): readonly FileRights[] {
  const { uid, gid, mode } = statSync(path);
  const parent = dirname(path);
  return [{ path, ownerId: uid, groupId: gid, mode }, ...(parent === path ? [] : chainOf(parent))];
}

/** Accounts of this computer. Those of a directory service have a number only. */
function readNames(): ReadonlyMap<number, string> {
  const lines = (attempt(() => readFileSync("/etc/passwd", "utf8")) ?? "").split("\n");
  return new Map(
    lines.flatMap((line) => {
      const [name = "", , id = ""] = line.split(":");
      return name === "" || !/^\d+$/.test(id) ? [] : [[Number(id), name] as const];
    }),
  );
}

/** Processes end while they are looked at, and others' secrets are none of ours: both read as "nothing there". */
function attempt<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}
