import * as z from "zod/mini";
import { fail, type Outcome, ok } from "../contract/errors.ts";
import type { Files, SecretStore } from "../core/ports.ts";

const secretsFile = "secrets.json";

const version = z.object({ version: z.number() });
/** A list, because an object has names that mean something. */
const secretsSchema = z.strictObject({
  version: z.literal(1),
  secrets: z.array(z.strictObject({ name: z.string(), secret: z.string() })),
});

/** Runs what reads and then writes the file while nobody else does. */
export type Alone = <T>(work: () => Promise<Outcome<T>>) => Promise<Outcome<T>>;

/**
 * A `SecretStore` that is a file, readable for its owner and for whoever gets hold of the disk. Only for machines
 * without a key store, and only where somebody has allowed it.
 *
 * A file that cannot be understood is set aside whole; a read says so once and fails, and the next one finds nothing. A
 * file of a newer version is left where it is, and everything fails until DeskPair is as new.
 *
 * @param files of a folder that belongs to this user; they are owner-only
 * @param alone keeps other processes out; without it only the calls of this store take turns
 */
export function createSecretFile(files: Files, alone: Alone = (work) => work()): SecretStore {
  let turn: Promise<unknown> = Promise.resolve();
  const change = (edit: (secrets: Map<string, string>) => boolean): Promise<Outcome<null>> => {
    const work = async (): Promise<Outcome<null>> => {
      const kept = await readSecrets(files);
      if (!kept.ok) return kept;
      const secrets = kept.value === "set-aside" ? new Map<string, string>() : kept.value;
      if (!edit(secrets)) return ok(null);
      const list = [...secrets].map(([name, secret]) => ({ name, secret }));
      const text = JSON.stringify({ version: 1, secrets: list }, null, 2);
      return files.replace(secretsFile, `${text}\n`);
    };
    const done = turn.then(() => alone(work));
    turn = done.catch(() => undefined);
    return done;
  };

  return {
    kind: async () => "file",
    read: async (name) => {
      await turn;
      const kept = await readSecrets(files);
      if (!kept.ok) return kept;
      if (kept.value !== "set-aside") return ok(kept.value.get(name) ?? null);
      return fail({ code: "secret-store-failed", problem: "its file was damaged and has been set aside" });
    },
    write: (name, secret) =>
      change((secrets) => {
        secrets.set(name, secret);
        return true;
      }),
    remove: (name) => change((secrets) => secrets.delete(name)),
  };
}

async function readSecrets(files: Files): Promise<Outcome<Map<string, string> | "set-aside">> {
  const text = await files.read(secretsFile);
  if (!text.ok) return text;
  if (text.value === null) return ok(new Map());
  const content = parse(text.value);
  const known = secretsSchema.safeParse(content);
  if (known.success) return ok(new Map(known.data.secrets.map(({ name, secret }) => [name, secret])));
  const stated = version.safeParse(content);
  if (stated.success && stated.data.version > 1) {
    return fail({ code: "secret-store-failed", problem: "its file was written by a newer DeskPair" });
  }
  const aside = await files.setAside(secretsFile);
  return aside.ok ? ok("set-aside") : aside;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
