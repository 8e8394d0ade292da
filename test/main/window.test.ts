import { describe, expect, test } from "vitest";
import type { LogFields } from "../../src/core/ports.ts";
import { bringToFront, type CrashChoice, watchForCrashes, windowOptions } from "../../src/main/window.ts";
import { fakeEvent } from "../fakes/electron-events.ts";
import { FakeWindow } from "../fakes/electron-window.ts";

const given = { partition: "deskpair", preload: "/app/preload/index.cjs", dark: false, devTools: false };

test("1, 7, 8: the window is made with exactly these switches", () => {
  expect(windowOptions(given)).toEqual({
    name: "main",
    windowStatePersistence: true,
    title: "DeskPair",
    width: 960,
    height: 760,
    minWidth: 560,
    minHeight: 480,
    show: false,
    autoHideMenuBar: true,
    backgroundColor: "#f6f7f9",
    webPreferences: {
      partition: "deskpair",
      preload: "/app/preload/index.cjs",
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
});

test("2: development and a dark desktop change DevTools and the colour, and nothing else", () => {
  const { webPreferences, backgroundColor, ...rest } = windowOptions({ ...given, dark: true, devTools: true });
  const { webPreferences: released, backgroundColor: light, ...other } = windowOptions(given);
  expect(rest).toEqual(other);
  expect({ ...webPreferences, devTools: false }).toEqual(released);
  expect(backgroundColor).not.toBe(light);
});

test("39: a window is brought to the front from wherever it is", () => {
  const window = new FakeWindow({ show: false });
  window.minimized = true;
  bringToFront(window);
  expect([window.minimized, window.visible, window.focused]).toEqual([false, true, true]);
});

describe("47: a page that crashes", () => {
  const gone = (reason: string) => [fakeEvent(), { reason, exitCode: 139 }] as const;

  function watched() {
    const window = new FakeWindow({});
    const answers: ((choice: CrashChoice) => void)[] = [];
    const lines: [string, LogFields | undefined][] = [];
    let quits = 0;
    watchForCrashes(window, {
      log: (_level, event, fields) => lines.push([event, fields]),
      ask: () => new Promise((resolve) => answers.push(resolve)),
      quit: () => {
        quits += 1;
      },
    });
    const page = window.webContents;
    return {
      window,
      page,
      answers,
      lines,
      quits: () => quits,
      crash: (reason = "crashed") => page.emit("render-process-gone", ...gone(reason)),
      settled: () => new Promise((resolve) => setImmediate(resolve)),
    };
  }

  test("three times in a row is written down three times, told once, and not loaded again unasked", async () => {
    const { crash, answers, lines, page, quits, settled } = watched();
    crash();
    crash("oom");
    crash("killed");
    await settled();
    expect(lines.map(([event, fields]) => [event, fields?.["reason"]])).toEqual([
      ["window.page-gone", "crashed"],
      ["window.page-gone", "oom"],
      ["window.page-gone", "killed"],
    ]);
    expect([answers.length, page.reloads, quits()]).toEqual([1, 0, 0]);
  });

  test("is loaded once more when asked for, and closes the app when it crashes again", async () => {
    const { crash, answers, page, quits, settled } = watched();
    crash();
    answers[0]?.("reload");
    await settled();
    expect([page.reloads, quits()]).toEqual([1, 0]);
    crash();
    await settled();
    expect([answers.length, page.reloads, quits()]).toEqual([1, 1, 1]);
  });

  test("closes the app when that is the answer", async () => {
    const { crash, answers, page, quits, settled } = watched();
    crash();
    answers[0]?.("quit");
    await settled();
    expect([page.reloads, quits()]).toEqual([0, 1]);
  });

  test("is not loaded into a window that has gone meanwhile", async () => {
    const { crash, answers, page, settled } = watched();
    crash();
    page.destroyed = true;
    answers[0]?.("reload");
    await settled();
    expect(page.reloads).toBe(0);
  });

  test("is nothing to speak of when it ended cleanly", () => {
    const { crash, answers, lines } = watched();
    crash("clean-exit");
    expect([answers, lines]).toEqual([[], []]);
  });

  test("a preload or a load that fails is written down without address and message", () => {
    const { page, lines } = watched();
    page.emit("preload-error", fakeEvent(), "/app/preload.cjs", new SyntaxError("planted"));
    page.emit("did-fail-load", fakeEvent(), -6, "ERR_FILE_NOT_FOUND", "app://deskpair/planted", true);
    page.emit("unresponsive");
    expect(lines.map(([event]) => event)).toEqual([
      "window.preload-failed",
      "window.load-failed",
      "window.page-unresponsive",
    ]);
    expect(JSON.stringify(lines)).not.toContain("planted");
  });
});
