import type * as Electron from "electron";
import { app } from "./app.ts";
import { browserRunning } from "./browser.ts";
import { covered, createEvent, emitterWith, notCovered } from "./coverage.ts";
import { createPermissions, type Permissions } from "./permissions.ts";
import { createProtocols, type Protocols, registerSchemesAsPrivileged } from "./protocol.ts";
import { note } from "./record.ts";
import { createWebRequests, type WebRequests } from "./web-request.ts";

const events = [
  "will-download",
  // Never sent by the stand-in: Chromium without a window has no device and no chooser. A test may send them.
  "select-hid-device",
  "hid-device-added",
  "hid-device-removed",
  "select-serial-port",
  "serial-port-added",
  "serial-port-removed",
  "select-usb-device",
  "usb-device-added",
  "usb-device-removed",
  "select-webauthn-account",
  "select-webauthn-authenticator",
  "preconnect",
] as const;

/** What a page needs of its session: the app's decisions about requests and permissions. */
export type SessionParts = {
  readonly session: Electron.Session;
  readonly protocols: Protocols;
  readonly webRequests: WebRequests;
  readonly permissions: Permissions;
};

const sessions = new Map<string, SessionParts>();

function createSession(partition: string, options: object): SessionParts {
  const protocols = createProtocols();
  const webRequests = createWebRequests();
  const permissions = createPermissions(() => session);
  const recorded =
    (member: string) =>
    (...args: readonly unknown[]): void =>
      note(`session.${member}`, partition, ...args);
  const resolved =
    (member: string) =>
    async (...args: readonly unknown[]): Promise<void> =>
      note(`session.${member}`, partition, ...args);
  const members = {
    protocol: protocols.protocol as Electron.Protocol,
    webRequest: webRequests.webRequest as Electron.WebRequest,
    ...permissions.members,
    isPersistent: () => partition === "" || partition.startsWith("persist:"),
    resolveProxy: async () => "DIRECT",
    setDevicePermissionHandler: recorded("setDevicePermissionHandler"),
    setDisplayMediaRequestHandler: recorded("setDisplayMediaRequestHandler"),
    setUSBProtectedClassesHandler: recorded("setUSBProtectedClassesHandler"),
    setBluetoothPairingHandler: recorded("setBluetoothPairingHandler"),
    setSpellCheckerEnabled: recorded("setSpellCheckerEnabled"),
    setSpellCheckerLanguages: recorded("setSpellCheckerLanguages"),
    setProxy: resolved("setProxy"),
    clearStorageData: resolved("clearStorageData"),
    clearCache: resolved("clearCache"),
    closeAllConnections: resolved("closeAllConnections"),
  } satisfies Partial<Electron.Session>;
  const session = emitterWith("session", members, events) as unknown as Electron.Session;
  note("session", partition, options);
  return { session, protocols, webRequests, permissions };
}

/** The parts of a session by its partition: empty for the default one. The same name gives the same session. */
export function sessionParts(partition: string, options: object = {}): SessionParts {
  if (!browserRunning()) throw new Error("Session can only be received when app is ready");
  const existing = sessions.get(partition);
  if (existing) return existing;
  const parts = createSession(partition, options);
  sessions.set(partition, parts);
  app.emit("session-created", parts.session);
  return parts;
}

/** The parts behind the session object that the app handed back, in `webPreferences.session`. */
export function partsOf(session: Electron.Session): SessionParts {
  const found = [...sessions.values()].find((parts) => parts.session === session);
  if (!found) throw notCovered("a session from somewhere else");
  return found;
}

export const session = covered("session", {
  get defaultSession() {
    return sessionParts("").session;
  },
  fromPartition: (partition, options) => sessionParts(partition, options).session,
} satisfies Pick<typeof Electron.session, "defaultSession" | "fromPartition">);

/** `protocol` of the module is that of the default session, and so unusable before `ready`, but for one function. */
export const protocol = covered("protocol", {
  registerSchemesAsPrivileged,
  handle: (scheme, handler) => session.defaultSession.protocol.handle(scheme, handler),
  unhandle: (scheme) => session.defaultSession.protocol.unhandle(scheme),
  isProtocolHandled: (scheme) => session.defaultSession.protocol.isProtocolHandled(scheme),
} satisfies Pick<Electron.Protocol, "registerSchemesAsPrivileged" | "handle" | "unhandle" | "isProtocolHandled">);

/** Sends `will-download`. Every download is refused by Chromium, so one that the app lets through is not covered. */
export function reportDownload(
  parts: SessionParts,
  download: { readonly url: string; readonly fileName: string },
  contents: Electron.WebContents,
  frame: Electron.WebFrameMain | null,
): void {
  const event = createEvent({});
  let cancelled = false;
  const item = covered("DownloadItem", {
    getURL: () => download.url,
    getFilename: () => download.fileName,
    cancel: () => {
      cancelled = true;
    },
  } satisfies Pick<Electron.DownloadItem, "getURL" | "getFilename" | "cancel">);
  (parts.session as unknown as NodeJS.EventEmitter).emit("will-download", event, item, contents, frame);
  if (!event.defaultPrevented && !cancelled) throw notCovered(`a download that is not prevented (${download.url})`);
}
