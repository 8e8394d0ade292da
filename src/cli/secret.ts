import { open } from "node:fs/promises";
import type { Readable } from "node:stream";
import { fail, type Outcome, ok } from "../contract/errors.ts";
import { storageFailure } from "../node/files.ts";
import type { Source } from "./setting-values.ts";

/** PingOne's client secrets have 64 characters and more; nothing of this size is one. */
const maxBytes = 8_192;

export type SecretText = {
  readonly secret: string;
  /** Something that the operator should hear although the secret can be used. */
  readonly warning: string | null;
};

/**
 * Reads the client secret from a file, or from stdin when the source is `-`. One newline at the end is taken off,
 * because editors and `echo` put it there; everything else counts.
 */
export async function readSecret(
  source: Source,
  stdin: () => Readable & { readonly isTTY?: boolean },
): Promise<Outcome<SecretText>> {
  const invalid = (problem: string) => fail({ code: "configuration-invalid", setting: source.setting, problem });
  if (source.value !== "-") return readSecretFile(source.value, invalid);
  const input = stdin();
  if (input.isTTY === true) return invalid("standard input is a terminal; pipe the secret in, or name a file");
  const bytes = await readLimited(input);
  return bytes === null ? invalid("standard input holds more than a secret") : secretIn(bytes, null, invalid);
}

type Invalid = (problem: string) => ReturnType<typeof fail>;

/** A secret that somebody typed. */
export function typedSecret(bytes: Uint8Array): Outcome<string> {
  const read = secretIn(bytes, null, (problem) =>
    fail({ code: "configuration-invalid", setting: "client secret", problem }),
  );
  return read.ok ? ok(read.value.secret) : read;
}

async function readSecretFile(path: string, invalid: Invalid): Promise<Outcome<SecretText>> {
  try {
    const file = await open(path, "r");
    try {
      // On the open file, so that what is checked is what is read.
      const found = await file.stat();
      if (found.isDirectory()) return invalid("it names a folder, not a file");
      const bytes = await readLimited(file.createReadStream({ autoClose: false, highWaterMark: maxBytes }));
      if (bytes === null) return invalid("the file holds more than a secret");
      return secretIn(
        bytes,
        othersCanRead(found.mode) ? `Other users can read ${path}. Run: chmod 600 ${path}` : null,
        invalid,
      );
    } finally {
      await file.close();
    }
  } catch (error) {
    const failure = storageFailure("read", error);
    return invalid(`the file cannot be read (${failure.code === "storage-failed" ? failure.problem : failure.code})`);
  }
}

const othersCanRead = (mode: number): boolean => process.platform !== "win32" && (mode & 0o077) !== 0;

/** `null`: there is more than a secret can be. */
async function readLimited(stream: Readable): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream as AsyncIterable<Buffer | string>) {
    const bytes = Buffer.from(chunk);
    length += bytes.length;
    if (length > maxBytes) return null;
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

function secretIn(bytes: Uint8Array, warning: string | null, invalid: Invalid): Outcome<SecretText> {
  let text: string;
  try {
    // Takes off a UTF-8 byte order mark, and refuses the UTF-16 that PowerShell's `>` writes.
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return invalid("it is not UTF-8 text");
  }
  const secret = text.replace(/\r?\n$/, "");
  if (secret === "") return invalid("it is empty");
  if (/\p{Cc}/u.test(secret)) return invalid("it holds more than one line, or control characters");
  return ok({ secret, warning });
}
