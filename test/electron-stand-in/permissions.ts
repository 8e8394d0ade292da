import type * as Electron from "electron";
import { originOf, toAlias } from "./aliases.ts";
import { browser } from "./browser.ts";
import { ignoreGone } from "./devtools.ts";
import { note } from "./record.ts";

type CheckHandler = NonNullable<Parameters<Electron.Session["setPermissionCheckHandler"]>[0]>;
type RequestHandler = NonNullable<Parameters<Electron.Session["setPermissionRequestHandler"]>[0]>;
type Permission = Parameters<CheckHandler>[1];

type Known = {
  readonly electron: Permission;
  /** https://chromedevtools.github.io/devtools-protocol/tot/Browser/#type-PermissionDescriptor */
  readonly chromium: { readonly name: string; readonly sysex?: boolean; readonly allowWithoutSanitization?: boolean };
  readonly mediaType?: "video" | "audio";
};

const known: readonly Known[] = [
  { electron: "geolocation", chromium: { name: "geolocation" } },
  { electron: "notifications", chromium: { name: "notifications" } },
  { electron: "media", chromium: { name: "camera" }, mediaType: "video" },
  { electron: "media", chromium: { name: "microphone" }, mediaType: "audio" },
  { electron: "midi", chromium: { name: "midi" } },
  { electron: "midiSysex", chromium: { name: "midi", sysex: true } },
  { electron: "clipboard-read", chromium: { name: "clipboard-read", allowWithoutSanitization: true } },
  { electron: "clipboard-sanitized-write", chromium: { name: "clipboard-write" } },
  { electron: "idle-detection", chromium: { name: "idle-detection" } },
  { electron: "persistent-storage", chromium: { name: "persistent-storage" } },
  { electron: "background-sync", chromium: { name: "background-sync" } },
  { electron: "screen-wake-lock", chromium: { name: "screen-wake-lock" } },
  { electron: "window-management", chromium: { name: "window-management" } },
  { electron: "local-fonts", chromium: { name: "local-fonts" } },
  { electron: "display-capture", chromium: { name: "display-capture" } },
  { electron: "storage-access", chromium: { name: "storage-access" } },
  { electron: "local-network-access", chromium: { name: "local-network-access" } },
  { electron: "payment-handler", chromium: { name: "payment-handler" } },
  { electron: "sensors", chromium: { name: "accelerometer" } },
];

/** The permission handlers of one session. */
export type Permissions = {
  readonly members: Pick<Electron.Session, "setPermissionCheckHandler" | "setPermissionRequestHandler">;
  /** Makes Chromium's answers for the origin of this document those of the app. To be done before it loads. */
  readonly apply: (document: {
    readonly url: string;
    readonly isMainFrame: boolean;
    readonly contents: Electron.WebContents;
  }) => Promise<void>;
};

/**
 * Chromium cannot ask at the moment when a page wants something, as Electron does. So the handlers are asked beforehand,
 * once per document and for every permission that Chromium can be told about, and a permission is granted when both
 * agree. Without handlers everything is granted, which is Electron's default.
 */
export function createPermissions(owner: () => object): Permissions {
  let check: CheckHandler | null = null;
  let request: RequestHandler | null = null;
  const told = new Map<string, string>();

  const tell = async (origin: string, { chromium }: Known, setting: "granted" | "denied"): Promise<void> => {
    const key = `${origin} ${JSON.stringify(chromium)}`;
    if (told.get(key) === setting) return;
    told.set(key, setting);
    const browserContextId = await browser().contextOf(owner());
    await browser()
      .devtools.send("Browser.setPermission", {
        permission: chromium,
        setting,
        origin: new URL(toAlias(`${origin}/`)).origin,
        ...(browserContextId === undefined ? {} : { browserContextId }),
      })
      .catch(ignoreGone);
  };

  return {
    members: {
      setPermissionCheckHandler: (handler) => {
        check = handler;
      },
      setPermissionRequestHandler: (handler) => {
        request = handler;
      },
    },
    apply: async ({ url, isMainFrame, contents }) => {
      const origin = originOf(url);
      if (origin === "null") return;
      const settings: Record<string, string> = {};
      const pending = known.map((permission) => {
        const { electron, chromium, mediaType } = permission;
        const media = mediaType ? { mediaType, securityOrigin: `${origin}/` } : {};
        const checked =
          check?.(contents, electron, `${origin}/`, { requestingUrl: url, isMainFrame, ...media }) ?? true;
        // An answer that comes later counts from then on; until then the permission is denied.
        let setting: "granted" | "denied" = checked && !request ? "granted" : "denied";
        let asking = true;
        if (checked && request) {
          const details = mediaType
            ? { requestingUrl: url, isMainFrame, mediaTypes: [mediaType] }
            : { requestingUrl: url, isMainFrame };
          request(
            contents,
            electron,
            (granted) => {
              setting = granted ? "granted" : "denied";
              if (!asking) void tell(origin, permission, setting);
            },
            details,
          );
        }
        asking = false;
        settings[chromium.sysex ? "midi-sysex" : chromium.name] = setting;
        return tell(origin, permission, setting);
      });
      note("permissions", origin, settings);
      await Promise.all(pending);
    },
  };
}
