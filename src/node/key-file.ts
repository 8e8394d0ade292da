import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { fail, type Outcome, ok } from "../contract/errors.ts";
import { codeOf, storageFailure } from "./files.ts";

/** An RSA key of 16384 bits as PEM has 12 kB. */
const maxBytes = 65_536;

/**
 * The text of a private key file. Fails with `configuration-invalid`; a file that other users can read is refused, as ssh
 * does, because such a key has to be replaced anyway.
 */
export async function readKeyFile(path: string): Promise<Outcome<string>> {
  const invalid = (problem: string) => fail({ code: "configuration-invalid", setting: "private key file", problem });
  try {
    // Without waiting: a pipe that nobody writes to would never open. Windows has no such flag, and no such pipes here.
    const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      // On the open file, so that what is checked is what is read.
      const found = await file.stat();
      if (!found.isFile()) return invalid("it is not a file");
      if (found.size > maxBytes) return invalid("it holds more than a key");
      if (process.platform !== "win32" && (found.mode & 0o077) !== 0) {
        return invalid("other users can read it; let only its owner (chmod 600)");
      }
      return ok(await file.readFile("utf8"));
    } finally {
      await file.close();
    }
  } catch (error) {
    if (codeOf(error) === "") throw error;
    const failure = storageFailure("read", error);
    return invalid(failure.code === "storage-failed" ? failure.problem : failure.code);
  }
}
