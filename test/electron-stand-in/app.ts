import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import type * as Electron from "electron";
import { application } from "./application.ts";
import { browser, browserRunning, setBrowser, startBrowser } from "./browser.ts";
import { commandLine } from "./command-line.ts";
import { createEvent, emitterWith } from "./coverage.ts";
import { Menu } from "./menu.ts";
import { note } from "./record.ts";
import { type Lock, takeLock } from "./single-instance.ts";
import { openWindows } from "./windows.ts";

const events = [
  "will-finish-launching",
  "ready",
  "window-all-closed",
  "before-quit",
  "will-quit",
  "quit",
  "activate",
  "second-instance",
  "browser-window-created",
  "browser-window-focus",
  "browser-window-blur",
  "web-contents-created",
  "session-created",
  // Never sent by the stand-in; a test may send them with app.emit.
  "open-url",
  "open-file",
  "certificate-error",
  "select-client-certificate",
  "login",
  "render-process-gone",
  "child-process-gone",
] as const;

const ready = Promise.withResolvers<void>();
const paths = new Map<string, string>();
let isReady = false;
let quitting = false;
let name = application.name;
let lock: Lock | undefined;

function defaultPath(kind: string): string | undefined {
  const home = homedir();
  const appData = process.env["XDG_CONFIG_HOME"] || join(home, ".config");
  const userData = paths.get("userData") ?? (commandLine.getSwitchValue("user-data-dir") || join(appData, name));
  const known: Readonly<Record<string, string>> = {
    home,
    appData,
    userData,
    sessionData: userData,
    logs: join(userData, "logs"),
    temp: tmpdir(),
    exe: join(import.meta.dirname, "electron"),
    desktop: join(home, "Desktop"),
    documents: join(home, "Documents"),
    downloads: join(home, "Downloads"),
  };
  return known[kind];
}

/** The languages of the process's environment, as Electron reads them on Linux: `de_CH.UTF-8` is `de-CH`. */
function systemLanguages(): string[] {
  const { LANGUAGE, LC_ALL, LC_MESSAGES, LANG } = process.env;
  const listed = (LANGUAGE || LC_ALL || LC_MESSAGES || LANG || "").split(":");
  const tags = listed
    .map((entry) => entry.replace(/[.@].*$/, "").replace("_", "-"))
    .filter((tag) => /^[a-z]{2}/.test(tag));
  return tags.length > 0 ? tags : ["en-US"];
}

const recorded =
  (member: string) =>
  (...args: readonly unknown[]): void =>
    note(`app.${member}`, ...args);

const members = {
  get name() {
    return name;
  },
  set name(value: string) {
    name = value;
  },
  get applicationMenu() {
    return Menu.getApplicationMenu();
  },
  set applicationMenu(menu: Electron.Menu | null) {
    Menu.setApplicationMenu(menu);
  },
  commandLine,
  // Only macOS has a dock.
  dock: undefined,
  isPackaged: false,
  isReady: () => isReady,
  whenReady: () => ready.promise,
  getName: () => name,
  setName: (value) => {
    name = value;
  },
  getVersion: () => application.version,
  getAppPath: () => application.path,
  getLocale: () => commandLine.getSwitchValue("lang") || (systemLanguages()[0] ?? "en-US"),
  getSystemLocale: () => systemLanguages()[0] ?? "en-US",
  getPreferredSystemLanguages: systemLanguages,
  getPath: (kind) => {
    const path = paths.get(kind) ?? defaultPath(kind);
    if (path === undefined) throw new Error(`Failed to get '${kind}' path`);
    return path;
  },
  setPath: (kind, path) => {
    paths.set(kind, path);
  },
  requestSingleInstanceLock: (additionalData) => {
    if (lock?.held) return true;
    lock = takeLock(members.getPath("userData"), additionalData, ([argv, workingDirectory, data]) => {
      // Through the member, because Playwright's loader replaces it to hold ready back.
      void app.whenReady().then(() => app.emit("second-instance", createEvent({}), argv, workingDirectory, data));
    });
    return lock.held;
  },
  hasSingleInstanceLock: () => lock?.held === true,
  releaseSingleInstanceLock: () => {
    if (lock?.held) lock.release();
    lock = undefined;
  },
  quit: () => {
    if (quitting) return;
    const before = createEvent({});
    quitting = true;
    app.emit("before-quit", before);
    quitting = !before.defaultPrevented && closeAllWindows() && willQuit();
    if (quitting) void leave(0);
  },
  exit: (exitCode = 0) => {
    quitting = true;
    for (const window of openWindows) window.destroy();
    void leave(exitCode);
  },
  enableSandbox: recorded("enableSandbox"),
  disableHardwareAcceleration: recorded("disableHardwareAcceleration"),
  setAppUserModelId: recorded("setAppUserModelId"),
  setAboutPanelOptions: recorded("setAboutPanelOptions"),
  showAboutPanel: recorded("showAboutPanel"),
  relaunch: recorded("relaunch"),
  focus: recorded("focus"),
  setAsDefaultProtocolClient: (...args) => {
    note("app.setAsDefaultProtocolClient", ...args);
    return true;
  },
} satisfies Pick<
  Electron.App,
  | "name"
  | "applicationMenu"
  | "commandLine"
  | "dock"
  | "isPackaged"
  | "isReady"
  | "whenReady"
  | "getName"
  | "setName"
  | "getVersion"
  | "getAppPath"
  | "getLocale"
  | "getSystemLocale"
  | "getPreferredSystemLanguages"
  | "getPath"
  | "setPath"
  | "requestSingleInstanceLock"
  | "hasSingleInstanceLock"
  | "releaseSingleInstanceLock"
  | "quit"
  | "exit"
  | "enableSandbox"
  | "disableHardwareAcceleration"
  | "setAppUserModelId"
  | "setAboutPanelOptions"
  | "showAboutPanel"
  | "relaunch"
  | "focus"
  | "setAsDefaultProtocolClient"
>;

export const app = emitterWith("app", members, events);

function closeAllWindows(): boolean {
  return [...openWindows].every((window) => window.close());
}

function willQuit(): boolean {
  const event = createEvent({});
  app.emit("will-quit", event);
  return !event.defaultPrevented;
}

async function leave(exitCode: number): Promise<void> {
  app.emit("quit", createEvent({}), exitCode);
  if (lock && !lock.held) await lock.told;
  if (browserRunning()) await browser().end();
  process.exit(exitCode);
}

/** The last window has closed: the app decides what follows, and without a listener it quits. */
export function allWindowsClosed(): void {
  // While quitting, Electron goes on to will-quit and does not send this.
  if (quitting) return;
  if (app.listenerCount("window-all-closed") > 0) app.emit("window-all-closed");
  else app.quit();
}

/** Starts Chromium and makes the app ready. Called when the app's main module has run to its end, as in Electron. */
export async function startApp(): Promise<void> {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => app.quit());
  if (quitting) return;
  const started = await startBrowser();
  setBrowser(started);
  Object.defineProperty(process.versions, "chrome", { value: started.version, enumerable: true });
  // Playwright waits for exactly this line, and for Node's own "Debugger listening on".
  if (started.address !== undefined) process.stderr.write(`\nDevTools listening on ${started.address}\n`);
  if (quitting) return;
  app.emit("will-finish-launching");
  isReady = true;
  ready.resolve();
  app.emit("ready", createEvent({}), {});
}
