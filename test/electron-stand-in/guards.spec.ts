import { type ElectronApplication, expect, type Page, test } from "@playwright/test";
import { launchFixture, recorded, seen } from "./fixture-app.ts";

const popup = "https://example.invalid/popup";
let app: ElectronApplication;
let page: Page;

test.beforeAll(async () => {
  app = await launchFixture();
  page = await app.firstWindow();
  await expect(page.locator("#state")).toHaveText("ready");
});
test.afterAll(() => app.close());
test.beforeEach(async () => {
  await app.evaluate(async ({ BrowserWindow }) => {
    await BrowserWindow.getAllWindows()[0]?.loadURL("app://fixture/index.html");
    (globalThis as unknown as { events: unknown[] }).events.length = 0;
  });
  await expect(page.locator("#state")).toHaveText("ready");
});

test("a guard keeps the page where it is, lets it move inside, and is not asked about the app's own loads", async () => {
  await page.getByRole("link", { name: "away" }).click();
  await expect
    .poll(() => seen(app, "will-navigate"))
    .toEqual([["will-navigate", "https://example.invalid/away", true]]);
  expect(await recorded(app, "navigation prevented")).toEqual([["will-navigate", "https://example.invalid/away"]]);
  await expect(page.getByRole("heading", { name: "Fixture" })).toBeVisible();

  await page.getByRole("link", { name: "inside" }).click();
  await expect(page.locator("#state")).toHaveText("ready ?inside");
  await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.loadURL("app://fixture/index.html?own"));
  await expect(page.locator("#state")).toHaveText("ready ?own");
  expect((await seen(app, "will-navigate")).map(([, url]) => url)).toEqual([
    "https://example.invalid/away",
    "app://fixture/index.html?inside",
  ]);
});

test("scripts, forms, reloads and unknown schemes of the page are asked about; going back is not", async () => {
  const form =
    "const form = document.createElement('form'); form.action = 'https://example.invalid/form';" +
    "document.body.append(form); form.submit()";
  for (const [script, url] of [
    ["location.href = 'https://example.invalid/script'", "https://example.invalid/script"],
    ["location.href = 'mailto:someone@example.com'", "mailto:someone@example.com"],
    [form, "https://example.invalid/form?"],
    ["location.reload()", "app://fixture/index.html"],
  ] as const) {
    await app.evaluate(
      ({ BrowserWindow }, code) => BrowserWindow.getAllWindows()[0]?.webContents.executeJavaScript(`{${code}} 0`),
      script,
    );
    await expect.poll(async () => (await seen(app, "will-navigate")).at(-1)?.[1]).toBe(url);
  }
  await expect(page.locator("#state")).toHaveText("ready");
  await page.getByRole("link", { name: "inside" }).click();
  await expect(page.locator("#state")).toHaveText("ready ?inside");
  const before = await seen(app, "will-navigate");
  await page.goBack();
  await expect(page.locator("#state")).toHaveText("ready");
  expect(await seen(app, "will-navigate")).toEqual(before);
});

test("frames and redirects have events of their own", async () => {
  await page.evaluate(() => {
    for (const source of ["/frame.html", "https://example.invalid/forbidden"]) {
      const frame = document.createElement("iframe");
      frame.src = source;
      document.body.append(frame);
    }
  });
  await expect
    .poll(() => seen(app, "will-frame-navigate"))
    .toEqual([
      ["will-frame-navigate", "app://fixture/frame.html"],
      ["will-frame-navigate", "https://example.invalid/forbidden"],
    ]);
  await expect(page.frameLocator("iframe").first().getByText("frame")).toBeVisible();

  await page.evaluate(() => location.assign("/moved"));
  await expect(page.locator("#state")).toHaveText("ready ?moved");
  expect(await seen(app, "will-redirect")).toEqual([["will-redirect", "app://fixture/index.html?moved"]]);
});

test("no popup opens: by link, by script, by a click with a modifier key", async () => {
  await page.getByRole("link", { name: "popup" }).click();
  const opened = await page.evaluate(
    (url) => [window.open(url, "named", "width=100"), window.open(url, "_blank", "noopener")],
    popup,
  );
  expect(opened).toEqual([null, null]);
  await page.getByRole("link", { name: "inside" }).click({ modifiers: ["ControlOrMeta"] });
  await expect
    .poll(() => seen(app, "window-open"))
    .toEqual([
      ["window-open", popup, "foreground-tab"],
      ["window-open", popup, "new-window"],
      ["window-open", popup, "foreground-tab"],
      ["window-open", "app://fixture/index.html?inside", "background-tab"],
    ]);
  expect(await recorded(app, "shell.openExternal")).toContainEqual([popup]);
  expect(app.windows()).toHaveLength(1);
  // The page goes on: a popup on hold would freeze it.
  expect(await page.evaluate(() => window.bridge.echo("alive"))).toBe("alive");
});

for (const [what, script, sentence] of [
  ["a service worker", "navigator.serviceWorker.register('/worker.js'); 0", /a service worker \(https:\S+\)/],
  ["a WebSocket that webRequest cannot stop", "new WebSocket('ws://127.0.0.1:1/'); 0", /a WebSocket in a session with/],
  ["a dialog of the page", "setTimeout(() => alert('hello')); 0", /a dialog of the page \(alert\)/],
  ["a page of bytes", "location.href = URL.createObjectURL(new Blob(['x'])); 0", /a page that navigates to blob:\S+/],
  [
    "a download that the app allows",
    "Object.assign(document.createElement('a'), { href: '/list.csv', download: '' }).click()",
    /a download that is not prevented \(https:\S+\)/,
  ],
] as const) {
  test(`${what} is not covered, and the process says so`, async () => {
    // An app that catches everything, so that one process does for all of these.
    const message = await app.evaluate(async ({ BrowserWindow, session }, code) => {
      const own = session.fromPartition("uncovered");
      if (!own.protocol.isProtocolHandled("https")) {
        own.webRequest.onBeforeRequest((_details, answer) => answer({}));
        own.protocol.handle("https", ({ url }) => {
          const type = url.endsWith(".js") ? "text/javascript" : "text/html";
          return new Response("<p>", { headers: { "content-type": type } });
        });
      }
      const caught = new Promise<string>((resolve) => {
        process.once("uncaughtException", (error) => resolve(error.message));
      });
      const window = new BrowserWindow({ show: false, webPreferences: { session: own } });
      await window.loadURL("https://uncovered.example.com/");
      window.webContents.executeJavaScript(code).catch(() => undefined);
      const text = await caught;
      window.destroy();
      return text;
    }, script);
    expect(message).toMatch(new RegExp(`^electron stand-in: ${sentence.source}.* is not covered$`));
  });
}

test("a popup that the app would allow ends a process that catches nothing", async () => {
  const other = await launchFixture();
  let words = "";
  other.process().stderr?.on("data", (part: Buffer) => {
    words += part.toString();
  });
  const closed = other.waitForEvent("close");
  await other
    .evaluate(async ({ BrowserWindow }, url) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents;
      contents?.setWindowOpenHandler(() => ({ action: "allow" }));
      await contents?.executeJavaScript(`window.open("${url}")`, true);
    }, popup)
    .catch(() => undefined);
  await closed;
  expect(words).toContain(`electron stand-in: a new window of the page (${popup}) is not covered`);
});
