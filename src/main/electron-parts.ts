import type {
  App,
  BrowserWindowConstructorOptions,
  CustomScheme,
  Details,
  Dialog,
  Event,
  FromPartitionOptions,
  MenuItemConstructorOptions,
  NativeTheme,
} from "electron";
import type { PageRequest } from "./app-protocol.ts";
import type { EnrolmentParts } from "./enrolment-window.ts";
import type { GuardedApp, GuardedSession } from "./guards.ts";
import type { PowerEvents } from "./idle.ts";
import type { RequestServer } from "./ipc.ts";
import type { Browser } from "./links.ts";
import type { Encryption } from "./secret-store.ts";
import type { AppWindow } from "./window.ts";

/**
 * All of Electron that the main process touches, in Electron's own types. `index.ts` hands in the real modules, which
 * checks these types against them; the tests hand in a fake that is typed as this, so it cannot drift.
 */
export type ElectronParts = {
  readonly app: ElectronApp;
  readonly BrowserWindow: new (options: BrowserWindowConstructorOptions) => AppWindow;
  readonly session: {
    readonly defaultSession: GuardedSession & { readonly resolveProxy: (url: string) => Promise<string> };
    readonly fromPartition: (partition: string, options: FromPartitionOptions) => PageSession;
  };
  readonly protocol: { readonly registerSchemesAsPrivileged: (schemes: CustomScheme[]) => void };
  readonly ipcMain: RequestServer;
  readonly menu: MenuParts;
  readonly nativeTheme: ThemeParts;
  readonly dialog: DialogParts;
  readonly shell: Browser;
  readonly safeStorage: Encryption;
  readonly powerMonitor: PowerEvents;
  /** Windows and sessions once more, in the terms of the window in which keys are enrolled. */
  readonly enrolment: Pick<EnrolmentParts, "BrowserWindow" | "session" | "parent">;
};

type ElectronApp = GuardedApp &
  Pick<
    App,
    | "isPackaged"
    | "name"
    | "enableSandbox"
    | "requestSingleInstanceLock"
    | "whenReady"
    | "quit"
    | "exit"
    | "setPath"
    | "getVersion"
    | "setAppUserModelId"
  > & {
    readonly commandLine: { readonly hasSwitch: (name: string) => boolean };
    getPath(name: "userData"): string;
    on(event: "second-instance" | "window-all-closed", listener: () => void): unknown;
    on(event: "before-quit", listener: (event: Event) => void): unknown;
    on(event: "child-process-gone", listener: (event: Event, details: Details) => void): unknown;
  };

export type PageSession = GuardedSession & {
  readonly protocol: {
    readonly handle: (scheme: string, handler: (request: PageRequest) => Promise<Response>) => void;
  };
};

/** The application's menu, set from a template. */
type MenuParts = { readonly setApplicationMenu: (template: MenuItemConstructorOptions[]) => void };

type ThemeParts = Pick<NativeTheme, "themeSource" | "shouldUseDarkColors"> & {
  on(event: "updated", listener: () => void): unknown;
};

export type DialogParts = Pick<Dialog, "showErrorBox"> & {
  showMessageBox(options: Electron.MessageBoxOptions): Promise<{ readonly response: number }>;
};
