import type { Event, Session, WebContents, WebRequest } from "electron";
import type { Log } from "../core/ports.ts";
import { isSamePlace } from "./sender.ts";

/**
 * What the page, and any page that might one day take its place, cannot do. Everything is refused; the exceptions are
 * written here. Each part takes only what it needs of Electron, so that a test can hand it the same.
 *
 * SECURITY: checklist 11 to 20.
 */

type Permission = Parameters<Parameters<WebContents["session"]["setPermissionRequestHandler"]>[0] & object>[1];

/** Copying what a person selects or a button names. Reading the clipboard is not in it. */
const allowedPermissions: ReadonlySet<Permission> = new Set<Permission>(["clipboard-sanitized-write"]);

export type GuardedSession = Pick<
  Session,
  | "setPermissionRequestHandler"
  | "setPermissionCheckHandler"
  | "setDevicePermissionHandler"
  | "setDisplayMediaRequestHandler"
  | "setUSBProtectedClassesHandler"
  | "setBluetoothPairingHandler"
  | "setSpellCheckerEnabled"
> & {
  readonly webRequest: Pick<WebRequest, "onBeforeRequest">;
  on(event: "will-download", listener: (event: Event) => void): unknown;
  on(
    event: "select-hid-device",
    listener: (event: Event, details: unknown, choose: (deviceId?: string | null) => void) => void,
  ): unknown;
  on(
    event: "select-usb-device",
    listener: (event: Event, details: unknown, choose: (deviceId?: string) => void) => void,
  ): unknown;
  on(
    event: "select-serial-port",
    listener: (event: Event, ports: unknown, contents: unknown, choose: (portId: string) => void) => void,
  ): unknown;
};

/** Only requests to `homes` (scheme and host) leave; none at all when there is no home. */
export function guardSession(session: GuardedSession, homes: readonly string[], log: Log): void {
  // Both are needed: without the first Electron grants every request, without the second every check.
  session.setPermissionRequestHandler((_contents, permission, decide) => {
    const allowed = allowedPermissions.has(permission);
    if (!allowed) log("warn", "guard.permission-refused", { permission });
    decide(allowed);
  });
  session.setPermissionCheckHandler((_contents, permission) => allowedPermissions.has(permission));

  session.setDevicePermissionHandler(() => false);
  session.setDisplayMediaRequestHandler((_request, choose) => choose(null));
  session.setUSBProtectedClassesHandler(({ protectedClasses }) => protectedClasses);
  session.setBluetoothPairingHandler((_details, answer) => answer({ confirmed: false }));
  session.on("select-hid-device", (event, _details, choose) => {
    event.preventDefault();
    choose(null);
  });
  session.on("select-usb-device", (event, _details, choose) => {
    event.preventDefault();
    choose();
  });
  session.on("select-serial-port", (event, _ports, _contents, choose) => {
    event.preventDefault();
    // An empty text is how Electron spells "none".
    choose("");
  });

  session.on("will-download", (event) => {
    event.preventDefault();
    log("warn", "guard.download-refused");
  });

  // A page without network has nowhere to send what it sees, whatever gets into it.
  session.webRequest.onBeforeRequest((details, decide) => {
    const allowed = homes.some((home) => isSamePlace(details.url, home));
    if (!allowed) log("warn", "guard.request-refused", { kind: details.resourceType });
    decide({ cancel: !allowed });
  });

  // On, it fetches dictionaries from a server of Google's.
  session.setSpellCheckerEnabled(false);
}

type Navigation = Event & { readonly url: string };

export type GuardedContents = Pick<WebContents, "setWindowOpenHandler"> & {
  on(event: "will-navigate" | "will-frame-navigate" | "will-redirect", listener: (event: Navigation) => void): unknown;
  on(event: "will-attach-webview", listener: (event: Event) => void): unknown;
  on(
    event: "select-bluetooth-device",
    listener: (event: Event, devices: unknown, choose: (deviceId: string) => void) => void,
  ): unknown;
};

/**
 * The page is loaded once, by main. Nothing in it leads anywhere else: no link, script, form, redirect, drop, frame or
 * window. In development the page may load itself again, from the server at `developmentServer`.
 */
export function guardContents(contents: GuardedContents, developmentServer: string | null, log: Log): void {
  const refuse = (event: Navigation): void => {
    if (developmentServer !== null && isSamePlace(event.url, developmentServer)) return;
    event.preventDefault();
    log("warn", "guard.navigation-refused");
  };
  contents.on("will-navigate", refuse);
  contents.on("will-frame-navigate", refuse);
  contents.on("will-redirect", refuse);
  contents.setWindowOpenHandler(() => {
    log("warn", "guard.window-refused");
    return { action: "deny" };
  });
  contents.on("will-attach-webview", (event) => {
    event.preventDefault();
    log("warn", "guard.webview-refused");
  });
  contents.on("select-bluetooth-device", (event, _devices, choose) => {
    event.preventDefault();
    choose("");
  });
}

export type GuardedApp = {
  on(event: "web-contents-created", listener: (event: Event, contents: GuardedContents) => void): unknown;
  on(
    event: "certificate-error",
    listener: (
      event: Event,
      contents: unknown,
      url: string,
      error: string,
      certificate: unknown,
      trust: (isTrusted: boolean) => void,
    ) => void,
  ): unknown;
  on(
    event: "select-client-certificate",
    listener: (
      event: Event,
      contents: unknown,
      url: string,
      certificates: unknown,
      choose: (certificate?: Electron.Certificate) => void,
    ) => void,
  ): unknown;
};

/** Before the first window: what is created from now on is guarded, windows that others add later included. */
export function guardApp(app: GuardedApp, developmentServer: string | null, log: Log): void {
  app.on("web-contents-created", (_event, contents) => guardContents(contents, developmentServer, log));
  app.on("certificate-error", (event, _contents, _url, error, _certificate, trust) => {
    event.preventDefault();
    log("error", "guard.certificate-refused", { error });
    trust(false);
  });
  // Left alone, Electron sends the first certificate of the store to whoever asks.
  app.on("select-client-certificate", (event, _contents, _url, _certificates, choose) => {
    event.preventDefault();
    choose();
  });
}
