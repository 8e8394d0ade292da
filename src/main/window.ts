import type { BrowserWindow, BrowserWindowConstructorOptions, Event, RenderProcessGoneDetails } from "electron";
import type { Log } from "../core/ports.ts";

/** What is behind the page before it has painted; the same two colours as in the page's theme. */
export const backgroundColors = { light: "#f6f7f9", dark: "#16181d" } as const;

/**
 * Every switch that bears on security is written out, also where Electron's default is the same today: a default can
 * change, and a reader should not have to know it. None of them depends on how the app was started, except DevTools.
 *
 * SECURITY: checklist 1, 2, 7, 8.
 */
export function windowOptions(given: {
  /** By name, so that these options are plain data. The session has been made, and closed, before. */
  readonly partition: string;
  readonly preload: string;
  readonly dark: boolean;
  readonly devTools: boolean;
}): BrowserWindowConstructorOptions {
  return {
    // Under this name Electron keeps size and place of the window, and brings it back onto a screen that is there.
    name: "main",
    windowStatePersistence: true,
    title: "DeskPair",
    width: 960,
    height: 760,
    minWidth: 560,
    minHeight: 480,
    // Shown when the page has painted, so that nobody looks at an empty window.
    show: false,
    autoHideMenuBar: true,
    backgroundColor: given.dark ? backgroundColors.dark : backgroundColors.light,
    webPreferences: {
      partition: given.partition,
      preload: given.preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      plugins: false,
      navigateOnDragDrop: false,
      enableWebSQL: false,
      webgl: false,
      spellcheck: false,
      // The page asks nothing through the browser's own dialogs, so nothing that gets into it may either.
      disableDialogs: true,
      autoplayPolicy: "document-user-activation-required",
      devTools: given.devTools,
    },
  };
}

export type AppWindow = Pick<
  BrowserWindow,
  "show" | "focus" | "restore" | "isMinimized" | "isDestroyed" | "setBackgroundColor" | "loadURL"
> & {
  readonly webContents: PageContents;
  on(event: "close", listener: (event: Event) => void): unknown;
  once(event: "ready-to-show", listener: () => void): unknown;
};

export type PageContents = {
  isDestroyed(): boolean;
  send(channel: string, ...messages: unknown[]): void;
  reload(): void;
  on(event: "render-process-gone", listener: (event: Event, details: RenderProcessGoneDetails) => void): unknown;
  on(event: "preload-error", listener: (event: Event, file: string, error: Error) => void): unknown;
  on(event: "unresponsive", listener: () => void): unknown;
  on(
    event: "did-fail-load",
    listener: (event: Event, errorCode: number, errorName: string, url: string, isMainFrame: boolean) => void,
  ): unknown;
};

/** To the front, from wherever it is: minimised, behind others, or not yet shown. */
export function bringToFront(window: AppWindow): void {
  if (window.isDestroyed()) return;
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}

export type CrashChoice = "reload" | "quit";

export type CrashCare = {
  readonly log: Log;
  /** Tells the person and returns what is to happen. Asked once in the life of the window. */
  readonly ask: () => Promise<CrashChoice>;
  readonly quit: () => void;
};

/**
 * A page that crashes is written down every time, and a person is told once. A page that crashes again after it was
 * loaded anew would do so for ever: then the app closes, as it has announced.
 *
 * SECURITY: checklist 47.
 */
export function watchForCrashes(window: AppWindow, care: CrashCare): void {
  let state: "healthy" | "asking" | "reloaded" = "healthy";
  window.webContents.on("render-process-gone", (_event, { reason, exitCode }) => {
    if (reason === "clean-exit") return;
    care.log("error", "window.page-gone", { reason, exitCode });
    if (state === "asking") return;
    if (state === "reloaded") return care.quit();
    state = "asking";
    void care.ask().then((choice) => {
      if (choice === "quit") return care.quit();
      state = "reloaded";
      if (!window.isDestroyed()) window.webContents.reload();
    });
  });
  window.webContents.on("unresponsive", () => care.log("warn", "window.page-unresponsive"));
  window.webContents.on("preload-error", (_event, _file, error) =>
    care.log("error", "window.preload-failed", { thrown: error.name }),
  );
  window.webContents.on("did-fail-load", (_event, errorCode, errorName, _url, isMainFrame) =>
    care.log("error", "window.load-failed", { errorCode, errorName, isMainFrame }),
  );
}
