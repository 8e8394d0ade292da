import { constants, type Stats } from "node:fs";
import { type FileHandle, lstat, open, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { PolicyEntry, PolicyReading, PolicySource } from "../core/policy/ports.ts";
import { stampOfFiles } from "./policy-stamp.ts";

/**
 * The machine's policy on Linux: `policies.json` and then every `policies.d/*.json` in the order of their names, in
 * /etc/deskpair. There is no policy for a single user: nothing in a home is safe from its owner.
 *
 * All of it counts or nothing does, because the file that cannot be trusted may be the one that forbids something.
 */

const usualFolder = "/etc/deskpair";
const mostBytes = 1_000_000;
const mostFiles = 200;

type Place = {
  readonly folder?: string;
  /** Who may write policy: root. */
  readonly ownerId?: number;
};

export function createLinuxPolicy({ folder = usualFolder, ownerId = 0 }: Place = {}): PolicySource {
  const user: PolicyReading = { state: "absent", place: "none on Linux" };
  return {
    read: async () => ({ machine: await readAll(folder, ownerId), user }),
    stamp: () => stampOf(folder),
  };
}

const firstFile = (folder: string): string => join(folder, "policies.json");
const moreFiles = (folder: string): string => join(folder, "policies.d");

type Unreadable = Extract<PolicyReading, { state: "unreadable" }>;
/** `null`: there is nothing of this name. */
type Found<T> = { readonly ok: true; readonly value: T | null } | { readonly ok: false; readonly reading: Unreadable };

const found = <T>(value: T | null): Found<T> => ({ ok: true, value });
const refused = (place: string, problem: string): Found<never> => ({
  ok: false,
  reading: { state: "unreadable", place, problem },
});

async function readAll(folder: string, ownerId: number): Promise<PolicyReading> {
  const absent: PolicyReading = { state: "absent", place: folder };
  const own = await readFolder(folder, ownerId);
  if (!own.ok) return own.reading;
  if (own.value === null) return absent;
  const more = await readFolder(moreFiles(folder), ownerId);
  if (!more.ok) return more.reading;
  // Only what ends in `.json`, so that what packages and editors leave beside (`.dpkg-old`, `~`) counts for nothing.
  const names = (more.value ?? []).filter((name) => name.endsWith(".json") && !name.startsWith("."));
  if (names.length > mostFiles) {
    return { state: "unreadable", place: moreFiles(folder), problem: `it holds more than ${mostFiles} files` };
  }
  const files: (readonly PolicyEntry[])[] = [];
  for (const path of [firstFile(folder), ...sorted(names).map((name) => join(moreFiles(folder), name))]) {
    const read = await readPolicyFile(path, ownerId);
    if (!read.ok) return read.reading;
    if (read.value !== null) files.push(read.value);
  }
  return files.length === 0 ? absent : { state: "read", place: folder, form: "typed", entries: files.flat() };
}

/** By code units: the same order in every language. */
const sorted = (names: readonly string[]): readonly string[] =>
  names.toSorted((one, two) => (one < two ? -1 : one > two ? 1 : 0));

/** The names in a folder. One that others may write to is refused: they could take a file of root's away. */
async function readFolder(path: string, ownerId: number): Promise<Found<readonly string[]>> {
  try {
    const facts = await lstat(path);
    if (facts.isSymbolicLink()) return refused(path, "it is a link");
    if (!facts.isDirectory()) return refused(path, "it is not a folder");
    const problem = problemWith(facts, ownerId);
    return problem === null ? found(await readdir(path)) : refused(path, problem);
  } catch (error) {
    return missingOrRefused(path, error);
  }
}

/**
 * SECURITY: owner, rights and kind are those of the open file, not of whatever has the name by then. A link is not
 * followed, and without `O_NONBLOCK` opening a FIFO would wait for somebody who writes to it.
 */
async function readPolicyFile(path: string, ownerId: number): Promise<Found<readonly PolicyEntry[]>> {
  let file: FileHandle | null = null;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const facts = await file.stat();
    if (!facts.isFile()) return refused(path, "it is not a regular file");
    const problem = problemWith(facts, ownerId);
    if (problem !== null) return refused(path, problem);
    const bytes = facts.size > mostBytes ? null : await readBytes(file);
    return bytes === null ? refused(path, "it is larger than 1 MB") : readEntries(path, bytes);
  } catch (error) {
    return missingOrRefused(path, error);
  } finally {
    await file?.close();
  }
}

/** `null`: more than the limit, because it has grown since it was looked at. */
async function readBytes(file: FileHandle): Promise<Uint8Array | null> {
  const buffer = new Uint8Array(mostBytes + 1);
  let length = 0;
  while (length < buffer.length) {
    const { bytesRead } = await file.read(buffer, length, buffer.length - length);
    if (bytesRead === 0) return buffer.subarray(0, length);
    length += bytesRead;
  }
  return null;
}

function readEntries(path: string, bytes: Uint8Array): Found<readonly PolicyEntry[]> {
  let json: unknown;
  try {
    // Takes a byte order mark away, and throws at what is no UTF-8.
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    return refused(path, error instanceof SyntaxError ? "it is not JSON" : "it is not UTF-8");
  }
  if (typeof json !== "object" || json === null || Array.isArray(json)) return refused(path, "it is not a JSON object");
  return found(Object.entries(json).map(([name, value]: [string, unknown]) => ({ name, value, place: path })));
}

const groupOrOthersWrite = 0o022;

function problemWith({ uid, mode }: Stats, ownerId: number): string | null {
  if (uid !== ownerId) return `it belongs to user ${uid}, not to ${ownerId === 0 ? "root" : `user ${ownerId}`}`;
  return (mode & groupOrOthersWrite) === 0 ? null : "others than its owner may write to it";
}

function missingOrRefused(path: string, error: unknown): Found<never> {
  const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : null;
  // Anything else is our own mistake.
  if (code === null) throw error;
  return code === "ENOENT" ? found<never>(null) : refused(path, problems[code] ?? `the system reported ${code}`);
}

const problems: Readonly<Record<string, string | undefined>> = {
  ELOOP: "it is a link",
  EACCES: "this user may not read it",
  EPERM: "this user may not read it",
  ENXIO: "it is not a regular file",
  EISDIR: "it is not a regular file",
  ENOTDIR: "what it lies in is not a folder",
};

async function stampOf(folder: string): Promise<string> {
  const more = moreFiles(folder);
  const names = sorted(await readdir(more).catch(() => []));
  return stampOfFiles([folder, firstFile(folder), more, ...names.map((name) => join(more, name))]);
}
