import { EventEmitter } from "node:events";
import type * as Electron from "electron";
import { allWindowsClosed, app } from "./app.ts";
import { browserRunning } from "./browser.ts";
import { covered, createEvent, limitEvents, notCovered } from "./coverage.ts";
import { note } from "./record.ts";
import { partsOf, type SessionParts, sessionParts } from "./session.ts";
import { createWebContents } from "./web-contents.ts";
import { windowStateMembers } from "./window-state.ts";
import { openWindows } from "./windows.ts";

type Options = Electron.BrowserWindowConstructorOptions;
type Preferences = Electron.WebPreferences;

const events = [
  "blur",
  "close",
  "closed",
  "focus",
  "hide",
  "maximize",
  "minimize",
  "move",
  "moved",
  "page-title-updated",
  "ready-to-show",
  "resize",
  "resized",
  "restore",
  "show",
  "unmaximize",
  // Never sent by the stand-in; a test may send them with window.emit.
  "enter-full-screen",
  "leave-full-screen",
  "query-session-end",
  "responsive",
  "session-end",
  "unresponsive",
] as const;

/** Preferences that would give the page more than a sandboxed preload: with them the stand-in would prove nothing. */
const refused: readonly (readonly [keyof Preferences, (value: unknown) => boolean])[] = [
  ["sandbox", (value) => value === false],
  ["contextIsolation", (value) => value === false],
  ["webSecurity", (value) => value === false],
  ["javascript", (value) => value === false],
  ["nodeIntegration", Boolean],
  ["nodeIntegrationInSubFrames", Boolean],
  ["nodeIntegrationInWorker", Boolean],
  ["webviewTag", Boolean],
  ["allowRunningInsecureContent", Boolean],
  ["experimentalFeatures", Boolean],
  ["enableBlinkFeatures", Boolean],
  ["offscreen", Boolean],
  ["additionalArguments", (value) => Array.isArray(value) && value.length > 0],
];

function sessionOf({ session, partition }: Preferences): SessionParts {
  return session ? partsOf(session) : sessionParts(partition ?? "");
}

let lastId = 0;

function checked(options: Options): Options {
  const preferences = options.webPreferences ?? {};
  for (const [name, isRefused] of refused) {
    if (isRefused(preferences[name])) throw notCovered(`a BrowserWindow with webPreferences.${name}`);
  }
  if (options.fullscreen || options.kiosk) throw notCovered("a BrowserWindow in full screen");
  const { session, ...plain } = preferences;
  note("BrowserWindow", {
    ...options,
    ...(options.parent ? { parent: "[window]" } : {}),
    webPreferences: session ? { ...plain, session: "[session]" } : plain,
  });
  return options;
}

/** Everything an app can do with a window. `window` is the object that the app gets. */
function createWindow(
  options: Options,
  window: () => Electron.BrowserWindow,
  emit: (event: string, ...args: readonly unknown[]) => void,
) {
  lastId += 1;
  const id = lastId;
  let title = options.title ?? app.name;
  let backgroundColor = options.backgroundColor ?? "#FFFFFF";
  let isProtected = false;
  let destroyed = false;
  let showable = false;

  const page = createWebContents({
    id,
    size: { width: options.width ?? 800, height: options.height ?? 600 },
    preload: options.webPreferences?.preload,
    parts: sessionOf(options.webPreferences ?? {}),
    close: () => members.close(),
    onShowable: () => {
      if (showable) return;
      showable = true;
      emit("ready-to-show");
    },
    onTitle: (next) => {
      const event = createEvent({});
      emit("page-title-updated", event, next, true);
      if (!event.defaultPrevented) title = next;
    },
    onGone: () => members.destroy(),
    onCrash: (contents, details) => app.emit("render-process-gone", createEvent({}), contents, details),
  });
  if (options.webPreferences?.zoomFactor !== undefined) page.contents.zoomFactor = options.webPreferences.zoomFactor;

  const tryToClose = (): boolean => {
    if (destroyed) return true;
    const event = createEvent({});
    emit("close", event);
    if (event.defaultPrevented) return false;
    members.destroy();
    return true;
  };

  const members = {
    ...windowStateMembers({ window, options, emit, resize: page.resize }),
    id,
    webContents: page.contents,
    get title() {
      return title;
    },
    set title(value: string) {
      title = value;
    },
    accessibleTitle: "",
    getTitle: () => title,
    setTitle: (value) => {
      title = value;
    },
    loadURL: (url, loadOptions) => page.contents.loadURL(url, loadOptions),
    reload: () => page.contents.reload(),
    capturePage: (...area) => page.contents.capturePage(...area),
    isDestroyed: () => destroyed,
    close: () => {
      tryToClose();
    },
    destroy: () => {
      if (destroyed) return;
      members.hide();
      destroyed = true;
      // As on every system: what stands before a window goes with it.
      for (const { window: other, destroy } of openWindows) {
        if ((other as Electron.BrowserWindow).getParentWindow() === window()) destroy();
      }
      page.destroy();
      openWindows.delete(entry);
      emit("closed");
      if (openWindows.size === 0) allWindowsClosed();
    },
    getBackgroundColor: () => backgroundColor,
    setBackgroundColor: (value) => {
      backgroundColor = value;
    },
    isContentProtected: () => isProtected,
    setContentProtection: (enable) => {
      isProtected = enable;
      note("BrowserWindow.setContentProtection", enable);
    },
    // Where a window stands before another on the screen, and what it keeps from being clicked, is not covered.
    getParentWindow: () => (options.parent as Electron.BrowserWindow | undefined) ?? null,
    isModal: () => options.modal === true,
    isResizable: () => options.resizable !== false,
    removeMenu: () => note("BrowserWindow.removeMenu"),
    setMenu: (menu) => note("BrowserWindow.setMenu", menu),
    setMenuBarVisibility: (value) => note("BrowserWindow.setMenuBarVisibility", value),
    setAutoHideMenuBar: (value) => note("BrowserWindow.setAutoHideMenuBar", value),
    setTitleBarOverlay: (value) => note("BrowserWindow.setTitleBarOverlay", value),
    setAlwaysOnTop: (...args) => note("BrowserWindow.setAlwaysOnTop", ...args),
    setProgressBar: (...args) => note("BrowserWindow.setProgressBar", ...args),
    setIcon: () => note("BrowserWindow.setIcon"),
    flashFrame: (value) => note("BrowserWindow.flashFrame", value),
    moveTop: () => note("BrowserWindow.moveTop"),
  } satisfies Partial<Electron.BrowserWindow>;

  const entry = {
    get window() {
      return window();
    },
    contents: page.contents,
    targetId: page.targetId,
    close: tryToClose,
    destroy: members.destroy,
    isFocused: members.isFocused,
  };
  return { members, entry };
}

const find = (matches: (window: Electron.BrowserWindow) => boolean): Electron.BrowserWindow | null =>
  BrowserWindow.getAllWindows().find(matches) ?? null;

/** A class, because apps write `new BrowserWindow`; what `new` gives is the checked object around it. */
export class BrowserWindow extends EventEmitter {
  constructor(options: Options = {}) {
    super();
    if (!browserRunning()) throw new Error("Cannot create BrowserWindow before app is ready");
    limitEvents("BrowserWindow", this, events);
    const window = covered("BrowserWindow", this) as unknown as Electron.BrowserWindow;
    const emit = (event: string, ...args: readonly unknown[]): boolean => super.emit(event, ...args);
    const { members, entry } = createWindow(checked(options), () => window, emit);
    Object.defineProperties(this, Object.getOwnPropertyDescriptors(members));
    app.emit("web-contents-created", createEvent({}), members.webContents);
    openWindows.add(entry);
    app.emit("browser-window-created", createEvent({}), window);
    if (members.isVisible()) members.focus();
    // The proxy takes the place of the instance, so that whatever is not covered says so.
    // oxlint-disable-next-line no-constructor-return
    return window;
  }

  static getAllWindows(): Electron.BrowserWindow[] {
    return [...openWindows].map(({ window }) => window as Electron.BrowserWindow);
  }
  static getFocusedWindow(): Electron.BrowserWindow | null {
    return find((window) => window.isFocused());
  }
  static fromWebContents(contents: Electron.WebContents): Electron.BrowserWindow | null {
    return find((window) => window.webContents === contents);
  }
  static fromId(id: number): Electron.BrowserWindow | null {
    return find((window) => window.id === id);
  }
}

/** Electron's module `webContents`. `fromDevToolsTargetId` is what Playwright finds the window of a page by. */
export const webContents = covered("webContents", {
  getAllWebContents: () => [...openWindows].map(({ contents }) => contents),
  getFocusedWebContents: () => [...openWindows].find((window) => window.isFocused())?.contents ?? null,
  fromId: (id) => [...openWindows].find(({ contents }) => contents.id === id)?.contents,
  fromDevToolsTargetId: (target) => [...openWindows].find(({ targetId }) => targetId() === target)?.contents,
} satisfies Pick<
  typeof Electron.webContents,
  "getAllWebContents" | "getFocusedWebContents" | "fromId" | "fromDevToolsTargetId"
>);
