import type { AsyncEntry } from "@napi-rs/keyring";
import { fail, type Outcome, ok } from "../contract/errors.ts";
import type { Clock, SecretStore } from "../core/ports.ts";
import { clock as systemClock } from "./host.ts";
import { type Entry, readSecret, removeSecret, writeSecret } from "./keyring-entries.ts";

/** An entry of the key store for a name, which need not be there. Throws where the store cannot be reached. */
export type Entries = (name: string) => Entry;

export type Keyring = {
  /** Loaded when it is first needed: a native library, which is missing on systems that it was not built for. */
  readonly load?: () => Promise<Entries>;
  readonly clock?: Clock;
};

/** Under which people find the entries in their system's key store. */
const service = "DeskPair";

/** A store may ask its owner for a password first; one that nobody answers must not hold up a sign-in for ever. */
const patienceMs = 60_000;

/**
 * A `SecretStore` over the key store of the operating system: Credential Manager, Keychain, Secret Service.
 *
 * Whether there is one is found out once, by reading an entry that is not there, so that `kind()` changes nothing; a
 * desktop without a keyring, a session without a bus, a store that does not answer and a missing library all count as
 * none. Then everything stays in this process and `kind()` says `memory`. A store that answers and then fails, because
 * it is locked or takes nothing, fails the call with `secret-store-failed`; nothing is deleted or kept elsewhere.
 *
 * Calls are made one after the other. Two processes that write one name at the same time leave one of the two secrets
 * if they take turns; whoever calls this sees to that.
 */
export function createKeyring({ load = loadEntries, clock = systemClock }: Keyring = {}): SecretStore {
  const memory = new Map<string, string>();
  let opened: Promise<Entries | null> | undefined;
  const open = (): Promise<Entries | null> => (opened ??= findStore(load, clock));

  let turn: Promise<unknown> = Promise.resolve();
  const attempt = <T>(inStore: (entries: Entries) => Promise<Outcome<T>>, inMemory: () => T): Promise<Outcome<T>> => {
    const done = turn.then(async () => {
      const entries = await open();
      if (entries === null) return ok(inMemory());
      const result = await inTime(clock, () => inStore(entries));
      if (result.kind === "done") return result.value;
      return fail({ code: "secret-store-failed", problem: problemOf(result) });
    });
    turn = done;
    return done;
  };

  return {
    kind: async () => ((await open()) === null ? "memory" : "system"),
    read: (name) =>
      attempt(
        (entries) => readSecret(entries, name),
        () => memory.get(name) ?? null,
      ),
    write: (name, secret) =>
      attempt(
        (entries) => writeSecret(entries, name, secret),
        () => {
          memory.set(name, secret);
          return null;
        },
      ),
    remove: (name) =>
      attempt(
        (entries) => removeSecret(entries, name),
        () => {
          memory.delete(name);
          return null;
        },
      ),
  };
}

async function loadEntries(): Promise<Entries> {
  const { AsyncEntry } = await import("@napi-rs/keyring");
  // Without this the library falls back to the kernel's keyring, which forgets everything at the next start.
  const options = { linux: { store: "secret-service" } } as const;
  return (name): AsyncEntry => new AsyncEntry(service, name, options);
}

/** Reads an entry that is not there: a store that says so is one. Whether it can be written to shows when it is. */
async function findStore(load: () => Promise<Entries>, clock: Clock): Promise<Entries | null> {
  const probe = await inTime(clock, async () => {
    const entries = await load();
    // Throws where nothing answers. To find out more, an entry would have to be written, and whoever only looks must not.
    await entries("probe").getPassword();
    return entries;
  });
  return probe.kind === "done" ? probe.value : null;
}

type Timely<T> =
  | { readonly kind: "done"; readonly value: T }
  | { readonly kind: "failed"; readonly error: unknown }
  | { readonly kind: "late" };

/** What comes after the time is over is not waited for; it may still happen. */
async function inTime<T>(clock: Clock, work: () => Promise<T>): Promise<Timely<T>> {
  const over = new AbortController();
  const late = clock.wait(patienceMs, over.signal).then((): Timely<T> => ({ kind: "late" }));
  const done = (async (): Promise<Timely<T>> => {
    try {
      return { kind: "done", value: await work() };
    } catch (error) {
      return { kind: "failed", error };
    }
  })();
  const result = await Promise.race([done, late]);
  over.abort();
  return result;
}

/**
 * Our own words: those of the library come from the system, in any language, and nobody has promised that they hold no
 * part of an entry.
 */
function problemOf(failure: Exclude<Timely<unknown>, { kind: "done" }>): string {
  if (failure.kind === "late") return "it did not answer in time";
  const said = failure.error instanceof Error ? failure.error.message : "";
  if (/locked|prompt was dismissed/i.test(said)) return "it is locked";
  if (/longer than/i.test(said)) return "it does not take a secret of this length";
  if (/^Couldn't access platform storage/i.test(said)) return "it does not let DeskPair in";
  if (/DBus|D-Bus|zbus/i.test(said)) return "the session's message bus does not answer";
  return "it reported an error";
}
