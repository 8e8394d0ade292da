import type * as Electron from "electron";

/** What `app` and `webContents` need of a window. The window itself is in browser-window.ts. */
export type OpenWindow = {
  readonly window: object;
  readonly contents: Electron.WebContents;
  readonly targetId: () => string | undefined;
  /** Asks the window to close; resolves with false when the app prevented it. */
  readonly close: () => boolean;
  readonly destroy: () => void;
  readonly isFocused: () => boolean;
};

/** All windows, oldest first. Apart from the rest, because `app` has to close them and they need `app`. */
export const openWindows = new Set<OpenWindow>();
