import type { BrowserWindowConstructorOptions, MenuItemConstructorOptions } from "electron";
import type { ElectronParts } from "../../src/main/electron-parts.ts";
import type { SenderEvent } from "../../src/main/sender.ts";
import { Events, fakeEvent } from "./electron-events.ts";
import { FakeSession } from "./electron-session.ts";
import { FakeWindow } from "./electron-window.ts";
import { fakeEnrolment } from "./enrolment-electron.ts";

/**
 * A small Electron that holds state and answers as the documentation says. Typed as `ElectronParts`, which is checked
 * against Electron's own declarations where the real modules are handed in: it cannot promise what Electron does not.
 */

export type FakeElectronOptions = {
  readonly isPackaged?: boolean;
  readonly switches?: readonly string[];
  readonly firstInstance?: boolean;
  readonly folders: { readonly userData: string };
};

/** Everything of one run of the app, and how it ended. */
export class FakeElectron implements ElectronParts {
  readonly app: ElectronParts["app"] & Events;
  readonly windows: FakeWindow[] = [];
  readonly sessions = new Map<string, { readonly session: FakeSession; readonly cache: boolean }>();
  readonly handlers = new Map<string, (event: SenderEvent, ...messages: unknown[]) => Promise<unknown>>();
  readonly opened: string[] = [];
  readonly errorBoxes: [string, string][] = [];
  readonly questions: Electron.MessageBoxOptions[] = [];
  readonly paths: Map<string, string>;
  schemes: Electron.CustomScheme[] = [];
  sandboxed = false;
  appUserModelId: string | null = null;
  applicationMenu: MenuItemConstructorOptions[] = [];
  /** Index of the button that a person presses; a promise makes them think. */
  answer: number | Promise<number> = 0;
  /** `null` while the app runs. */
  ended: { readonly how: "quit" | "exit"; readonly code: number } | null = null;
  #quitting = false;
  readonly #whenEnded = Promise.withResolvers<void>();

  readonly BrowserWindow: ElectronParts["BrowserWindow"];
  readonly session;
  readonly nativeTheme = Object.assign(new Events(), {
    themeSource: "system" as const,
    shouldUseDarkColors: false,
  }) as Events & { themeSource: "system" | "light" | "dark"; shouldUseDarkColors: boolean };

  constructor(options: FakeElectronOptions) {
    const { windows } = this;
    const lastClosed = (): void => {
      // While the app quits, its windows close without the question whether to.
      if (!this.#quitting && windows.every((window) => window.isDestroyed())) this.app.emit("window-all-closed");
    };
    this.paths = new Map(Object.entries(options.folders));
    this.BrowserWindow = class extends FakeWindow {
      constructor(given: BrowserWindowConstructorOptions) {
        super(given);
        windows.push(this);
        this.on("closed", lastClosed);
      }
    };
    const defaultSession = new FakeSession();
    this.session = {
      defaultSession,
      fromPartition: (partition: string, { cache }: { readonly cache: boolean }): FakeSession => {
        const known = this.sessions.get(partition)?.session;
        if (known !== undefined) return known;
        const session = new FakeSession();
        this.sessions.set(partition, { session, cache });
        return session;
      },
    };
    this.app = Object.assign(new Events(), {
      isPackaged: options.isPackaged ?? false,
      name: "DeskPair",
      commandLine: { hasSwitch: (name: string) => options.switches?.includes(name) ?? false },
      enableSandbox: () => {
        this.sandboxed = true;
      },
      requestSingleInstanceLock: () => options.firstInstance ?? true,
      whenReady: async () => undefined,
      getVersion: () => "1.2.3",
      getPath: (name: string) => this.paths.get(name) ?? "",
      setPath: (name: string, path: string) => {
        this.paths.set(name, path);
      },
      setAppUserModelId: (id: string) => {
        this.appUserModelId = id;
      },
      quit: () => this.#quit(),
      exit: (code = 0) => this.#end("exit", code),
    });
  }

  readonly protocol = {
    registerSchemesAsPrivileged: (schemes: Electron.CustomScheme[]): void => {
      this.schemes = schemes;
    },
  };
  readonly ipcMain = {
    handle: (channel: string, listener: (event: SenderEvent, ...messages: unknown[]) => Promise<unknown>): void => {
      if (this.handlers.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`);
      this.handlers.set(channel, listener);
    },
  };
  readonly menu = {
    setApplicationMenu: (template: MenuItemConstructorOptions[]): void => {
      this.applicationMenu = template;
    },
  };
  readonly dialog = {
    showErrorBox: (title: string, content: string): void => {
      this.errorBoxes.push([title, content]);
    },
    showMessageBox: async (options: Electron.MessageBoxOptions): Promise<{ response: number }> => {
      this.questions.push(options);
      return { response: await this.answer };
    },
  };
  readonly enrolment: ElectronParts["enrolment"] = { ...fakeEnrolment(), parent: () => null };
  /** Sends nothing by itself: tests emit. */
  readonly powerMonitor = new Events();
  /** A key store that is there; reversible, which is all that matters here. */
  readonly safeStorage: ElectronParts["safeStorage"] = {
    isAsyncEncryptionAvailable: async () => true,
    encryptStringAsync: async (text) => Buffer.from(`v11${Buffer.from(text).toString("base64")}`),
    decryptStringAsync: async (encrypted) => ({
      result: Buffer.from(encrypted.toString("latin1").slice(3), "base64").toString("utf8"),
      shouldReEncrypt: false,
    }),
    getSelectedStorageBackend: () => "gnome_libsecret",
  };
  readonly shell = {
    openExternal: async (address: string): Promise<void> => {
      this.opened.push(address);
    },
  };

  /** Resolves when the process would be gone. */
  whenEnded(): Promise<void> {
    return this.#whenEnded.promise;
  }

  #quit(): void {
    const event = fakeEvent();
    this.app.emit("before-quit", event);
    if (event.defaultPrevented) return;
    this.#quitting = true;
    if (this.windows.every((window) => window.close())) this.#end("quit", 0);
    this.#quitting = false;
  }

  #end(how: "quit" | "exit", code: number): void {
    this.ended ??= { how, code };
    this.#whenEnded.resolve();
  }
}
