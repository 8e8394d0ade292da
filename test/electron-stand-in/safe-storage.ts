import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type * as Electron from "electron";
import { app } from "./app.ts";
import { browserRunning } from "./browser.ts";
import { commandLine } from "./command-line.ts";
import { covered } from "./coverage.ts";

/**
 * What kind of key store the machine has, for tests of both: `DESKPAIR_KEYRING`.
 *
 * - `secret-service`: there is one.
 * - `basic`: there is none and Chromium falls back to its fixed key. As in Electron encryption then still "works", and
 *   only the tag `v10` of the result and the backend's name tell. Playwright's loader asks for this one, and so it is
 *   the default there, in the real Electron, too.
 * - `none`: encryption is not available at all.
 * - `locked`: the store is there and does not answer for now.
 */
type Keyring = "secret-service" | "basic" | "none" | "locked";

function keyring(): Keyring {
  const wanted = process.env["DESKPAIR_KEYRING"];
  if (!wanted) return commandLine.getSwitchValue("password-store") === "basic" ? "basic" : "secret-service";
  if (wanted === "secret-service" || wanted === "basic" || wanted === "none" || wanted === "locked") return wanted;
  throw new Error(
    `electron stand-in: DESKPAIR_KEYRING is '${wanted}' instead of secret-service, basic, none or locked`,
  );
}

const tags = { "secret-service": "v11", basic: "v10" } as const;

/** Stands for the entry in the key store; a real one is not a file. The fixed key is no secret, as in Chromium. */
function keyFor(tag: string): Buffer {
  if (tag === "v10") return scryptSync("peanuts", "saltysalt", 32);
  const file = join(app.getPath("userData"), "electron-stand-in-keyring");
  if (!existsSync(file)) {
    mkdirSync(app.getPath("userData"), { recursive: true });
    writeFileSync(file, randomBytes(32), { mode: 0o600 });
  }
  return readFileSync(file);
}

function usableKeyring(what: "encrypt" | "decrypt"): "secret-service" | "basic" {
  if (!browserRunning()) throw new Error("safeStorage cannot be used before app is ready");
  const kind = keyring();
  if (kind === "none") throw new Error(`Error while ${what}ing: encryption is not available.`);
  if (kind === "locked") throw new Error("safeStorage is temporarily unavailable. Please try again.");
  return kind;
}

export const safeStorage = covered("safeStorage", {
  isAsyncEncryptionAvailable: async () => browserRunning() && keyring() !== "none" && keyring() !== "locked",
  encryptStringAsync: async (text) => {
    const tag = tags[usableKeyring("encrypt")];
    const iv = randomBytes(12);
    const cipher = createCipheriv("aes-256-gcm", keyFor(tag), iv);
    return Buffer.concat([Buffer.from(tag), iv, cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
  },
  decryptStringAsync: async (encrypted) => {
    const best = tags[usableKeyring("decrypt")];
    const tag = encrypted.toString("latin1", 0, 3);
    try {
      if (!Object.values<string>(tags).includes(tag)) throw new Error("unknown tag");
      const decipher = createDecipheriv("aes-256-gcm", keyFor(tag), encrypted.subarray(3, 15));
      decipher.setAuthTag(encrypted.subarray(-16));
      const result = decipher.update(encrypted.subarray(15, -16), undefined, "utf8") + decipher.final("utf8");
      // Written under the fixed key, and there is a real one now.
      return { result, shouldReEncrypt: tag === "v10" && best !== "v10" };
    } catch {
      throw new Error("Error while decrypting the ciphertext provided to safeStorage.decryptStringAsync.");
    }
  },
  getSelectedStorageBackend: () => {
    if (!browserRunning()) return "unknown";
    return keyring() === "secret-service" || keyring() === "locked" ? "gnome_libsecret" : "basic_text";
  },
} satisfies Pick<
  Electron.SafeStorage,
  "isAsyncEncryptionAvailable" | "encryptStringAsync" | "decryptStringAsync" | "getSelectedStorageBackend"
>);
