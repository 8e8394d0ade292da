import { type ChildProcess, type SpawnOptions, spawn as systemSpawn } from "node:child_process";
import type { Clock, Ports } from "../core/ports.ts";
import { clock as systemClock } from "./host.ts";

type Spawn = (file: string, args: readonly string[], options: SpawnOptions) => ChildProcess;
type Environment = Readonly<Record<string, string | undefined>>;

export type PageOpener = {
  readonly platform: "win32" | "darwin" | "linux";
  readonly environment: Environment;
  readonly spawn?: Spawn;
  readonly clock?: Clock;
};

/** A program that could not open the page says so in this time. One that still runs may be the browser itself. */
const failsWithinMs = 2_000;

/** Windows cuts longer ones without a word, and a cut address of a sign-in fails for no visible reason. */
const mostCharactersOnWindows = 2_047;

/**
 * The port `openPage` for the command line.
 *
 * Gives `true` when the system's program for it took the address, which does not say that a person sees the page. Gives
 * `false` when there is no such program, when it failed within a moment, and for every address but https, or http on
 * this computer. The browser outlives us and shares nothing with us: no streams, and none of our own variables, one of
 * which may name a file with a secret.
 */
export function createPageOpener(opener: PageOpener): Ports["openPage"] {
  const { platform, environment, spawn = systemSpawn, clock = systemClock } = opener;
  return async (address) => {
    const url = URL.parse(address);
    if (url === null || !mayBeOpened(url)) return false;
    if (platform === "win32" && url.href.length > mostCharactersOnWindows) return false;
    const [file, ...args] = commandFor(platform, environment, url.href);
    return startsWell(clock, () =>
      spawn(file, args, {
        detached: true,
        stdio: "ignore",
        windowsHide: true,
        env: withoutOurs(environment),
        shell: false,
      }),
    );
  };
}

function mayBeOpened({ protocol, hostname, username, password }: URL): boolean {
  // A name in front of the host is there to mislead whoever reads the address.
  if (username !== "" || password !== "") return false;
  if (protocol === "https:") return true;
  return protocol === "http:" && (hostname === "localhost" || hostname === "[::1]" || /^127(\.\d+){3}$/.test(hostname));
}

/**
 * On Windows neither `start`, which is a word of cmd.exe and takes `&` for the end of a command, nor explorer.exe, which
 * opens a folder when an address has a query. rundll32 hands the rest of its command line on as it is; in an address
 * that has been parsed there is no space and no quotation mark. By its full path, because Windows looks in the current
 * folder first.
 */
function commandFor(
  platform: PageOpener["platform"],
  environment: Environment,
  href: string,
): readonly [string, ...string[]] {
  switch (platform) {
    case "win32": {
      const system = environment["SystemRoot"] ?? environment["SYSTEMROOT"] ?? "C:\\Windows";
      return [`${system}\\System32\\rundll32.exe`, "url.dll,FileProtocolHandler", href];
    }
    case "darwin":
      return ["/usr/bin/open", href];
    case "linux":
      return ["xdg-open", href];
    default:
      return platform satisfies never;
  }
}

function withoutOurs(environment: Environment): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !/^DESKPAIR_/i.test(name)));
}

async function startsWell(clock: Clock, start: () => ChildProcess): Promise<boolean> {
  const ended = new AbortController();
  let isWell = true;
  const failed = (): void => {
    isWell = false;
    ended.abort();
  };
  let child: ChildProcess;
  try {
    child = start();
  } catch {
    // Some refusals of the system are thrown, others come as an event.
    return false;
  }
  child.on("error", failed);
  child.once("exit", (code) => (code === 0 ? ended.abort() : failed()));
  child.unref();
  await clock.wait(failsWithinMs, ended.signal);
  return isWell;
}
