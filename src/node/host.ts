import { randomUUID } from "node:crypto";
import { homedir, hostname } from "node:os";
import { join } from "node:path";
import type { Clock, Random } from "../core/ports.ts";

export const clock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  wait: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) return resolve();
      const finish = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", finish);
        resolve();
      };
      const timer = setTimeout(finish, ms);
      signal?.addEventListener("abort", finish, { once: true });
    }),
};

export const random: Random = { uuid: () => randomUUID(), fraction: () => Math.random() };

/** The name of this computer without its domain, as people know it: `ADA-LAPTOP`, not `ada-laptop.corp.example.com`. */
export function hostName(): string {
  const full = hostname();
  const [name] = full.split(".");
  // An address instead of a name (some DHCP set-ups) has no domain to cut off.
  return name === undefined || name === "" || /^[\d.]+$/.test(full) ? full : name;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Where DeskPair keeps its journal: this user's, on this machine, never roaming to another. */
export function dataFolder(environment: Environment, platform: NodeJS.Platform = process.platform): string {
  const chosen = environment["DESKPAIR_DATA_DIR"];
  if (chosen !== undefined && chosen !== "") return chosen;
  switch (platform) {
    case "win32":
      return join(environment["LOCALAPPDATA"] || join(home(environment), "AppData", "Local"), "DeskPair", "Data");
    case "darwin":
      return join(home(environment), "Library", "Application Support", "DeskPair", "Data");
    default:
      return join(environment["XDG_DATA_HOME"] || join(home(environment), ".local", "share"), "deskpair");
  }
}

/** Where a person or an administrator puts `config.json`. On Windows it roams with the user. */
export function configurationFolder(environment: Environment, platform: NodeJS.Platform = process.platform): string {
  switch (platform) {
    case "win32":
      return join(environment["APPDATA"] || join(home(environment), "AppData", "Roaming"), "DeskPair");
    case "darwin":
      return join(home(environment), "Library", "Application Support", "DeskPair");
    default:
      return join(environment["XDG_CONFIG_HOME"] || join(home(environment), ".config"), "deskpair");
  }
}

/**
 * Where a log of this user is looked for on each system: `Library/Logs` is what Console shows, and a state folder is what
 * the XDG base directory specification 0.8 names for logs. Electron's own answer would roam on Windows.
 */
export function logFolder(environment: Environment, platform: NodeJS.Platform = process.platform): string {
  switch (platform) {
    case "win32":
      return join(environment["LOCALAPPDATA"] || join(home(environment), "AppData", "Local"), "DeskPair", "logs");
    case "darwin":
      return join(home(environment), "Library", "Logs", "DeskPair");
    default:
      return join(environment["XDG_STATE_HOME"] || join(home(environment), ".local", "state"), "deskpair", "logs");
  }
}

function home(environment: Environment): string {
  return environment["HOME"] || environment["USERPROFILE"] || homedir();
}

/** The three systems that DeskPair is made for; any other Unix counts as Linux. */
export function systemPlatform(platform: NodeJS.Platform = process.platform): "win32" | "darwin" | "linux" {
  return platform === "win32" || platform === "darwin" ? platform : "linux";
}
