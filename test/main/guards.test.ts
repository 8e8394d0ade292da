import { readFile } from "node:fs/promises";
import { beforeEach, describe, expect, test } from "vitest";
import type { LogFields } from "../../src/core/ports.ts";
import { guardApp, guardContents, guardSession } from "../../src/main/guards.ts";
import { FakeElectron } from "../fakes/electron.ts";
import { fakeEvent } from "../fakes/electron-events.ts";
import { FakeSession } from "../fakes/electron-session.ts";
import { FakeContents } from "../fakes/electron-window.ts";

const home = "app://deskpair/index.html";
const lines: [string, LogFields | undefined][] = [];
const log = (_level: string, event: string, fields?: LogFields): void => {
  lines.push([event, fields]);
};
beforeEach(() => {
  lines.length = 0;
});

function guardedSession(homes: readonly string[] = [home]): FakeSession {
  const session = new FakeSession();
  guardSession(session, homes, log);
  return session;
}

/** The names that Electron itself declares, so that a permission of the next version is in the test by itself. */
async function permissionNames(handler: string): Promise<string[]> {
  const declarations = await readFile(new URL("../../node_modules/electron/electron.d.ts", import.meta.url), "utf8");
  const declaration = declarations.split("\n").find((line) => line.trimStart().startsWith(`${handler}(`)) ?? "";
  const union = /permission: ((?:'[^']+'(?: \| )?)+)/.exec(declaration)?.[1] ?? "";
  return union.split(" | ").map((name) => name.slice(1, -1));
}

describe("11: permissions", () => {
  test("every request of Electron's list is refused but the one", async () => {
    const names = await permissionNames("setPermissionRequestHandler");
    expect(names.length).toBeGreaterThan(40);
    const { permissionRequest } = guardedSession();
    const granted = names.filter((name) => {
      let decision: boolean | undefined;
      permissionRequest?.(
        {} as Electron.WebContents,
        name as never,
        (given) => {
          decision = given;
        },
        { isMainFrame: true, requestingUrl: home },
      );
      expect(decision).toBeTypeOf("boolean");
      return decision;
    });
    expect(granted).toEqual(["clipboard-sanitized-write"]);
  });

  test("and so is every check", async () => {
    const names = await permissionNames("setPermissionCheckHandler");
    expect(names.length).toBeGreaterThan(40);
    const { permissionCheck } = guardedSession();
    const granted = names.filter((name) =>
      permissionCheck?.(null, name as never, home, { isMainFrame: true, requestingUrl: home }),
    );
    expect(granted).toEqual(["clipboard-sanitized-write"]);
  });

  test("a name that Electron adds one day is refused", () => {
    expect(guardedSession().permissionCheck?.(null, "mind-reading" as never, home, { isMainFrame: true })).toBe(false);
  });
});

describe("12: devices", () => {
  test("no device is granted, no screen is shared, no Bluetooth pairing confirmed, no protected class opened", () => {
    const session = guardedSession();
    expect(session.devicePermission?.({ deviceType: "hid", origin: home, device: {} } as never)).toBe(false);
    let streams: unknown = "undecided";
    session.displayMedia?.({} as Electron.DisplayMediaRequestHandlerHandlerRequest, (given) => {
      streams = given;
    });
    expect(streams).toBeNull();
    let pairing: unknown = "undecided";
    session.bluetoothPairing?.({ deviceId: "d", pairingKind: "confirm", frame: null }, (given) => {
      pairing = given;
    });
    expect(pairing).toEqual({ confirmed: false });
    expect(session.protectedClasses?.({ protectedClasses: ["hid", "smart-card"] })).toEqual(["hid", "smart-card"]);
  });

  test.each([
    ["select-hid-device", [{ deviceList: [{ deviceId: "key-1" }] }], [null]],
    ["select-usb-device", [{ deviceList: [{ deviceId: "key-1" }] }], []],
    ["select-serial-port", [[{ portId: "port-1" }], {}], [""]],
  ])("%s chooses nothing", (name, details, expected) => {
    const session = guardedSession();
    const event = fakeEvent();
    const chosen: unknown[][] = [];
    expect(session.emit(name, event, ...details, (...given: unknown[]) => chosen.push(given))).toBe(true);
    expect([event.defaultPrevented, chosen]).toEqual([true, [expected]]);
  });

  test("select-bluetooth-device chooses nothing", () => {
    const contents = new FakeContents();
    guardContents(contents, null, log);
    const event = fakeEvent();
    const chosen: unknown[] = [];
    expect(contents.emit("select-bluetooth-device", event, [], (id: string) => chosen.push(id))).toBe(true);
    expect([event.defaultPrevented, chosen]).toEqual([true, [""]]);
  });
});

describe("13: navigation", () => {
  const addresses = [
    "https://example.com/",
    "http://localhost:5173/",
    "app://deskpair/index.html",
    "app://other/index.html",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "data:text/html,x",
    "about:blank",
  ];
  test.each(["will-navigate", "will-frame-navigate", "will-redirect"])("%s leads nowhere", (name) => {
    const contents = new FakeContents();
    guardContents(contents, null, log);
    for (const url of addresses) {
      const event = fakeEvent({ url });
      contents.emit(name, event);
      expect([url, event.defaultPrevented]).toEqual([url, true]);
    }
    // The address may hold what somebody typed, so only the fact is written down.
    expect(lines).toEqual(addresses.map(() => ["guard.navigation-refused", undefined]));
  });

  test("in development the page may load itself again, and nothing else", () => {
    const contents = new FakeContents();
    guardContents(contents, "http://localhost:5173/", log);
    const led = ["http://localhost:5173/", "http://localhost:5174/", "https://localhost:5173/"].filter((url) => {
      const event = fakeEvent({ url });
      contents.emit("will-navigate", event);
      return !event.defaultPrevented;
    });
    expect(led).toEqual(["http://localhost:5173/"]);
  });
});

test("14: no window opens, whatever the address", () => {
  const contents = new FakeContents();
  expect(contents.openWindow("https://example.com/")).toBe("allow");
  guardContents(contents, null, log);
  for (const url of ["https://example.com/", "app://deskpair/index.html", "about:blank", "javascript:1"]) {
    expect(contents.openWindow(url)).toBe("deny");
  }
});

test("15: no webview is attached", () => {
  const contents = new FakeContents();
  guardContents(contents, null, log);
  const event = fakeEvent();
  expect(contents.emit("will-attach-webview", event, {}, {})).toBe(true);
  expect(event.defaultPrevented).toBe(true);
});

describe("16: requests", () => {
  const sent = (session: FakeSession, urls: readonly string[]): string[] =>
    urls.filter((url) => session.request(url) === "sent");
  const urls = [
    "app://deskpair/index.html",
    "app://deskpair/assets/index.js",
    "app://deskpair.example.com/index.html",
    "app://other/index.html",
    "https://example.com/",
    "https://deskpair/index.html",
    "http://127.0.0.1:9410/register",
    "http://localhost:5173/main.tsx",
    "ws://localhost:5173/",
    "wss://example.com/",
    "file:///etc/passwd",
    "data:text/plain,x",
    "blob:app://deskpair/1",
    "devtools://devtools/bundled/inspector.html",
    "chrome://version/",
    "ftp://example.com/",
    "not an address",
    "",
  ];

  test("only the page's own files are let through", () => {
    expect(sent(guardedSession(), urls)).toEqual(["app://deskpair/index.html", "app://deskpair/assets/index.js"]);
  });
  test("a session without a home lets nothing through", () => {
    expect(sent(guardedSession([]), urls)).toEqual([]);
  });
  test("what was refused is written down without its address", () => {
    guardedSession().request("https://example.com/?planted-secret");
    expect(lines).toEqual([["guard.request-refused", { kind: "other" }]]);
  });
});

test("18: downloads are refused", () => {
  const event = fakeEvent();
  expect(guardedSession().emit("will-download", event, {}, {})).toBe(true);
  expect(event.defaultPrevented).toBe(true);
});

test("7: the spell checker, which fetches dictionaries, is off", () => {
  expect(guardedSession().spellChecker).toBe(false);
});

describe("the app as a whole", () => {
  const guarded = () => {
    const { app } = new FakeElectron({ folders: { userData: "/nowhere" } });
    guardApp(app, null, log);
    return app;
  };

  test("19: contents that come later are guarded as they come", () => {
    const app = guarded();
    const contents = new FakeContents();
    app.emit("web-contents-created", fakeEvent(), contents);
    const event = fakeEvent({ url: "https://example.com/" });
    contents.emit("will-navigate", event);
    expect([contents.openWindow("https://example.com/"), event.defaultPrevented]).toEqual(["deny", true]);
  });

  test("20: a certificate error stays an error", () => {
    const event = fakeEvent();
    const trusted: boolean[] = [];
    guarded().emit(
      "certificate-error",
      event,
      {},
      "https://example.com/",
      "net::ERR_CERT_AUTHORITY_INVALID",
      {},
      (trust: boolean) => trusted.push(trust),
    );
    expect([event.defaultPrevented, trusted]).toEqual([true, [false]]);
  });

  test("20: no client certificate is sent, page or not", () => {
    const app = guarded();
    for (const contents of [new FakeContents(), null]) {
      const event = fakeEvent();
      const chosen: unknown[][] = [];
      app.emit(
        "select-client-certificate",
        event,
        contents,
        "https://example.com/",
        [{ data: "own" }],
        (...given: unknown[]) => chosen.push(given),
      );
      expect([event.defaultPrevented, chosen]).toEqual([true, [[]]]);
    }
  });
});
