import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import type { Credential } from "../../src/contract/enrolment.ts";
import { enrolmentOptionsSchema } from "../../src/contract/enrolment.ts";
import { enrolmentChannels } from "../../src/contract/enrolment-channels.ts";
import type { Outcome } from "../../src/contract/errors.ts";
import type { CreationOptions } from "../../src/core/fido2/options.ts";
import type { CeremonyRequest } from "../../src/core/ports.ts";
import { createCeremony, type EnrolmentParts } from "../../src/main/enrolment-window.ts";
import { fakeEvent } from "../fakes/electron-events.ts";
import { fakeEnrolment, otherContents } from "../fakes/enrolment-electron.ts";
import { recordingLog } from "../fakes/log.ts";
import { manualClock } from "../fakes/manual-clock.ts";
import { seededRandom } from "../fakes/random.ts";

const origin = "https://app.pingone.eu";
const timeoutMs = 120_000;

const options: CreationOptions = {
  rp: { id: "pingone.eu", name: "PingOne" },
  user: { id: "0zqjAvB1JIo", name: "ada.lovelace", displayName: "Ada Lovelace" },
  challenge: "c2VjcmV0LWNoYWxsZW5nZS0xMjM0",
  pubKeyCredParams: [{ type: "public-key", alg: -7 }],
  excludeCredentials: [],
  authenticatorSelection: {
    authenticatorAttachment: "cross-platform",
    residentKey: "required",
    requireResidentKey: true,
    userVerification: "required",
  },
  attestation: "direct",
};

const credential: Credential = {
  id: "aWQ",
  rawId: "aWQ",
  type: "public-key",
  authenticatorAttachment: "cross-platform",
  clientExtensionResults: {},
  response: { clientDataJSON: "e30", attestationObject: "o2M", transports: ["usb"] },
};
const created = { outcome: "created", credential } as const;

/** The main process with everything of Electron in a fake, and a clock that stands until it is moved. */
function enrolment(changes: Partial<EnrolmentParts> = {}) {
  const electron = fakeEnrolment();
  const clock = manualClock();
  const { log, lines } = recordingLog();
  const ceremony = createCeremony({
    ...electron,
    parent: () => null,
    appearance: () => ({ theme: "dark", dark: true }),
    readPage: async () => ({ document: "the document", script: "the script" }),
    preload: "/app/out/preload/enrolment.cjs",
    platform: "linux",
    clock,
    random: seededRandom(),
    log,
    ...changes,
  });
  const begin = (request: Partial<CeremonyRequest> = {}) =>
    ceremony({ origin, options, wanted: "key", timeoutMs, signal: new AbortController().signal, ...request });

  /** Until the window is there, or the ceremony has ended without one. */
  const open = async (request: Partial<CeremonyRequest> = {}) => {
    const before = electron.windows.length;
    const outcome = begin(request);
    for (let turn = 0; turn < 20 && electron.windows.length === before; turn += 1) await Promise.resolve();
    return { outcome };
  };
  return { ...electron, clock, lines, begin, open };
}

const codeOf = async (outcome: Promise<Outcome<unknown>>): Promise<string> => {
  const ended = await outcome;
  return ended.ok ? "created" : ended.error.code;
};

/** Nothing of a ceremony is left: no call, no window, no session that could answer or send. */
function expectGone({ channels, windows, sessions, clock }: ReturnType<typeof enrolment>) {
  expect(channels()).toEqual([]);
  expect(clock.waiting()).toBe(0);
  for (const window of windows) expect(window.isDestroyed()).toBe(true);
  for (const { session } of sessions.values()) {
    expect([...session.schemes]).toEqual([]);
    expect(session.cleared).toBe(1);
    expect(session.request(`${origin}/`)).toBe("cancelled");
  }
}

describe("a ceremony from start to end", () => {
  test("the page gets the options, gives a credential, and everything is gone", async () => {
    const main = enrolment();
    const { outcome } = await main.open();
    expect(main.window().loaded).toBe(`${origin}/`);
    expect(main.window().visible).toBe(false);
    main.clock.advance(2_000);
    const given = await main.ask();
    expect(main.window().visible).toBe(true);
    expect(given).toEqual({
      ok: true,
      value: {
        publicKey: { ...options, timeout: timeoutMs },
        wanted: "key",
        timeoutMs,
        timeLeftMs: 118_000,
        theme: "dark",
        words: expect.objectContaining({ about: "For ada.lovelace at pingone.eu" }),
      },
    });
    expect(await main.say(created)).toEqual({ ok: true, value: null });
    expect(await outcome).toEqual({ ok: true, value: credential });
    expectGone(main);
  });

  test("what leaves main is what the contract describes", async () => {
    const main = enrolment({ platform: "win32" });
    const { outcome } = await main.open({ wanted: "platform" });
    const given = await main.ask();
    expect(enrolmentOptionsSchema.safeParse((given as { value: unknown }).value).success).toBe(true);
    await main.say(created);
    await outcome;
  });

  test("the log names the relying party and the end, never the person or a challenge", async () => {
    const main = enrolment();
    const { outcome } = await main.open();
    await main.ask();
    await main.say({ outcome: "refused", name: "NotAllowedError" });
    await outcome;
    expect(main.lines.map(({ event, fields }) => [event, fields])).toEqual([
      ["enrolment.opened", { relyingPartyId: "pingone.eu", wanted: "key" }],
      ["enrolment.ended", { outcome: "key-refused" }],
    ]);
  });

  test("each has a session of its own, in memory and without cache; the next finds nothing of the last", async () => {
    const main = enrolment();
    for (const _turn of [1, 2, 3]) {
      const { outcome } = await main.open();
      await main.say(created);
      expect(await codeOf(outcome)).toBe("created");
      expectGone(main);
    }
    expect(main.sessions.size).toBe(3);
    for (const [name, { cache }] of main.sessions) {
      expect(name).toMatch(/^enrolment-[0-9a-f-]{36}$/);
      expect(cache).toBe(false);
    }
    expect(main.windows.map(({ options: { webPreferences } }) => webPreferences?.partition)).toEqual([
      ...main.sessions.keys(),
    ]);
  });

  test("there is one at a time", async () => {
    const main = enrolment();
    const { outcome } = await main.open();
    expect(await codeOf(main.begin())).toBe("ceremony-failed");
    expect(main.windows).toHaveLength(1);
    await main.say(created);
    expect(await codeOf(outcome)).toBe("created");
  });
});

describe("the window", () => {
  test("1, 7, 8: is made with every switch written out", async () => {
    const parent = {} as Electron.BaseWindow;
    const main = enrolment({ parent: () => parent });
    const { outcome } = await main.open();
    const [partition] = main.sessions.keys();
    expect(main.window().options).toEqual({
      title: "DeskPair",
      width: 420,
      height: 300,
      useContentSize: true,
      minWidth: 320,
      minHeight: 240,
      minimizable: false,
      maximizable: false,
      fullscreenable: false,
      show: false,
      autoHideMenuBar: true,
      backgroundColor: "#16181d",
      parent,
      modal: true,
      webPreferences: {
        partition,
        preload: "/app/out/preload/enrolment.cjs",
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        nodeIntegrationInWorker: false,
        nodeIntegrationInSubFrames: false,
        webSecurity: true,
        allowRunningInsecureContent: false,
        experimentalFeatures: false,
        webviewTag: false,
        plugins: false,
        navigateOnDragDrop: false,
        enableWebSQL: false,
        webgl: false,
        spellcheck: false,
        disableDialogs: true,
        autoplayPolicy: "document-user-activation-required",
        devTools: false,
      },
    });
    expect(main.window().options.parent).toBe(parent);
    main.window().close();
    await outcome;
  });

  test("stands on its own where there is no other", async () => {
    const main = enrolment();
    const { outcome } = await main.open();
    expect(main.window().options).not.toHaveProperty("parent");
    expect(main.window().options).not.toHaveProperty("modal");
    main.window().close();
    await outcome;
  });

  test("13, 14, 15: leads nowhere", async () => {
    const main = enrolment();
    const { outcome } = await main.open();
    const { webContents } = main.window();
    for (const name of ["will-navigate", "will-frame-navigate", "will-redirect", "will-attach-webview"]) {
      const event = fakeEvent({ url: `${origin}/` });
      expect(webContents.emit(name, event)).toBe(true);
      expect([name, event.defaultPrevented]).toEqual([name, true]);
    }
    expect(webContents.openWindow(`${origin}/`)).toBe("deny");
    const download = fakeEvent();
    main.latestSession().emit("will-download", download);
    expect(download.defaultPrevented).toBe(true);
    main.window().close();
    await outcome;
  });

  test("16: no request leaves but to its own place, which answers from memory", async () => {
    const main = enrolment();
    const { outcome } = await main.open();
    const session = main.latestSession();
    expect([...session.schemes.keys()]).toEqual(["https"]);
    expect(session.request(`${origin}/`)).toBe("sent");
    for (const url of [
      "https://pingone.eu/.well-known/webauthn",
      "https://collector.example/",
      "https://app.pingone.eu:8443/",
      "http://app.pingone.eu/",
      "wss://app.pingone.eu/",
      "http://127.0.0.1:9410/",
      "file:///etc/passwd",
      "data:text/html,x",
      "blob:https://app.pingone.eu/x",
      "app://deskpair/index.html",
      "devtools://devtools/x",
    ]) {
      expect([url, session.request(url)]).toEqual([url, "cancelled"]);
    }
    const response = await session.schemes.get("https")?.({ url: `${origin}/`, method: "GET" });
    expect([response?.status, await response?.text()]).toEqual([200, "the document"]);
    main.window().close();
    await outcome;
  });

  test("11: has no permission at all, by Electron's own list", async () => {
    const main = enrolment();
    const { outcome } = await main.open();
    const { permissionRequest, permissionCheck } = main.latestSession();
    const declarations = await readFile(new URL("../../node_modules/electron/electron.d.ts", import.meta.url), "utf8");
    for (const handler of ["setPermissionRequestHandler", "setPermissionCheckHandler"]) {
      const line = declarations.split("\n").find((each) => each.trimStart().startsWith(`${handler}(`)) ?? "";
      const names = [...line.matchAll(/'([a-zA-Z-]+)'/g)].map(([, name]) => name);
      expect(names.length).toBeGreaterThan(40);
      // WebAuthn is none of them, so nothing has to be let through for it.
      expect(names.filter((name) => /publickey|webauthn|credential/i.test(name ?? ""))).toEqual([]);
      for (const name of [...names, "a name that comes one day"]) {
        let decision: boolean | undefined;
        permissionRequest?.(
          {} as Electron.WebContents,
          name as never,
          (made) => {
            decision = made;
          },
          { isMainFrame: true, requestingUrl: `${origin}/` },
        );
        expect([name, decision]).toEqual([name, false]);
        expect(permissionCheck?.(null, name as never, origin, { isMainFrame: true })).toBe(false);
      }
    }
    main.window().close();
    await outcome;
  });
});

describe("nothing is opened", () => {
  test.each([
    ["http://app.pingone.eu", "pingone.eu"],
    ["https://app.pingone.eu", "pingone.com"],
    ["https://app.pingone.eu", "eu"],
    ["https://127.0.0.1", "127.0.0.1"],
  ])("at %s for %s", async (place, id) => {
    const main = enrolment();
    const outcome = await main.begin({ origin: place, options: { ...options, rp: { id, name: id } } });
    expect(outcome).toMatchObject({ ok: false, error: { code: "ceremony-failed" } });
    expect([main.windows, main.sessions.size, main.channels()]).toEqual([[], 0, []]);
  });

  test("for somebody who has cancelled", async () => {
    const main = enrolment();
    expect(await codeOf(main.begin({ signal: AbortSignal.abort() }))).toBe("cancelled");
    expect(main.windows).toEqual([]);
  });

  test("for options that the contract does not know", async () => {
    const main = enrolment();
    const strange = { ...options, challenge: "not base64url!" };
    expect(await codeOf(main.begin({ options: strange }))).toBe("ceremony-failed");
    expect(main.windows).toEqual([]);
  });

  test("without the page", async () => {
    const main = enrolment({ readPage: () => Promise.reject(new Error("ENOENT /secret/place/index.html")) });
    expect(await main.begin()).toEqual({
      ok: false,
      error: { code: "ceremony-failed", problem: "its window could not be opened" },
    });
    expect(JSON.stringify(main.lines)).not.toContain("secret");
  });

  test("where Electron cannot make a window; what was made before is gone", async () => {
    const main = enrolment({
      BrowserWindow: function noDisplay() {
        throw new Error("no display");
      } as never,
    });
    expect(await codeOf(main.begin())).toBe("ceremony-failed");
    expectGone(main);
    expect(main.sessions.size).toBe(1);
  });
});

describe("23: only this window's page is heard", () => {
  const url = `${origin}/`;
  const strangers: Readonly<Record<string, { readonly sender?: unknown; readonly senderFrame?: never }>> = {
    "a frame that is gone": { senderFrame: null as never },
    "a sub-frame": { senderFrame: { url, parent: {} } as never },
    "another host": { senderFrame: { url: "https://collector.example/", parent: null } as never },
    "the relying party's own host": { senderFrame: { url: "https://pingone.eu/", parent: null } as never },
    "another port": { senderFrame: { url: "https://app.pingone.eu:8443/", parent: null } as never },
    "plain http": { senderFrame: { url: "http://app.pingone.eu/", parent: null } as never },
    "a blank page": { senderFrame: { url: "about:blank", parent: null } as never },
    "the main window": {
      sender: otherContents(),
      senderFrame: { url: "app://deskpair/index.html", parent: null } as never,
    },
    "another window at the same place": { sender: otherContents() },
    "a frame that throws": {
      senderFrame: {
        get url() {
          throw new Error("Render frame was disposed");
        },
        parent: null,
      } as never,
    },
  };

  test.each(Object.keys(strangers))("not %s", async (name) => {
    const main = enrolment();
    const { outcome } = await main.open();
    const as = strangers[name] ?? {};
    const refused = { ok: false, error: { code: "message-refused", reason: "untrusted-sender" } };
    expect(await main.ask([], as)).toEqual(refused);
    expect(main.window().visible).toBe(false);
    expect(await main.say(created, as)).toEqual(refused);
    expect(await main.say({ outcome: "cancelled" }, as)).toEqual(refused);
    expect(main.lines.filter(({ level }) => level === "warn").map(({ event, fields }) => [event, fields])).toEqual(
      [enrolmentChannels.options, enrolmentChannels.result, enrolmentChannels.result].map((channel) => [
        "ipc.refused",
        { channel, reason: "untrusted-sender" },
      ]),
    );
    // It goes on as if nothing had been said.
    await main.say(created);
    expect(await codeOf(outcome)).toBe("created");
  });
});

describe("a result", () => {
  test("is heard once", async () => {
    const main = enrolment();
    const { outcome } = await main.open();
    const [first, second] = await Promise.all([main.say({ outcome: "cancelled" }), main.say(created)]);
    expect(first).toEqual({ ok: true, value: null });
    expect(second).toMatchObject({ ok: false, error: { code: "message-refused" } });
    expect(await codeOf(outcome)).toBe("cancelled");
    await expect(main.say(created)).rejects.toThrow("No handler registered");
    await expect(main.ask()).rejects.toThrow("No handler registered");
  });

  const garbage: Readonly<Record<string, readonly [unknown, reason: string]>> = {
    nothing: [undefined, "malformed"],
    "a text": ["created", "malformed"],
    "an unknown outcome": [{ outcome: "done" }, "malformed"],
    "an extra member": [{ ...created, token: "x" }, "malformed"],
    "an extra member inside": [{ ...created, credential: { ...credential, publicKey: "x" } }, "malformed"],
    "a missing member": [{ outcome: "created", credential: { ...credential, rawId: undefined } }, "malformed"],
    "another kind of credential": [{ ...created, credential: { ...credential, type: "password" } }, "malformed"],
    "bytes that are none": [{ ...created, credential: { ...credential, id: "not/base64url=" } }, "malformed"],
    "an unknown extension": [
      { ...created, credential: { ...credential, clientExtensionResults: { largeBlob: { supported: true } } } },
      "malformed",
    ],
    "a name that is a sentence": [{ outcome: "refused", name: "see https://collector.example" }, "malformed"],
    "a name that is long": [{ outcome: "refused", name: "E".repeat(41) }, "malformed"],
    "more than an attestation can be": [
      { ...created, credential: { ...credential, rawId: "A".repeat(131_072) } },
      "too-large",
    ],
    "very many members": [Array.from({ length: 131_072 }, () => 0), "too-large"],
  };
  test.each(Object.keys(garbage))("that is %s is refused, and ends it", async (name) => {
    const main = enrolment();
    const { outcome } = await main.open();
    const [result, reason] = garbage[name] ?? [];
    expect(await main.say(result)).toEqual({ ok: false, error: { code: "message-refused", reason } });
    expect(await codeOf(outcome)).toBe("ceremony-failed");
    expectGone(main);
    // The reason, never what was sent.
    expect(JSON.stringify(main.lines)).not.toContain("collector.example");
  });

  test("of a real attestation with a long chain of certificates is taken", async () => {
    const main = enrolment();
    const { outcome } = await main.open();
    const response = { ...credential.response, attestationObject: "A".repeat(100_000) };
    expect(await main.say({ ...created, credential: { ...credential, response } })).toEqual({ ok: true, value: null });
    expect(await codeOf(outcome)).toBe("created");
  });

  test("with the question for the options holds nothing", async () => {
    const main = enrolment();
    const { outcome } = await main.open();
    expect(await main.ask(["more"])).toEqual({ ok: false, error: { code: "message-refused", reason: "malformed" } });
    expect(main.window().visible).toBe(false);
    main.window().close();
    await outcome;
  });
});

describe("how a ceremony ends", () => {
  const names: readonly (readonly [name: string, error: object])[] = [
    ["NotAllowedError", { code: "key-refused" }],
    ["InvalidStateError", { code: "key-already-registered" }],
    ["AbortError", { code: "cancelled" }],
    ["SecurityError", { code: "ceremony-failed", problem: "the browser refused it (SecurityError)" }],
    ["NotSupportedError", { code: "ceremony-failed", problem: "the browser refused it (NotSupportedError)" }],
    ["ConstraintError", { code: "ceremony-failed", problem: "the browser refused it (ConstraintError)" }],
    ["UnknownError", { code: "ceremony-failed", problem: "the browser refused it (UnknownError)" }],
    ["TypeError", { code: "ceremony-failed", problem: "the browser refused it (TypeError)" }],
  ];
  test.each(names)("%s of WebAuthn", async (name, error) => {
    const main = enrolment();
    const { outcome } = await main.open();
    await main.say({ outcome: "refused", name });
    expect(await outcome).toEqual({ ok: false, error });
    expectGone(main);
  });

  test("Cancel in the window", async () => {
    const main = enrolment();
    const { outcome } = await main.open();
    await main.say({ outcome: "cancelled" });
    expect(await codeOf(outcome)).toBe("cancelled");
    expectGone(main);
  });

  test("the person closes the window", async () => {
    const main = enrolment();
    const { outcome } = await main.open();
    await main.ask();
    main.window().close();
    expect(await codeOf(outcome)).toBe("cancelled");
    expectGone(main);
  });

  test("the pairing is cancelled elsewhere, or the app quits", async () => {
    const main = enrolment();
    const cancelled = new AbortController();
    const { outcome } = await main.open({ signal: cancelled.signal });
    await main.ask();
    cancelled.abort();
    expect(await codeOf(outcome)).toBe("cancelled");
    expectGone(main);
  });

  test.each(["render-process-gone", "preload-error"])("%s", async (event) => {
    const main = enrolment();
    const { outcome } = await main.open();
    main.window().webContents.emit(event);
    expect(await codeOf(outcome)).toBe("ceremony-failed");
    expectGone(main);
  });

  test("the page cannot be loaded", async () => {
    const main = enrolment();
    main.breakPages();
    const { outcome } = await main.open();
    expect(await outcome).toEqual({
      ok: false,
      error: { code: "ceremony-failed", problem: "its page could not be loaded" },
    });
    expectGone(main);
  });

  test.each([
    ["never asks", false],
    ["never answers", true],
  ])("the page %s, and the time is over", async (_name, asks) => {
    const main = enrolment();
    const { outcome } = await main.open();
    if (asks) await main.ask();
    main.clock.advance(timeoutMs - 1);
    expect(main.window().isDestroyed()).toBe(false);
    main.clock.advance(1);
    expect(await outcome).toEqual({ ok: false, error: { code: "key-timed-out", seconds: 120 } });
    expectGone(main);
  });

  test("the authenticator gives up when the time is over: that is the time, not a refusal", async () => {
    // The limit's own alarm is late, as on a computer that has slept.
    const clock = manualClock();
    const main = enrolment({ clock: { ...clock, wait: () => new Promise(() => {}) } });
    const { outcome } = await main.open();
    clock.advance(timeoutMs);
    await main.say({ outcome: "refused", name: "NotAllowedError" });
    expect(await outcome).toEqual({ ok: false, error: { code: "key-timed-out", seconds: 120 } });
  });

  test("a credential that comes in the same moment counts", async () => {
    const main = enrolment();
    const { outcome } = await main.open();
    const said = main.say(created);
    main.clock.advance(timeoutMs);
    main.window().close();
    await said;
    expect(await codeOf(outcome)).toBe("created");
    expectGone(main);
  });
});
