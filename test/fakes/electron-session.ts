import type { Session } from "electron";
import type { PageRequest } from "../../src/main/app-protocol.ts";
import type { PageSession } from "../../src/main/electron-parts.ts";
import { Events } from "./electron-events.ts";

/** A session that keeps what it is told to allow, and answers by it. */

type Handler<Name extends keyof Session> = Session[Name] extends (handler: infer Given, ...rest: never[]) => unknown
  ? Exclude<Given, null> | undefined
  : never;

type RequestDecision = { readonly cancel?: boolean };
type RequestListener = (
  details: { readonly url: string; readonly resourceType: string },
  decide: (decision: RequestDecision) => void,
) => void;

export class FakeSession extends Events implements PageSession {
  permissionRequest: Handler<"setPermissionRequestHandler">;
  permissionCheck: Handler<"setPermissionCheckHandler">;
  devicePermission: Handler<"setDevicePermissionHandler">;
  displayMedia: Handler<"setDisplayMediaRequestHandler">;
  protectedClasses: Handler<"setUSBProtectedClassesHandler">;
  bluetoothPairing: Handler<"setBluetoothPairingHandler">;
  spellChecker = true;
  readonly schemes = new Map<string, (request: PageRequest) => Promise<Response>>();
  #onBeforeRequest: RequestListener | undefined;

  setPermissionRequestHandler(handler: FakeSession["permissionRequest"] | null): void {
    this.permissionRequest = handler ?? undefined;
  }
  setPermissionCheckHandler(handler: FakeSession["permissionCheck"] | null): void {
    this.permissionCheck = handler ?? undefined;
  }
  setDevicePermissionHandler(handler: FakeSession["devicePermission"] | null): void {
    this.devicePermission = handler ?? undefined;
  }
  setDisplayMediaRequestHandler(handler: FakeSession["displayMedia"] | null): void {
    this.displayMedia = handler ?? undefined;
  }
  setUSBProtectedClassesHandler(handler: FakeSession["protectedClasses"] | null): void {
    this.protectedClasses = handler ?? undefined;
  }
  setBluetoothPairingHandler(handler: FakeSession["bluetoothPairing"] | null): void {
    this.bluetoothPairing = handler ?? undefined;
  }
  async resolveProxy(): Promise<string> {
    return "DIRECT";
  }
  setSpellCheckerEnabled(enabled: boolean): void {
    this.spellChecker = enabled;
  }
  readonly webRequest = {
    onBeforeRequest: (...given: readonly unknown[]): void => {
      this.#onBeforeRequest = given.at(-1) as RequestListener;
    },
  };
  readonly protocol = {
    handle: (scheme: string, handler: (request: PageRequest) => Promise<Response>): void => {
      this.schemes.set(scheme, handler);
    },
  };

  /** What becomes of a request for this address. Electron lets through what nobody asks about. */
  request(url: string): "sent" | "cancelled" {
    let decision: RequestDecision = {};
    this.#onBeforeRequest?.({ url, resourceType: "other" }, (made) => {
      decision = made;
    });
    return decision.cancel === true ? "cancelled" : "sent";
  }
}
