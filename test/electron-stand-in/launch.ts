import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { _electron, type ElectronApplication } from "@playwright/test";

const root = resolve(import.meta.dirname, "../..");

export type Host = "electron" | "stand-in";

/** The real Electron where it can run: its binary is there, a display is there, and its sandbox works (not as root). */
function chooseHost(): Host {
  const folder = join(root, "node_modules/electron");
  const pathFile = join(folder, "path.txt");
  const installed = existsSync(pathFile) && existsSync(join(folder, "dist", readFileSync(pathFile, "utf8")));
  const display = process.platform !== "linux" || Boolean(process.env["DISPLAY"] || process.env["WAYLAND_DISPLAY"]);
  return installed && display && process.getuid?.() !== 0 ? "electron" : "stand-in";
}

/** Which of the two the end-to-end tests of this run drive. */
export const host: Host = chooseHost();

export type LaunchOptions = {
  /** The app's folder; the repository by default, whose bundles must have been built. */
  readonly app?: string;
  /** Arguments for the app itself. */
  readonly args?: readonly string[];
  /** Added to the environment; `undefined` removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The profile folder. Without one the app gets a new one, which is removed when the app has ended. */
  readonly userData?: string;
  /** Takes the stand-in even where the real Electron is there: for the stand-in's own tests. */
  readonly host?: Host;
};

/**
 * Starts the built app in the chosen host, as a person would start it with `electron <app>`. Resolves when Playwright is
 * attached; the app becomes ready only then, so that no event before is missed.
 */
export async function launchApp(options: LaunchOptions = {}): Promise<ElectronApplication> {
  const ownProfile = options.userData === undefined;
  const userData = options.userData ?? mkdtempSync(join(tmpdir(), "deskpair-profile-"));
  const env: Record<string, string> = {};
  const wanted = {
    ...process.env,
    XDG_CONFIG_HOME: userData,
    XDG_STATE_HOME: join(userData, "state"),
    DESKPAIR_DATA_DIR: join(userData, "data"),
    DESKPAIR_NODE: process.execPath,
    ...options.env,
  };
  for (const [name, value] of Object.entries(wanted)) if (value !== undefined) env[name] = value;
  // Set by editors whose terminals run inside Electron; the app would start as plain Node.
  delete env["ELECTRON_RUN_AS_NODE"];
  // The `electron` package, which Playwright asks for the path of the executable, reads this one in our process.
  if ((options.host ?? host) === "stand-in") process.env["ELECTRON_OVERRIDE_DIST_PATH"] = import.meta.dirname;
  else delete process.env["ELECTRON_OVERRIDE_DIST_PATH"];

  const removeProfile = (): void => {
    if (ownProfile) rmSync(userData, { recursive: true, force: true });
  };
  const launching = _electron.launch({
    args: [options.app ?? root, `--user-data-dir=${userData}`, ...(options.args ?? [])],
    cwd: root,
    env,
    // Without Chromium's sandbox a preload runs differently, and a test would prove little.
    chromiumSandbox: true,
    // Otherwise Playwright forces the light theme.
    colorScheme: null,
  });
  launching.catch(removeProfile);
  const application = await launching;
  application.once("close", removeProfile);
  return application;
}
