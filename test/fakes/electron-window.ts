import type { BrowserWindowConstructorOptions, WebContents } from "electron";
import type { GuardedContents } from "../../src/main/guards.ts";
import type { AppWindow, PageContents } from "../../src/main/window.ts";
import { Events, fakeEvent } from "./electron-events.ts";

/** A window and the page in it, without either being shown. */

export class FakeContents extends Events implements PageContents, GuardedContents {
  readonly received: [string, ...unknown[]][] = [];
  reloads = 0;
  destroyed = false;
  #windowOpen: Parameters<WebContents["setWindowOpenHandler"]>[0] | undefined;

  isDestroyed(): boolean {
    return this.destroyed;
  }
  send(channel: string, ...messages: unknown[]): void {
    if (this.destroyed) throw new TypeError("Object has been destroyed");
    this.received.push([channel, ...messages]);
    this.emit("received", channel, ...messages);
  }
  reload(): void {
    this.reloads += 1;
  }
  setWindowOpenHandler(handler: Parameters<WebContents["setWindowOpenHandler"]>[0]): void {
    this.#windowOpen = handler;
  }
  /** What the page's `window.open` would be answered. Electron opens a window when nobody decides. */
  openWindow(url: string): "allow" | "deny" {
    const details = { url, frameName: "", features: "", disposition: "new-window", referrer: { url: "", policy: "" } };
    return this.#windowOpen?.(details as Electron.HandlerDetails).action ?? "allow";
  }
}

export class FakeWindow extends Events implements AppWindow {
  readonly webContents = new FakeContents();
  readonly options: BrowserWindowConstructorOptions;
  visible: boolean;
  focused = false;
  minimized = false;
  backgroundColor: string;
  loaded: string | null = null;

  constructor(options: BrowserWindowConstructorOptions) {
    super();
    this.options = options;
    this.visible = options.show !== false;
    this.backgroundColor = options.backgroundColor ?? "#fff";
  }
  show(): void {
    this.visible = true;
  }
  focus(): void {
    this.focused = true;
  }
  restore(): void {
    this.minimized = false;
  }
  isMinimized(): boolean {
    return this.minimized;
  }
  isDestroyed(): boolean {
    return this.webContents.destroyed;
  }
  setBackgroundColor(color: string): void {
    this.backgroundColor = color;
  }
  async loadURL(url: string): Promise<void> {
    this.loaded = url;
    this.emit("ready-to-show");
  }
  /** As when a person closes it; true when it is gone. */
  close(): boolean {
    if (this.webContents.destroyed) return true;
    const event = fakeEvent();
    this.emit("close", event);
    if (event.defaultPrevented) return false;
    this.webContents.destroyed = true;
    this.emit("closed");
    return true;
  }
}
