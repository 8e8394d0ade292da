import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { requestNames } from "../../src/contract/channels.ts";
import { defaultSettings } from "../../src/contract/settings.ts";
import type { Snapshot } from "../../src/contract/views.ts";
import { createApp } from "../../src/core/app.ts";
import { usualLogSettings } from "../../src/core/policy/log-settings.ts";
import type { PolicyReading, PolicySource } from "../../src/core/policy/ports.ts";
import { windowOptions } from "../../src/main/window.ts";
import { soundComputer } from "../fakes/doctor-ports.ts";
import { fakeEvent } from "../fakes/electron-events.ts";
import { FakeContents } from "../fakes/electron-window.ts";
import { fakePorts } from "../fakes/ports.ts";
import { type RunOptions, runApp } from "./running-app.ts";

const remove: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const each of remove.splice(0)) await each();
});
async function run(options: RunOptions = {}) {
  const app = await runApp(options);
  remove.push(app.remove);
  return app;
}

describe("before it is ready", () => {
  test("1, 3: the sandbox is on for everything, and the scheme is registered", async () => {
    const { electron } = await run();
    expect(electron.sandboxed).toBe(true);
    expect(electron.schemes).toEqual([{ scheme: "app", privileges: { standard: true, secure: true } }]);
  });

  test.each(["remote-debugging-port", "remote-debugging-pipe"])(
    "8: an installed app that was started with --%s ends at once",
    async (name) => {
      const { electron, composed } = await run({ isPackaged: true, switches: [name] });
      expect([electron.ended, electron.windows, composed]).toEqual([{ how: "exit", code: 1 }, [], []]);
    },
  );

  test("8: one that is not installed starts with it, because tests steer it that way", async () => {
    const { electron } = await run({ isPackaged: false, switches: ["remote-debugging-port"] });
    expect([electron.ended, electron.windows.length]).toEqual([null, 1]);
  });

  test("39: a second instance ends without a window, a log or a file", async () => {
    const { electron, composed, logs } = await run({ firstInstance: false });
    expect(electron.ended).toEqual({ how: "quit", code: 0 });
    expect([electron.windows, composed, logs]).toEqual([[], [], []]);
  });

  test("the identity for the Windows task bar is set on Windows, where alone it exists", async () => {
    expect((await run({ platform: "win32" })).electron.appUserModelId).toBe("DeskPair.DeskPair");
    expect((await run({ platform: "darwin" })).electron.appUserModelId).toBeNull();
  });

  test("a bug that nobody caught is an incident without its words, and no dialog", async () => {
    const { bug, events, lines, electron } = await run();
    bug("uncaughtException", new Error("planted-secret"));
    bug("unhandledRejection", "planted-secret");
    expect(events("error")).toEqual(["app.uncaught", "app.unhandled-rejection"]);
    expect(JSON.stringify(lines)).not.toContain("planted-secret");
    expect([electron.errorBoxes, electron.questions, electron.ended]).toEqual([[], [], null]);
  });
});

describe("the page", () => {
  test("7: lives in a session of its own, in memory and without cache", async () => {
    const { electron } = await run();
    expect([...electron.sessions].map(([name, { cache }]) => [name, cache])).toEqual([["deskpair", false]]);
    expect([...electron.sessions.keys()].some((name) => name.startsWith("persist:"))).toBe(false);
  });

  test("11, 16: that session is guarded before the window is made, and so is the one that nobody uses", async () => {
    const { electron } = await run();
    const page = electron.sessions.get("deskpair")?.session;
    expect(page?.request("app://deskpair/index.html")).toBe("sent");
    expect(page?.request("https://example.com/")).toBe("cancelled");
    expect(page?.permissionCheck?.(null, "geolocation", "", { isMainFrame: true })).toBe(false);
    expect(electron.session.defaultSession.request("app://deskpair/index.html")).toBe("cancelled");
    expect(electron.session.defaultSession.permissionCheck?.(null, "geolocation", "", { isMainFrame: true })).toBe(
      false,
    );
  });

  test("19: contents made by anybody are guarded", async () => {
    const { electron } = await run();
    const contents = new FakeContents();
    electron.app.emit("web-contents-created", fakeEvent(), contents);
    expect(contents.openWindow("https://example.com/")).toBe("deny");
  });

  test("3: comes from our scheme, in our session", async () => {
    const { electron, window } = await run();
    expect(window().loaded).toBe("app://deskpair/index.html");
    expect([...(electron.sessions.get("deskpair")?.session.schemes.keys() ?? [])]).toEqual(["app"]);
  });

  test("1, 2, 8: the window is made with the options that its own test knows, installed or not", async () => {
    for (const isPackaged of [true, false]) {
      const { window, folder } = await run({ isPackaged });
      expect(window().options).toEqual(
        windowOptions({
          partition: "deskpair",
          preload: join(folder, "out/preload/index.cjs"),
          dark: false,
          devTools: false,
        }),
      );
      expect(window().visible).toBe(true);
    }
  });

  test("8, 16: the development server brings its own address, DevTools and reload, and only when not installed", async () => {
    const rendererUrl = "http://localhost:5173";
    const development = await run({ rendererUrl });
    expect(development.window().loaded).toBe("http://localhost:5173/");
    expect(development.window().options.webPreferences?.devTools).toBe(true);
    const session = development.electron.sessions.get("deskpair")?.session;
    const sent = [
      "http://localhost:5173/main.tsx",
      "ws://localhost:5173/",
      "http://localhost:9410/",
      "app://deskpair/",
    ];
    expect(sent.filter((url) => session?.request(url) === "sent")).toEqual([
      "http://localhost:5173/main.tsx",
      "ws://localhost:5173/",
    ]);
    const installed = await run({ rendererUrl, isPackaged: true });
    expect(installed.window().loaded).toBe("app://deskpair/index.html");
    expect(installed.window().options.webPreferences?.devTools).toBe(false);
  });

  test("21: every channel is served, each once", async () => {
    const { electron } = await run();
    expect([...electron.handlers.keys()].toSorted()).toEqual([...requestNames].toSorted());
  });

  test("23: the page in the window is answered, any other place in it is not", async () => {
    const { send } = await run();
    expect(await send("app.snapshot", null)).toMatchObject({ ok: true, value: { version: "1.2.3" } });
    const refused = { ok: false, error: { code: "message-refused", reason: "untrusted-sender" } };
    expect(await send("app.snapshot", null, { url: "app://deskpair/index.html", parent: {} })).toEqual(refused);
    expect(await send("app.snapshot", null, { url: "http://localhost:5173/", parent: null })).toEqual(refused);
  });

  test("23: a window that has gone is no longer ours", async () => {
    const { send, window } = await run();
    window().webContents.destroyed = true;
    expect(await send("app.snapshot", null)).toMatchObject({ ok: false, error: { reason: "untrusted-sender" } });
  });

  test("17: a link is opened by name from the page, and from the menu", async () => {
    const { electron, send } = await run();
    expect(await send("link.open", { name: "help.roles" })).toEqual({ ok: true, value: null });
    const help = electron.applicationMenu.find(({ role }) => role === "help");
    const [first] = Array.isArray(help?.submenu) ? help.submenu : [];
    first?.click?.({} as Electron.MenuItem, undefined, {});
    expect(electron.opened).toHaveLength(2);
    for (const address of electron.opened) expect(address).toMatch(/^https:\/\/[a-z]+\.pingidentity\.com\//);
  });

  test("hears of every change, under a higher revision", async () => {
    const { send, window } = await run();
    const before = await send("app.snapshot", null);
    await send("settings.change", { theme: "dark" });
    const [channel, snapshot] = window().webContents.received.at(-1) ?? [];
    expect(channel).toBe("app.changed");
    expect((snapshot as Snapshot).settings.theme).toBe("dark");
    expect((snapshot as Snapshot).revision).toBeGreaterThan((before as { value: Snapshot }).value.revision);
  });

  test("is not told anything once it has gone", async () => {
    const { ports } = fakePorts();
    const app = createApp(ports, { doctor: soundComputer, version: "1.2.3", rehearsal: null });
    const { window, events } = await run({ compose: async () => ({ app, start: app.start, stop: app.stop }) });
    window().webContents.destroyed = true;
    await app.commands["settings.change"]({ theme: "dark" });
    expect(app.snapshot().settings.theme).toBe("dark");
    expect([window().webContents.received, events("error")]).toEqual([[], []]);
  });
});

describe("theme", () => {
  test("the saved one is in force before the window is made", async () => {
    const ports = fakePorts();
    ports.files.contents.set("settings.json", JSON.stringify({ version: 1, settings: { theme: "dark" } }));
    const { electron } = await run({
      compose: async ({ version }) => {
        const app = createApp(ports.ports, { doctor: soundComputer, version, rehearsal: null });
        return { app, start: app.start, stop: app.stop };
      },
    });
    expect(electron.nativeTheme.themeSource).toBe("dark");
  });

  test("follows the setting at once, and the window's background follows the theme", async () => {
    const { electron, send, window } = await run();
    expect(electron.nativeTheme.themeSource).toBe(defaultSettings.theme);
    const light = window().backgroundColor;
    await send("settings.change", { theme: "dark" });
    expect(electron.nativeTheme.themeSource).toBe("dark");
    electron.nativeTheme.shouldUseDarkColors = true;
    electron.nativeTheme.emit("updated");
    expect(window().backgroundColor).not.toBe(light);
  });
});

describe("the life of the window", () => {
  test("39: a second instance brings the window of the first to the front", async () => {
    const { electron, window } = await run();
    window().minimized = true;
    electron.app.emit("second-instance", fakeEvent(), ["electron", ".", "--demo"], "/");
    expect([window().minimized, window().focused]).toEqual([false, true]);
    expect(electron.windows).toHaveLength(1);
  });

  test("47: a crash of the page is asked about once, in words, and can be loaded again", async () => {
    const { electron, window, events } = await run();
    electron.answer = 0;
    window().webContents.emit("render-process-gone", fakeEvent(), { reason: "crashed", exitCode: 139 });
    window().webContents.emit("render-process-gone", fakeEvent(), { reason: "crashed", exitCode: 139 });
    await new Promise((resolve) => setImmediate(resolve));
    expect(events("error")).toEqual(["window.page-gone", "window.page-gone"]);
    expect(electron.questions).toHaveLength(1);
    expect(electron.questions[0]?.buttons).toEqual(["Load again", "Close DeskPair"]);
    expect(window().webContents.reloads).toBe(1);
  });

  test("a helper process that dies is written down", async () => {
    const { electron, lines } = await run();
    electron.app.emit("child-process-gone", fakeEvent(), { type: "GPU", reason: "crashed", exitCode: 1 });
    expect(lines.at(-1)).toEqual({
      level: "error",
      event: "app.process-gone",
      fields: { type: "GPU", reason: "crashed", exitCode: 1 },
    });
  });

  // What happens in the middle of a pairing is in demo.test.ts, with a real one.
  test.each(["closing the window", "quitting from the menu"])("%s stops the app and ends it", async (way) => {
    let stops = 0;
    const { ports } = fakePorts();
    const app = createApp(ports, { doctor: soundComputer, version: "1.2.3", rehearsal: null });
    const stop = async (): Promise<void> => {
      stops += 1;
      await app.stop();
    };
    const { electron, window } = await run({ compose: async () => ({ app, start: app.start, stop }) });
    if (way === "closing the window") window().close();
    else electron.app.quit();
    await electron.whenEnded();
    expect([electron.ended, window().isDestroyed(), stops]).toEqual([{ how: "quit", code: 0 }, true, 1]);
  });
});

describe("a start that fails", () => {
  test("is an incident, is told in a sentence with its number, and ends the app", async () => {
    const { electron, lines, folder } = await run({ compose: () => Promise.reject(new Error("planted-secret")) });
    const incident = lines.find(({ event }) => event === "app.start-failed");
    expect(electron.errorBoxes).toEqual([
      [
        "DeskPair could not start",
        `Report this with the incident number ${String(incident?.fields["incidentId"])}. Details are in ${join(folder, "logs")}.`,
      ],
    ]);
    expect(electron.ended).toEqual({ how: "exit", code: 70 });
    expect(JSON.stringify([lines, electron.errorBoxes])).not.toContain("planted-secret");
  });
});

describe("profiles", () => {
  test("the real app keeps its own things in a folder of their own beside Chromium's", async () => {
    const { electron, composed, logs, folder } = await run();
    expect(electron.paths.get("userData")).toBe(join(folder, "user-data"));
    expect(composed).toMatchObject([{ version: "1.2.3", dataFolder: join(folder, "data"), demo: false }]);
    expect(logs).toEqual([{ folder: join(folder, "logs"), followed: [usualLogSettings] }]);
  });

  test("the log is where the policy says, and a start that fails before it is known is still written down", async () => {
    const place = "/etc/deskpair/policies.json";
    const entries = Object.entries({ LogDirectory: "/var/log/deskpair", LogLevel: "error", LogRetentionDays: 7 });
    const machine: PolicyReading = {
      state: "read",
      place,
      form: "typed",
      entries: entries.map(([name, value]) => ({ name, value, place })),
    };
    const policySource: PolicySource = {
      read: async () => ({ machine, user: { state: "absent", place } }),
      stamp: async () => "",
    };
    const settings = { directory: "/var/log/deskpair", level: "error", isLevelLocked: true, keepDays: 7 };
    expect((await run({ policySource })).logs).toMatchObject([{ followed: [settings] }]);
    const broken = { ...policySource, stamp: () => Promise.reject(new Error("never happens")) };
    const { logs, events } = await run({ policySource: broken });
    expect(logs).toMatchObject([{ followed: [usualLogSettings] }]);
    expect(events("error")).toEqual(["app.start-failed"]);
    // The demo is about no organisation.
    expect((await run({ policySource, arguments: ["--demo"] })).logs).toMatchObject([{ followed: [usualLogSettings] }]);
  });

  test("the demo has a folder of its own, which exists before Electron is told of it", async () => {
    const { electron, composed, logs, folder } = await run({ arguments: ["--demo"] });
    const demo = join(folder, "user-data/demo");
    expect(electron.paths.get("userData")).toBe(demo);
    expect(existsSync(demo)).toBe(true);
    expect(composed.map(({ dataFolder, demo: asked }) => [dataFolder, asked])).toEqual([
      [join(demo, "data"), "worker"],
    ]);
    expect(logs).toEqual([{ folder: join(demo, "logs"), followed: [usualLogSettings] }]);
  });
});
