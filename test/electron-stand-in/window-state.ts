import type * as Electron from "electron";
import { app } from "./app.ts";
import type { Size } from "./browser.ts";
import { createEvent } from "./coverage.ts";

type State = "normal" | "minimized" | "maximized";

const workArea: Electron.Rectangle = { x: 0, y: 0, width: 1920, height: 1080 };

let focused: object | undefined;

export type WindowStateOptions = {
  readonly window: () => Electron.BrowserWindow;
  readonly options: Electron.BrowserWindowConstructorOptions;
  readonly emit: (event: string, ...args: readonly unknown[]) => void;
  readonly resize: (size: Size) => void;
};

/**
 * Where a window is and whether it can be seen. There is no window manager here: a window has no frame, so that its
 * content is as large as itself, and `focus` is obeyed at once. The page is resized for real.
 */
export function windowStateMembers({ window, options, emit, resize }: WindowStateOptions) {
  const { width = 800, height = 600, minWidth = 0, minHeight = 0 } = options;
  let bounds: Electron.Rectangle = {
    x: options.x ?? Math.max(0, Math.round((workArea.width - width) / 2)),
    y: options.y ?? Math.max(0, Math.round((workArea.height - height) / 2)),
    width,
    height,
  };
  let minimum: [number, number] = [minWidth, minHeight];
  let state: State = "normal";
  let visible = options.show !== false;

  const blur = (): void => {
    if (focused !== window()) return;
    focused = undefined;
    emit("blur", createEvent({}));
    app.emit("browser-window-blur", createEvent({}), window());
  };
  const shown = (): Electron.Rectangle => (state === "maximized" ? workArea : bounds);
  const become = (next: State, event: string): void => {
    if (state === next) return;
    const before = shown();
    state = next;
    emit(event, createEvent({}));
    const { width: newWidth, height: newHeight } = shown();
    if (newWidth === before.width && newHeight === before.height) return;
    resize(shown());
    emit("resize", createEvent({}));
  };

  const members = {
    show: () => {
      members.showInactive();
      members.focus();
    },
    showInactive: () => {
      if (visible) return;
      visible = true;
      emit("show", createEvent({}));
    },
    hide: () => {
      if (!visible) return;
      visible = false;
      emit("hide", createEvent({}));
      blur();
    },
    isVisible: () => visible && state !== "minimized",
    focus: () => {
      if (focused === window()) return;
      focused = window();
      emit("focus", createEvent({}));
      app.emit("browser-window-focus", createEvent({}), window());
    },
    blur,
    isFocused: () => focused === window(),
    minimize: () => {
      become("minimized", "minimize");
      blur();
    },
    isMinimized: () => state === "minimized",
    restore: () => become("normal", "restore"),
    maximize: () => {
      become("maximized", "maximize");
      members.showInactive();
    },
    unmaximize: () => become("normal", "unmaximize"),
    isMaximized: () => state === "maximized",
    isFullScreen: () => false,
    isNormal: () => state === "normal",
    getBounds: () => ({ ...shown() }),
    getContentBounds: () => ({ ...shown() }),
    getNormalBounds: () => ({ ...bounds }),
    setBounds: (wanted) => {
      const next = { ...bounds, ...wanted };
      next.width = Math.max(next.width, minimum[0]);
      next.height = Math.max(next.height, minimum[1]);
      const moved = next.x !== bounds.x || next.y !== bounds.y;
      const resized = next.width !== bounds.width || next.height !== bounds.height;
      bounds = next;
      if (resized) {
        resize(bounds);
        emit("resize", createEvent({}));
        emit("resized", createEvent({}));
      }
      if (moved) {
        emit("move", createEvent({}));
        emit("moved", createEvent({}));
      }
    },
    getSize: () => [shown().width, shown().height],
    setSize: (newWidth, newHeight) => members.setBounds({ width: newWidth, height: newHeight }),
    getContentSize: () => [shown().width, shown().height],
    setContentSize: (newWidth, newHeight) => members.setBounds({ width: newWidth, height: newHeight }),
    getMinimumSize: () => [...minimum],
    setMinimumSize: (newWidth, newHeight) => {
      minimum = [newWidth, newHeight];
    },
    getPosition: () => [shown().x, shown().y],
    setPosition: (x, y) => members.setBounds({ x, y }),
    center: () =>
      members.setBounds({
        x: Math.round((workArea.width - bounds.width) / 2),
        y: Math.round((workArea.height - bounds.height) / 2),
      }),
  } satisfies Partial<Electron.BrowserWindow>;
  return members;
}

/** Electron's `screen`, with the one display that windows are placed on. */
export const display = {
  id: 1,
  bounds: workArea,
  workArea,
  size: { width: workArea.width, height: workArea.height },
  workAreaSize: { width: workArea.width, height: workArea.height },
  scaleFactor: 1,
  rotation: 0,
  internal: true,
  label: "stand-in",
} satisfies Partial<Electron.Display>;
