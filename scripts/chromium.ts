import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium } from "playwright";
import { installWithApt } from "./apt.ts";
import { runNode, tool } from "./processes.ts";

/** Names under which a system installs Chromium or a browser built from it. */
const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const usualPlaces = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

/** A Chromium for the tests: named by DESKPAIR_CHROMIUM, of the system, or of Playwright. `null`: none is installed. */
export function findChromium(): string | null {
  const named = process.env["DESKPAIR_CHROMIUM"];
  if (named !== undefined && named !== "") return existsSync(named) ? named : null;
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const candidates = [...names.flatMap((name) => folders.map((folder) => join(folder, name))), ...usualPlaces];
  return [...candidates, chromium.executablePath()].find((file) => existsSync(file)) ?? null;
}

/** The same, after installing one: by apt where we are root on Debian, else by Playwright's own download. */
export async function ensureChromium(): Promise<string | null> {
  const present = findChromium();
  if (present !== null) return present;
  process.stderr.write("Installing Chromium for the browser tests …\n");
  installWithApt(["chromium"]);
  if (findChromium() === null) await runNode([tool("playwright/cli.js"), "install", "chromium"], { quiet: true });
  return findChromium();
}
