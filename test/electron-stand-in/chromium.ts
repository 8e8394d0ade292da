import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { type Link, openLink } from "./devtools.ts";

const systemPaths = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/** The path of the Chromium to use: the one that was asked for, one of the system, or Playwright's own. */
export async function findChromium(): Promise<string> {
  const wanted = process.env["DESKPAIR_CHROMIUM"];
  if (wanted) {
    if (existsSync(wanted)) return wanted;
    throw new Error(`electron stand-in: DESKPAIR_CHROMIUM names ${wanted}, which does not exist.`);
  }
  const installed = systemPaths.find((path) => existsSync(path));
  if (installed) return installed;
  // Loading Playwright takes a while, hence only when it is the last hope.
  const { chromium } = await import("playwright");
  if (existsSync(chromium.executablePath())) return chromium.executablePath();
  throw new Error(
    "electron stand-in: no Chromium was found. Install one (Debian: apt-get install chromium; elsewhere: " +
      "npx playwright install chromium) or set DESKPAIR_CHROMIUM to the path of one.",
  );
}

// The page must behave as in Electron, which is not a browser for the web; and nothing may leave this machine.
const fixedSwitches: readonly (readonly [string, string?])[] = [
  ["headless", "new"],
  ["no-startup-window"],
  ["no-first-run"],
  ["no-default-browser-check"],
  ["disable-background-networking"],
  ["disable-breakpad"],
  ["disable-component-update"],
  ["disable-default-apps"],
  ["disable-extensions"],
  ["disable-search-engine-choice-screen"],
  ["disable-sync"],
  ["mute-audio"],
  ["no-service-autorun"],
  ["password-store", "basic"],
  ["use-mock-keychain"],
  // Electron blocks no popups by itself and keeps no pages for "back".
  ["disable-popup-blocking"],
  ["disable-back-forward-cache"],
  // All frames of a window in one process: their requests then reach the one DevTools session of the page.
  ["disable-site-isolation-trials"],
  ["disable-features", "HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,MediaRouter,OptimizationHints,Translate"],
  ["no-proxy-server"],
  ["host-resolver-rules", "MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE [::1] , EXCLUDE localhost"],
];

/** Chromium takes the last of a repeated switch; for the two lists of features that would lose the first. */
function switchArguments(extra: ReadonlyMap<string, string>): readonly string[] {
  const merged = new Map(fixedSwitches.map(([name, value]) => [name, value ?? ""]));
  for (const [name, value] of extra) {
    const before = merged.get(name);
    merged.set(name, name.endsWith("able-features") && before ? `${before},${value}` : value);
  }
  return [...merged].map(([name, value]) => (value === "" ? `--${name}` : `--${name}=${value}`));
}

export type Chromium = {
  readonly link: Link;
  /** Where others (Playwright) reach the same browser; undefined when no port was asked for. */
  readonly address: string | undefined;
  /** Ends Chromium and resolves when it and its profile folder are gone. */
  readonly end: () => Promise<void>;
};

/** Starts Chromium without a window. `port` is what `--remote-debugging-port` said, if it was given. */
export async function startChromium(extra: ReadonlyMap<string, string>, port: string | undefined): Promise<Chromium> {
  const executable = await findChromium();
  const args = [...switchArguments(extra), "--remote-debugging-pipe"];
  if (port !== undefined) args.push(`--remote-debugging-port=${port}`);
  // Chromium's sandbox refuses to run as root.
  if (process.getuid?.() === 0) args.push("--no-sandbox");
  const keeper = spawn("/bin/sh", [join(import.meta.dirname, "keeper.sh"), executable, ...args], {
    detached: true,
    stdio: ["pipe", "ignore", "pipe", "pipe", "pipe"],
  });
  const [lifeLine, , errors, toChromium, fromChromium] = keeper.stdio as unknown as [
    Writable,
    null,
    Readable,
    Writable,
    Readable,
  ];
  const ended = new Promise<void>((resolve) => keeper.once("exit", () => resolve()));
  // Written to while Chromium ends, these break; the link notices by itself.
  lifeLine.on("error", () => undefined);
  const link = openLink(toChromium, fromChromium);
  const log = readLog(errors);
  const failed = link.closed.then(() => {
    throw new Error(`electron stand-in: ${executable} ended while starting:\n${log.text()}`);
  });
  failed.catch(() => undefined);
  const address = port === undefined ? Promise.resolve(undefined) : log.address;
  const started = Promise.all([address, link.browser.send("Browser.getVersion")]);
  started.catch(() => undefined);
  const [listening] = await Promise.race([started, failed]);
  return {
    link,
    address: listening,
    end: async () => {
      lifeLine.end();
      await ended;
    },
  };
}

/** Reads what Chromium writes, to the end: a full pipe would stop it. Keeps the start for an error message. */
function readLog(errors: Readable): { readonly address: Promise<string>; readonly text: () => string } {
  const { promise, resolve } = Promise.withResolvers<string>();
  let text = "";
  errors.setEncoding("utf8");
  errors.on("data", (part: string) => {
    if (text.length > 10_000) return;
    text += part;
    const found = /DevTools listening on (ws:\/\/\S+)/.exec(text);
    if (found?.[1] !== undefined) resolve(found[1]);
  });
  return { address: promise, text: () => text };
}
