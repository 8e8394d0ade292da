import { EventEmitter } from "node:events";
import type * as Electron from "electron";
import { covered, emitterWith, limitEvents } from "./coverage.ts";
import { note } from "./record.ts";
import { display } from "./window-state.ts";

/** What the user answers next, oldest first. Tests fill it as `electron.__answers`. */
export const answers: unknown[] = [];

/** A dialog without an answer would wait for ever, so it says what is missing. */
function answer(api: string, args: readonly unknown[]): never {
  // The first argument may be the window.
  note(api, args.at(-1));
  if (answers.length === 0) throw new Error(`electron stand-in: nobody answers ${api}; put an answer into __answers`);
  return answers.shift() as never;
}

export const dialog = covered("dialog", {
  showMessageBox: async (...args: readonly unknown[]) => answer("dialog.showMessageBox", args),
  showMessageBoxSync: (...args: readonly unknown[]) => answer("dialog.showMessageBoxSync", args),
  showOpenDialog: async (...args: readonly unknown[]) => answer("dialog.showOpenDialog", args),
  showSaveDialog: async (...args: readonly unknown[]) => answer("dialog.showSaveDialog", args),
  showErrorBox: (title, content) => note("dialog.showErrorBox", title, content),
} satisfies Partial<Electron.Dialog>);

export const shell = covered("shell", {
  openExternal: async (url) => note("shell.openExternal", url),
  openPath: async (path) => {
    note("shell.openPath", path);
    return "";
  },
  showItemInFolder: (path) => note("shell.showItemInFolder", path),
  beep: () => note("shell.beep"),
} satisfies Partial<Electron.Shell>);

/** Every notification that was shown, oldest first, for tests that click one: `electron.__notifications`. */
export const notifications: Notification[] = [];

export class Notification extends EventEmitter {
  readonly title: string;
  readonly body: string;
  readonly silent: boolean;

  constructor(options: Electron.NotificationConstructorOptions = {}) {
    super();
    this.title = options.title ?? "";
    this.body = options.body ?? "";
    this.silent = options.silent === true;
    limitEvents("Notification", this, ["show", "click", "close", "reply", "action", "failed"]);
    // oxlint-disable-next-line no-constructor-return
    return covered("Notification", this);
  }
  static isSupported(): boolean {
    return true;
  }
  show(): void {
    note("Notification", { title: this.title, body: this.body, silent: this.silent });
    notifications.push(this);
    this.emit("show");
  }
  close(): void {
    this.emit("close");
  }
}

/** The clipboard of this process only. Electron 44 made its reading and writing asynchronous. */
let clipboardText = "";
export const clipboard = covered("clipboard", {
  readText: async () => clipboardText,
  writeText: async (text) => {
    clipboardText = text;
  },
  clear: () => {
    clipboardText = "";
  },
} satisfies Pick<Electron.Clipboard, "readText" | "writeText" | "clear">);

export const screen = emitterWith(
  "screen",
  {
    getPrimaryDisplay: () => display as Electron.Display,
    getAllDisplays: () => [display as Electron.Display],
    getDisplayMatching: () => display as Electron.Display,
    getDisplayNearestPoint: () => display as Electron.Display,
    getCursorScreenPoint: () => ({ x: 0, y: 0 }),
  } satisfies Partial<Electron.Screen>,
  ["display-added", "display-removed", "display-metrics-changed"],
);

/** Says nothing by itself; tests send its events with `powerMonitor.emit`. */
export const powerMonitor = emitterWith("powerMonitor", {}, [
  "suspend",
  "resume",
  "shutdown",
  "lock-screen",
  "unlock-screen",
  "user-did-become-active",
  "user-did-resign-active",
  "on-ac",
  "on-battery",
]);
