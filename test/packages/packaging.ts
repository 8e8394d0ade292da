import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import * as z from "zod/mini";
import { root } from "../../scripts/processes.ts";
import { makeElectronFolders } from "./stand-in/electron.ts";

/** Debian's 7-Zip, which electron-builder would otherwise download. `null`: there is none. */
export function archiver(): string | null {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders.map((folder) => join(folder, "7zz")).find((file) => existsSync(file)) ?? null;
}

/** A folder with the stand-ins for Electron and an empty `release` for the packages. Whoever asks removes it. */
export async function packagingPlace(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "deskpair-packages-"));
  await makeElectronFolders(join(folder, "electron"));
  return folder;
}

/** Runs `npm run package` on the stand-ins, and rejects with what it has printed when it fails. */
export async function makePackages(folder: string, ...args: readonly string[]): Promise<void> {
  const fpm = join(folder, "fpm");
  const script = join(import.meta.dirname, "stand-in/fpm.ts");
  writeFileSync(fpm, `#!/bin/sh\nexec '${process.execPath}' '${script}' "$@"\n`);
  chmodSync(fpm, 0o755);
  const archive = archiver();
  const given = ["--arch", "x64", "--electron", join(folder, "electron"), "--output", join(folder, "release")];
  await promisify(execFile)(process.execPath, [join(root, "scripts/package.ts"), "--fast", ...given, ...args], {
    cwd: root,
    env: {
      ...process.env,
      CUSTOM_FPM_PATH: fpm,
      ...(archive === null ? {} : { ELECTRON_BUILDER_7ZIP_PATH: archive }),
    },
  });
}

type Archive = {
  /** Every file in it, sorted. */
  readonly files: readonly string[];
  readonly read: (path: string) => Buffer;
  /** What Electron compares before it loads anything: the SHA-256 of the header, in hexadecimal. */
  readonly hash: string;
  readonly size: number;
};

type Entry = { readonly files?: Readonly<Record<string, Entry>> | undefined } & {
  readonly offset?: string | undefined;
  readonly size?: number | undefined;
};
const entrySchema: z.ZodMiniType<Entry> = z.object({
  get files() {
    return z.optional(z.record(z.string(), entrySchema));
  },
  offset: z.optional(z.string()),
  size: z.optional(z.number()),
});

/**
 * Reads an asar by its format (github.com/electron/asar, "Format"), not with the library that wrote it: four lengths, a
 * header in JSON with the place of every file, then the files.
 */
export function readArchive(path: string): Archive {
  const bytes = readFileSync(path);
  const header = bytes.subarray(16, 16 + bytes.readUInt32LE(12));
  const start = 8 + bytes.readUInt32LE(4);
  const found = new Map<string, Buffer>();
  const walk = ({ files, offset, size }: Entry, at: string): void => {
    for (const [name, entry] of Object.entries(files ?? {})) walk(entry, at === "" ? name : `${at}/${name}`);
    if (files !== undefined) return;
    if (offset === undefined || size === undefined) throw new Error(`${at} is not in the archive itself.`);
    found.set(at, bytes.subarray(start + Number(offset), start + Number(offset) + size));
  };
  walk(entrySchema.parse(JSON.parse(header.toString("utf8"))), "");
  return {
    files: [...found.keys()].toSorted(),
    read: (file) => {
      const content = found.get(file);
      if (content === undefined) throw new Error(`${file} is not in the archive.`);
      return content;
    },
    hash: createHash("sha256").update(header).digest("hex"),
    size: bytes.length,
  };
}
