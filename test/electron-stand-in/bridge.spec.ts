import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ElectronApplication, expect, type Page, test } from "@playwright/test";
import { launchFixture, seen } from "./fixture-app.ts";

let app: ElectronApplication;
let page: Page;

test.beforeAll(async () => {
  app = await launchFixture();
  page = await app.firstWindow();
  await expect(page.locator("#state")).toHaveText("ready");
});
test.afterAll(() => app.close());
test.beforeEach(async () => {
  await page.reload();
  await expect(page.locator("#state")).toHaveText("ready");
});

test("Playwright reaches the main process and the window of a page", async () => {
  const facts = await app.evaluate(({ app: electronApp, BrowserWindow }) => ({
    name: electronApp.getName(),
    version: electronApp.getVersion(),
    ready: electronApp.isReady(),
    url: BrowserWindow.getAllWindows()[0]?.webContents.getURL(),
    electron: process.versions.electron,
    type: process.type,
  }));
  expect(facts).toEqual({
    name: "Stand-in fixture",
    version: "1.2.3",
    ready: true,
    url: "app://fixture/index.html",
    electron: "45.4.1",
    type: "browser",
  });
  const window = await app.browserWindow(page);
  expect(await window.evaluate((browserWindow) => browserWindow.id)).toBe(1);
});

test("invoke carries what structured clone carries, both ways", async () => {
  const checks = await page.evaluate(async () => {
    const shared = { once: true };
    const out = (await window.bridge.echo({
      date: new Date(5),
      map: new Map([["key", new Set([1, "x"])]]),
      undefined: undefined,
      nan: Number.NaN,
      minusZero: -0,
      big: 10n ** 30n,
      view: new Uint16Array([1, 65_535]),
      buffer: new ArrayBuffer(3),
      pattern: /a/gi,
      error: new RangeError("out"),
      text: '\u2028"\\</script>',
      shared: [shared, shared],
    })) as Record<string, unknown>;
    return {
      date: out["date"] instanceof Date && out["date"].getTime(),
      map: [...([...(out["map"] as Map<string, Set<unknown>>).values()][0] ?? [])],
      undefined: "undefined" in out && out["undefined"] === undefined,
      nan: Number.isNaN(out["nan"]),
      minusZero: Object.is(out["minusZero"], -0),
      big: String(out["big"]),
      view: [...(out["view"] as Uint16Array)],
      buffer: (out["buffer"] as ArrayBuffer).byteLength,
      pattern: String(out["pattern"]),
      error: String(out["error"]),
      text: out["text"],
      shared: out["shared"],
    };
  });
  expect(checks).toEqual({
    date: 5,
    map: [1, "x"],
    undefined: true,
    nan: true,
    minusZero: true,
    big: "1000000000000000000000000000000",
    view: [1, 65_535],
    buffer: 3,
    pattern: "/a/gi",
    error: "Error: out",
    text: '\u2028"\\</script>',
    shared: [{ once: true }, { once: true }],
  });
});

test("a megabyte of bytes comes back unchanged", async () => {
  const sum = await page.evaluate(async () => {
    const bytes = new Uint8Array(1_000_000).map((_byte, index) => index % 251);
    const back = (await window.bridge.echo(bytes)) as Uint8Array;
    return back.length === bytes.length && back.every((byte, index) => byte === bytes[index]);
  });
  expect(sum).toBe(true);
});

test("what cannot be cloned is refused on either side", async () => {
  const outcomes = await page.evaluate(() =>
    Promise.all(
      [() => window.bridge.echo(new WeakMap()), () => window.bridge.uncloneable()].map(async (attempt) => {
        try {
          return await attempt();
        } catch (error) {
          return String(error);
        }
      }),
    ),
  );
  expect(outcomes[0]).toContain("could not be cloned");
  expect(outcomes[1]).toBe("Error: Error invoking remote method 'uncloneable': Error: An object could not be cloned.");
});

test("a handler's error and a missing handler arrive in Electron's words", async () => {
  const errors = await page.evaluate(async () => [
    await window.bridge.fail().catch(String),
    await window.bridge.missing().catch(String),
  ]);
  expect(errors).toEqual([
    "Error: Error invoking remote method 'fail': TypeError: on purpose",
    "Error: Error invoking remote method 'missing': Error: No handler registered for 'missing'",
  ]);
});

test("a second handler for a channel is refused", async () => {
  const error = await app.evaluate(({ ipcMain }) => {
    try {
      ipcMain.handle("echo", () => 0);
      return "accepted";
    } catch (refusal) {
      return String(refusal);
    }
  });
  expect(error).toBe("Error: Attempted to register a second handler for 'echo'");
});

test("messages go both ways without invoke, and a listener can be taken off", async () => {
  const counted = await page.evaluate(() => new Promise((resolve) => window.bridge.count(41, resolve)));
  expect(counted).toBe(42);
  await page.evaluate(() => {
    const stop = window.bridge.onNews((...news) => {
      document.title = JSON.stringify(news);
      stop();
    });
  });
  const send = (text: string): Promise<void> =>
    app.evaluate(({ BrowserWindow }, news) => {
      BrowserWindow.getAllWindows()[0]?.webContents.send("news", news, { at: 1 });
    }, text);
  await send("first");
  await expect(page).toHaveTitle('["first",{"at":1}]');
  await send("second");
  // An answer to a later invoke means that the second message has been there.
  await page.evaluate(() => window.bridge.echo(1));
  await expect(page).toHaveTitle('["first",{"at":1}]');
});

test("functions cross the bridge: their results, their errors, and values by copy", async () => {
  const result = await page.evaluate(() => {
    let error: unknown;
    try {
      window.bridge.failSync();
    } catch (caught) {
      error = caught;
    }
    return {
      sync: window.bridge.sync("text"),
      error: error instanceof Error && error.message,
      platform: window.bridge.platform,
      nested: window.bridge.nested,
    };
  });
  expect(result).toEqual({
    sync: "TEXT",
    error: "refused",
    platform: process.platform,
    nested: { list: [1, { deep: true }] },
  });
});

test("the page gets the API and nothing else, and cannot change it", async () => {
  const view = await page.evaluate(() => {
    const globals = window as unknown as Record<string, unknown>;
    const descriptor = Object.getOwnPropertyDescriptor(window, "bridge");
    return {
      types: ["require", "process", "module", "ipcRenderer", "electron"].map((name) => typeof globals[name]),
      strays: Object.getOwnPropertyNames(window).filter((name) => /electron|standin/i.test(name)),
      frozen: Object.isFrozen(window.bridge) && Object.isFrozen(window.bridge.nested.list),
      fixed: descriptor?.writable === false && descriptor.configurable === false,
    };
  });
  expect(view).toEqual({ types: Array(5).fill("undefined"), strays: [], frozen: true, fixed: true });
});

test("a handler sees who calls", async () => {
  expect(await page.evaluate(() => window.bridge.caller())).toEqual({
    url: "app://fixture/index.html",
    origin: "app://fixture",
    isTop: true,
    isMainFrame: true,
    sender: 1,
  });
});

test("senderFrame is null once the calling document has gone", async () => {
  void page.evaluate(() => window.bridge.slow()).catch(() => undefined);
  await expect.poll(() => seen(app, "slow")).toEqual([["slow", "app://fixture/index.html"]]);
  await page.reload();
  await expect(page.locator("#state")).toHaveText("ready");
  const frame = await app.evaluate(() => (globalThis as unknown as { finishSlow(): unknown }).finishSlow());
  expect(frame).toBe(null);
});

test("a sub-frame has no bridge, whatever its origin", async () => {
  const types = await page.evaluate(async () => {
    const open = (source: string): Promise<string> =>
      new Promise((resolve) => {
        const frame = document.createElement("iframe");
        const inFrame = (): string => typeof (frame.contentWindow as Window & { bridge?: unknown }).bridge;
        frame.addEventListener("load", () => resolve(inFrame()));
        frame.src = source;
        document.body.append(frame);
      });
    return [await open("/frame.html"), await open("about:blank")];
  });
  expect(types).toEqual(["undefined", "undefined"]);
  const frames = (): Promise<unknown> =>
    app.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()[0]?.webContents.mainFrame.frames.map(({ url, parent, top }) => ({
        url,
        hasParent: parent !== null && parent === top,
      })),
    );
  await expect.poll(frames).toEqual([
    { url: "app://fixture/frame.html", hasParent: true },
    { url: "about:blank", hasParent: true },
  ]);
});

test("a page's own channels come before those of the process", async () => {
  const answers = await app.evaluate(async ({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents;
    contents?.ipc.handle("echo", () => "from the page's channel");
    const first: unknown = await contents?.executeJavaScript("bridge.echo(1)");
    contents?.mainFrame.ipc.handle("echo", () => "from the frame's channel");
    const second: unknown = await contents?.executeJavaScript("bridge.echo(1)");
    contents?.ipc.removeHandler("echo");
    contents?.mainFrame.ipc.removeHandler("echo");
    return [first, second, (await contents?.executeJavaScript("bridge.echo(1)")) as unknown];
  });
  expect(answers).toEqual(["from the page's channel", "from the frame's channel", 1]);
});

test("the policy that the protocol handler sends is enforced", async () => {
  const violations = await page.evaluate(async () => {
    const directives: string[] = [];
    const seenBoth = new Promise<void>((resolve) => {
      document.addEventListener("securitypolicyviolation", ({ effectiveDirective }) => {
        directives.push(effectiveDirective);
        if (directives.length === 2) resolve();
      });
    });
    const script = document.createElement("script");
    script.textContent = "document.title = 'ran'";
    document.head.append(script);
    await fetch("https://example.invalid/").catch(() => undefined);
    await seenBoth;
    return { directives: directives.toSorted(), title: document.title };
  });
  expect(violations).toEqual({ directives: ["connect-src", "script-src-elem"], title: "Fixture" });
});

for (const [what, source, message] of [
  ["wants the file system", 'require("node:fs");', "module not found: node:fs"],
  ["does not parse", "const = 1;", "SyntaxError"],
  ["is not there", undefined, "ENOENT"],
] as const) {
  test(`a preload that ${what} is reported, and the page gets no bridge`, async () => {
    const folder = mkdtempSync(join(tmpdir(), "stand-in-preload-"));
    const preload = join(folder, "preload.cjs");
    if (source !== undefined) writeFileSync(preload, source);
    const type = await app.evaluate(async ({ BrowserWindow }, file) => {
      const window = new BrowserWindow({ show: false, webPreferences: { preload: file } });
      await window.loadURL("app://fixture/frame.html");
      const found = (await window.webContents.executeJavaScript("typeof bridge")) as string;
      window.destroy();
      return found;
    }, preload);
    expect(type).toBe("undefined");
    const errors = await seen(app, "preload-error");
    rmSync(folder, { recursive: true });
    expect(errors.at(-1)).toEqual(["preload-error", preload, expect.stringContaining(message)]);
  });
}
