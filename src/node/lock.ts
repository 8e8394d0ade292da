import { createHash, randomUUID } from "node:crypto";
import { link, readdir, readFile, rename, stat, unlink, utimes, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import * as z from "zod/mini";
import { fail, type Outcome, ok } from "../contract/errors.ts";
import type { Clock } from "../core/ports.ts";
import { codeOf, makeFolder, storageFailure } from "./files.ts";
import { clock as systemClock } from "./host.ts";
import { ownIdentity, type ProcessIdentity, stateOf } from "./process-identity.ts";

/**
 * Locks between processes, as files of a folder. `<name>.lock` says who has it; whoever ended without giving it back is
 * found out by the next one, who takes it over.
 *
 * A lock file comes to be whole (a finished file that gets its name by link(2), which fails when the name is taken) and
 * goes in one of two ways: its owner removes it, or somebody replaces it after the owner's death. Two who both saw the
 * dead owner must not both replace it. So whoever wants to do that first takes a lock of its own, named after the dead
 * owner's token, looks again, and only then replaces: as long as one has that lock, nobody else can change the first.
 * It can itself be left behind, and then the same holds for it. Tokens are never used twice, so one who comes late finds
 * another token and starts over.
 */

export type LockWait = {
  /** How long to wait while somebody else has the lock. 0: not at all. */
  readonly waitMs: number;
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
};

export type HeldLock = {
  /** Gives the lock back. Never fails: what cannot be removed is found out as left behind once this process has ended. */
  readonly release: () => Promise<void>;
};

type Owner = ProcessIdentity & { readonly token: string };
type Place = { readonly folder: string; readonly name: string };

const ownerSchema = z.object({
  token: z.string().check(z.regex(/^[0-9a-f-]{8,40}$/)),
  pid: z.int().check(z.positive()),
  at: z.number(),
  start: z.nullable(z.string()),
  space: z.nullable(z.string()),
});

/** A dot would make one lock's files look like another's. */
const plainName = /^[a-z0-9][a-z0-9-]*$/;

/** An owner that nobody here can see renews its file every minute, and counts as dead after ten without. */
const renewMs = 60_000;
const forgottenMs = 600_000;

/** Taking over from a dead owner is a matter of milliseconds. */
const changeMs = 1_000;

/**
 * Does `work` while no other process, and no other call in this one, does something under the same name.
 *
 * @returns what `work` gives; without having called it `not-now` when the lock was not free in time, `cancelled`, or
 *   `storage-failed`. A throw of `work` is passed on. The lock is free again in every case.
 */
export async function withLock<T>(
  folder: string,
  name: string,
  work: () => Promise<Outcome<T>>,
  wait: LockWait,
): Promise<Outcome<T>> {
  const held = await takeLock(folder, name, wait);
  if (!held.ok) return held;
  try {
    return await work();
  } finally {
    await held.value.release();
  }
}

/** Takes a lock for the life of this process. Fails at once with `not-now`, which names the process that has it. */
export function holdLock(folder: string, name: string): Promise<Outcome<HeldLock>> {
  return takeLock(folder, name, { waitMs: 0 });
}

async function takeLock(folder: string, name: string, wait: LockWait): Promise<Outcome<HeldLock>> {
  if (!plainName.test(name)) throw new Error(`Not a plain name of a lock: ${JSON.stringify(name)}`);
  const { waitMs, signal, clock = systemClock } = wait;
  const place = { folder, name };
  const self: Owner = { token: randomUUID(), ...ownIdentity() };
  const started = clock.monotonic();
  try {
    await makeFolder(folder);
    for (let delay = 5; ; delay = Math.min(delay * 2, 250)) {
      if (signal?.aborted === true) return fail({ code: "cancelled" });
      const result = await tryToTake(place, join(folder, `${name}.lock`), self);
      if (result === "taken") return ok(hold(place, self));
      // One that changes hands in this moment is looked at again, even by those who do not wait.
      const left = waitMs + (result === "changed" ? changeMs : 0) - (clock.monotonic() - started);
      if (left <= 0) return fail({ code: "not-now", doing: doingOf(name, result) });
      // Not all at the same moment.
      await clock.wait(Math.min(left, delay * (0.5 + Math.random())), signal);
    }
  } catch (error) {
    if (codeOf(error) === "") throw error;
    return fail(storageFailure("write", error));
  }
}

function doingOf(name: string, owner: Owner | "changed"): string {
  return owner === "changed" ? `others work with “${name}”` : `process ${owner.pid} works with “${name}”`;
}

function hold(place: Place, self: Owner): HeldLock {
  const file = join(place.folder, `${place.name}.lock`);
  const renewal = setInterval(() => {
    const now = new Date();
    utimes(file, now, now).catch(() => undefined);
  }, renewMs);
  // The process may end while it has the lock; the next one finds out.
  renewal.unref();
  return {
    release: async () => {
      clearInterval(renewal);
      await giveBack(file, self);
    },
  };
}

/** @returns `changed`: somebody else was quicker, look again. An owner: it lives and has the lock. */
async function tryToTake(place: Place, file: string, self: Owner): Promise<"taken" | "changed" | Owner> {
  const found = await readOwner(file);
  if (found === null) return (await put(place, file, self, "new")) ? "taken" : "changed";
  if (found.owner !== null && (await isThere(file, found.owner))) return found.owner;

  const guard = join(place.folder, `${place.name}.${found.token}.lock`);
  const guarded = await tryToTake(place, guard, self);
  if (guarded !== "taken") return "changed";
  try {
    if ((await readOwner(file))?.token !== found.token) return "changed";
    if (!(await put(place, file, self, "instead"))) return "changed";
  } finally {
    await giveBack(guard, self);
  }
  if (file === join(place.folder, `${place.name}.lock`)) await sweep(place, file);
  return "taken";
}

/** `token` of a file that is damaged (it was whole once: the power failed) is made of its name. */
type Found = { readonly owner: Owner | null; readonly token: string };

async function readOwner(file: string): Promise<Found | null> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return null;
    throw error;
  }
  const owner = parseOwner(text);
  return { owner, token: owner?.token ?? createHash("sha256").update(basename(file)).digest("hex").slice(0, 32) };
}

function parseOwner(text: string): Owner | null {
  try {
    return ownerSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

async function isThere(file: string, owner: Owner): Promise<boolean> {
  const state = await stateOf(owner);
  if (state !== "unknown") return state === "alive";
  const times = await stat(file).catch(() => null);
  return times !== null && times.mtimeMs > Date.now() - forgottenMs;
}

/**
 * `new`: only when nothing has the name. `instead`: in the place of what has it.
 *
 * @returns `false`: something has the name, or what was to get it has been swept up while it was written
 */
async function put(place: Place, file: string, self: Owner, how: "new" | "instead"): Promise<boolean> {
  const temporary = join(place.folder, `${place.name}.${randomUUID()}.new`);
  try {
    await writeFile(temporary, JSON.stringify(self), { flag: "wx", mode: 0o600 });
    await (how === "new" ? link(temporary, file) : rename(temporary, file));
    return true;
  } catch (error) {
    if (["EEXIST", "ENOENT"].includes(codeOf(error))) return false;
    throw error;
  } finally {
    await unlink(temporary).catch(() => undefined);
  }
}

async function giveBack(file: string, self: Owner): Promise<void> {
  // Windows refuses for as long as somebody reads the file.
  for (let attempt = 0; attempt < 20; attempt += 1) {
    try {
      if ((await readOwner(file))?.token === self.token) await unlink(file);
      return;
    } catch (error) {
      if (codeOf(error) === "ENOENT") return;
      await systemClock.wait(attempt * 5);
    }
  }
}

/**
 * Removes what others left behind when they were killed while they took this lock. Called by its owner: all of that
 * belongs to tokens that the lock will never have again, so nobody can win anything by it.
 */
async function sweep({ folder, name }: Place, file: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  const left = names.filter((other) => other.startsWith(`${name}.`) && /\.(lock|new)$/.test(other));
  for (const path of left.map((other) => join(folder, other))) {
    if (path === file) continue;
    const found = await readOwner(path).catch(() => null);
    const isLeft = found !== null && (found.owner === null || (await stateOf(found.owner)) === "dead");
    if (isLeft) await unlink(path).catch(() => undefined);
  }
}
