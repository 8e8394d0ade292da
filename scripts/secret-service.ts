import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { installWithApt } from "./apt.ts";

/** What a secret service in a session bus needs, and the packages of Debian that bring it. */
const programs = ["gnome-keyring-daemon", "dbus-run-session"];
const packages = ["gnome-keyring", "dbus", "dbus-bin"];

/**
 * Installs a secret service for the tests of the key store, where that is possible. `false`: there is none, and those
 * tests check what DeskPair does without one.
 */
export function ensureSecretService(): boolean {
  if (process.platform !== "linux") return true;
  if (!programs.every(isInstalled)) {
    process.stderr.write("Installing a secret service for the tests of the key store …\n");
    installWithApt(packages);
  }
  return programs.every(isInstalled);
}

const isInstalled = (program: string): boolean =>
  (process.env["PATH"] ?? "").split(delimiter).some((folder) => existsSync(join(folder, program)));
