import type { SafeStorage } from "electron";
import * as z from "zod/mini";
import { fail, type Outcome, ok } from "../contract/errors.ts";
import type { Files, Log, SecretStore } from "../core/ports.ts";
import { memorySecrets } from "../node/memory-secrets.ts";

/** The part of Electron's safeStorage that is used: the asynchronous calls only, the others are on their way out. */
export type Encryption = Pick<
  SafeStorage,
  "isAsyncEncryptionAvailable" | "encryptStringAsync" | "decryptStringAsync" | "getSelectedStorageBackend"
>;

/** Not the name of the command line's file, which lies in the same folder and has another form. */
export const secretsFile = "window-secrets.json";

const fileSchema = z.strictObject({ version: z.literal(1), secrets: z.record(z.string(), z.base64()) });
const versionSchema = z.object({ version: z.number() });
type Stored = z.infer<typeof fileSchema>["secrets"];

/** What is encrypted: the name goes along, so that a record that is moved to another name is not taken for that one's. */
const recordSchema = z.strictObject({ name: z.string(), secret: z.string() });

/**
 * `SecretStore` over the key store of the operating system. To be made after Electron is ready.
 *
 * SECURITY: checklist 29. On Linux without a key store Electron still "encrypts", with a key that everybody knows; that
 * counts as no store at all, and what is written then lives in memory only. A store that cannot be read for now keeps
 * what it has: nothing is deleted because it could not be read.
 */
export function createSecretStore(
  encryption: Encryption,
  files: Files,
  platform: NodeJS.Platform,
  log: Log,
): SecretStore {
  const memory = memorySecrets();
  let kind: Promise<"system" | "memory"> | null = null;
  const kindOf = (): Promise<"system" | "memory"> => {
    kind ??= isReal(encryption, platform).then((real) => {
      log("info", "secrets.store", { kind: real ? "system" : "memory" });
      return real ? "system" : "memory";
    });
    return kind;
  };
  const inMemory = async (): Promise<boolean> => (await kindOf()) === "memory";

  const load = async (): Promise<Outcome<Stored>> => {
    const text = await files.read(secretsFile);
    if (!text.ok) return text;
    if (text.value === null) return ok({});
    const parsed = parse(text.value);
    if (parsed === "newer") {
      return fail({ code: "secret-store-failed", problem: "its file was written by a newer DeskPair" });
    }
    if (parsed !== null) return ok(parsed);
    // Not ours to understand, and not ours to throw away.
    log("warn", "secrets.set-aside");
    const aside = await files.setAside(secretsFile);
    return aside.ok ? ok({}) : aside;
  };
  const save = (secrets: Stored): Promise<Outcome<null>> =>
    files.replace(secretsFile, `${JSON.stringify({ version: 1, secrets }, null, 2)}\n`);

  /** Whoever reads the file and then writes it does so alone: of two at once the second would undo the first. */
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = turn.then(work);
    turn = done.catch(() => undefined);
    return done;
  };

  /** @param instead what has to stand there still; `null`: whatever stands there */
  const put = (name: string, secret: string, instead: string | null): Promise<Outcome<null>> =>
    inTurn(async () => {
      const stored = await load();
      if (!stored.ok) return stored;
      if (instead !== null && recordOf(stored.value, name) !== instead) return ok(null);
      const encrypted = await encrypt(JSON.stringify({ name, secret }));
      return encrypted.ok ? save({ ...stored.value, [name]: encrypted.value }) : encrypted;
    });
  const encrypt = async (text: string): Promise<Outcome<string>> => {
    try {
      const encrypted = await encryption.encryptStringAsync(text);
      // One that was locked at the start may turn out to be none.
      if (platform !== "linux" || !isFixedKey(encrypted)) return ok(encrypted.toString("base64"));
      return fail({ code: "secret-store-failed", problem: "there is none that keeps a key" });
    } catch (error) {
      return fail({ code: "secret-store-failed", problem: problemOf(error, "it did not take what was to be stored") });
    }
  };

  return {
    kind: kindOf,
    read: async (name) => {
      if (await inMemory()) return memory.read(name);
      const stored = await inTurn(load);
      if (!stored.ok) return stored;
      const encrypted = recordOf(stored.value, name);
      if (encrypted === undefined) return ok(null);
      try {
        const { result, shouldReEncrypt } = await encryption.decryptStringAsync(Buffer.from(encrypted, "base64"));
        const record = recordSchema.safeParse(JSON.parse(result));
        if (!record.success || record.data.name !== name) {
          return fail({ code: "secret-store-failed", problem: "it holds something else under this name" });
        }
        // The key was renewed, or a better store appeared: what is kept moves to it, unless it was replaced meanwhile.
        if (shouldReEncrypt) {
          const rewritten = await put(name, record.data.secret, encrypted);
          if (!rewritten.ok) log("warn", "secrets.not-rewritten", { code: rewritten.error.code });
        }
        return ok(record.data.secret);
      } catch (error) {
        return fail({
          code: "secret-store-failed",
          problem: problemOf(error, "it did not give back what was stored"),
        });
      }
    },
    write: async (name, secret) => ((await inMemory()) ? memory.write(name, secret) : put(name, secret, null)),
    remove: async (name) => {
      await memory.remove(name);
      // Also where there is no store today: yesterday there may have been one.
      return inTurn(async () => {
        const stored = await load();
        if (!stored.ok) return stored;
        if (recordOf(stored.value, name) === undefined) return ok(null);
        return save(Object.fromEntries(Object.entries(stored.value).filter(([known]) => known !== name)));
      });
    },
  };
}

const recordOf = (stored: Stored, name: string): string | undefined =>
  Object.hasOwn(stored, name) ? stored[name] : undefined;

/** Whether the operating system keeps the key. */
async function isReal(encryption: Encryption, platform: NodeJS.Platform): Promise<boolean> {
  if (!(await encryption.isAsyncEncryptionAvailable())) {
    // Locked for now is not the same as not there: reading says so, and nothing is written into memory instead.
    return (
      platform === "linux" && encryption.getSelectedStorageBackend() !== "basic_text" && (await isLocked(encryption))
    );
  }
  if (platform !== "linux") return true;
  if (encryption.getSelectedStorageBackend() === "basic_text") return false;
  try {
    return !isFixedKey(await encryption.encryptStringAsync("probe"));
  } catch (error) {
    return isTemporary(error);
  }
}

async function isLocked(encryption: Encryption): Promise<boolean> {
  try {
    await encryption.encryptStringAsync("probe");
    return false;
  } catch (error) {
    return isTemporary(error);
  }
}

/** Electron has a message of its own for a store that does not answer for now. */
const isTemporary = (error: unknown): boolean =>
  error instanceof Error && /temporarily unavailable/i.test(error.message);

/** On Linux; elsewhere the tag `v10` is the usual one. */
const isFixedKey = (encrypted: Buffer): boolean => encrypted.toString("latin1", 0, 3) === "v10";

const problemOf = (error: unknown, otherwise: string): string =>
  isTemporary(error) ? "it is locked, or does not answer for now" : otherwise;

/** `null`: not to be understood. */
function parse(text: string): Stored | "newer" | null {
  try {
    const json: unknown = JSON.parse(text);
    const stated = versionSchema.safeParse(json);
    if (stated.success && stated.data.version > 1) return "newer";
    return fileSchema.safeParse(json).data?.secrets ?? null;
  } catch {
    return null;
  }
}
