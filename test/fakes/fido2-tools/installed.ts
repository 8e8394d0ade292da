import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Fido2Tools } from "../../../src/node/fido2-tools.ts";
import type { PretendKey } from "./pretend-key.ts";
import type { Plugged, Run } from "./tool.ts";

/** A key as most are: CTAP 2.1, no PIN set, keeps credentials, attests with its maker's certificate. */
export const plainKey: PretendKey = {
  path: "/dev/hidraw3",
  versions: ["U2F_V2", "FIDO_2_0", "FIDO_2_1"],
  options: { rk: true, up: true, plat: false, clientPin: false, pinUvAuthToken: true, makeCredUvNotRqd: true },
  algorithms: ["es256", "eddsa"],
  aaguid: "2fc0579f-8113-47ea-b116-bb5a8db9202a",
  pin: null,
  pinTries: 8,
  wrongInARow: 0,
  mustChangePin: false,
  isFull: false,
  attestation: "certificate",
  touch: "at-once",
};

export const withPin = (key: PretendKey, pin: string): PretendKey => ({
  ...key,
  options: { ...key.options, clientPin: true },
  pin,
});

export type InstalledTools = {
  readonly tools: Fido2Tools;
  /** The folder in which both programs are, and everything that they write. */
  readonly folder: string;
  readonly plug: (plugged: Partial<Plugged>) => void;
  readonly plugged: () => Plugged;
  /** In the order in which they started. */
  readonly runs: () => readonly Run[];
  /** The process that waits for a touch. */
  readonly waitsForTouch: () => number | null;
  readonly touch: () => void;
  readonly remove: () => void;
};

/** The two pretend tools as executables of a new folder, with one plain key plugged in. */
export function installTools(): InstalledTools {
  const folder = mkdtempSync(join(tmpdir(), "pretend-fido2-"));
  mkdirSync(join(folder, "runs"));
  const here = dirname(fileURLToPath(import.meta.url));
  for (const name of ["fido2-token", "fido2-cred"]) {
    // `exec`, so that the process that was started is the tool. The environment is empty, hence the full paths.
    const script = `#!/bin/sh\nexec '${process.execPath}' '${join(here, `${name}.ts`)}' '${folder}' "$@"\n`;
    writeFileSync(join(folder, name), script);
    chmodSync(join(folder, name), 0o755);
  }
  const file = join(folder, "plugged.json");
  const plugged = (): Plugged => JSON.parse(readFileSync(file, "utf8"));
  const plug = (change: Partial<Plugged>): void =>
    writeFileSync(file, JSON.stringify({ keys: [plainKey], fault: null, ...change }));
  plug({});
  const waiting = join(folder, "waits-for-touch");
  return {
    tools: { token: join(folder, "fido2-token"), cred: join(folder, "fido2-cred") },
    folder,
    plug,
    plugged,
    runs: () =>
      readdirSync(join(folder, "runs"))
        .toSorted()
        .map((name): Run => JSON.parse(readFileSync(join(folder, "runs", name), "utf8"))),
    // The file is there a moment before the number is.
    waitsForTouch: () => (existsSync(waiting) && Number(readFileSync(waiting, "utf8"))) || null,
    touch: () => writeFileSync(join(folder, "touched"), ""),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
