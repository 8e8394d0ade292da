import type { BrowserWindowConstructorOptions } from "electron";
import { enrolmentChannels } from "../../src/contract/enrolment-channels.ts";
import type { EnrolmentRequest } from "../../src/main/enrolment-protocol.ts";
import type { EnrolmentSession } from "../../src/main/enrolment-session.ts";
import type { EnrolmentContents, EnrolmentParts, EnrolmentWindow } from "../../src/main/enrolment-window.ts";
import type { SenderEvent } from "../../src/main/sender.ts";
import { FakeSession } from "./electron-session.ts";
import { FakeContents, FakeWindow } from "./electron-window.ts";

/** As much of Electron as one ceremony touches, and the page in the window as a test plays it. */

class FakeEnrolmentSession extends FakeSession implements EnrolmentSession {
  cleared = 0;
  override readonly protocol = {
    handle: (scheme: string, handler: (request: EnrolmentRequest) => Promise<Response>): void => {
      this.schemes.set(scheme, handler);
    },
    unhandle: (scheme: string): void => {
      this.schemes.delete(scheme);
    },
  };
  async clearStorageData(): Promise<void> {
    this.cleared += 1;
  }
}

type Listener = (event: SenderEvent, ...messages: unknown[]) => Promise<unknown>;

class FakeEnrolmentContents extends FakeContents implements EnrolmentContents {
  readonly listeners = new Map<string, Listener>();
  readonly ipc = {
    handle: (channel: string, listener: Listener): void => {
      if (this.listeners.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`);
      this.listeners.set(channel, listener);
    },
    removeHandler: (channel: string): void => {
      this.listeners.delete(channel);
    },
  };
}

class FakeEnrolmentWindow extends FakeWindow implements EnrolmentWindow {
  override readonly webContents = new FakeEnrolmentContents();
  /** Rejects as Electron's does: with the name of the network error. */
  fails = false;

  override show(): void {
    if (this.isDestroyed()) throw new TypeError("Object has been destroyed");
    super.show();
  }
  override async loadURL(url: string): Promise<void> {
    if (this.fails) throw new Error("ERR_FAILED (-2) loading it");
    await super.loadURL(url);
  }
  /** Without asking: nobody can hold it. */
  destroy(): void {
    this.webContents.destroyed = true;
    this.emit("closed");
  }
}

export type FakeEnrolment = Pick<EnrolmentParts, "BrowserWindow" | "session"> & {
  readonly windows: readonly FakeEnrolmentWindow[];
  readonly sessions: ReadonlyMap<string, { readonly session: FakeEnrolmentSession; readonly cache: boolean }>;
  /** What the windows' pages are still listened to. */
  readonly channels: () => readonly string[];
  /** From now on every page fails to load. */
  readonly breakPages: () => void;
  /** The newest window. */
  readonly window: () => FakeEnrolmentWindow;
  readonly latestSession: () => FakeEnrolmentSession;
  /** What that window's page would be answered; `as`: somebody else in its place. */
  readonly ask: (messages?: readonly unknown[], as?: Partial<SenderEvent>) => Promise<unknown>;
  readonly say: (result: unknown, as?: Partial<SenderEvent>) => Promise<unknown>;
};

export function fakeEnrolment(): FakeEnrolment {
  const windows: FakeEnrolmentWindow[] = [];
  const sessions = new Map<string, { readonly session: FakeEnrolmentSession; readonly cache: boolean }>();
  let broken = false;

  const window = (): FakeEnrolmentWindow => {
    const newest = windows.at(-1);
    if (newest === undefined) throw new Error("There is no window.");
    return newest;
  };
  const send = async (channel: string, messages: readonly unknown[], as: Partial<SenderEvent>): Promise<unknown> => {
    const { webContents, loaded } = window();
    const listener = webContents.listeners.get(channel);
    if (listener === undefined) throw new Error(`No handler registered for '${channel}'`);
    const event = { sender: webContents, senderFrame: { url: loaded ?? "", parent: null }, ...as };
    return listener(event, ...messages.map((message) => structuredClone(message)));
  };

  return {
    BrowserWindow: class extends FakeEnrolmentWindow {
      constructor(options: BrowserWindowConstructorOptions) {
        super(options);
        this.fails = broken;
        windows.push(this);
      }
    },
    session: {
      fromPartition: (partition, { cache }) => {
        const known = sessions.get(partition)?.session;
        if (known !== undefined) return known;
        const session = new FakeEnrolmentSession();
        sessions.set(partition, { session, cache });
        return session;
      },
    },
    windows,
    sessions,
    channels: () => windows.flatMap(({ webContents }) => [...webContents.listeners.keys()]),
    breakPages: () => {
      broken = true;
    },
    window,
    latestSession: () => {
      const newest = [...sessions.values()].at(-1);
      if (newest === undefined) throw new Error("There is no session.");
      return newest.session;
    },
    ask: (messages = [], as = {}) => send(enrolmentChannels.options, messages, as),
    say: (result, as = {}) => send(enrolmentChannels.result, [result], as),
  };
}

/** The page of another window. */
export const otherContents = (): FakeContents => new FakeContents();
