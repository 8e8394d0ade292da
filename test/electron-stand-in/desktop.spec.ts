import { type ElectronApplication, expect, type Page, test } from "@playwright/test";
import { launchFixture, recorded, type StandInExtras } from "./fixture-app.ts";

let app: ElectronApplication;
let page: Page;

test.beforeAll(async () => {
  app = await launchFixture({ env: { DESKPAIR_KEYRING: "secret-service", LANG: "de_CH.UTF-8", LC_ALL: undefined } });
  page = await app.firstWindow();
  await expect(page.locator("#state")).toHaveText("ready");
});
test.afterAll(() => app.close());

test("a window remembers its options, its state and its bounds, and the page follows its size", async () => {
  const [options] = (await recorded(app, "BrowserWindow"))[0] ?? [];
  expect(options).toMatchObject({ width: 900, show: false, webPreferences: { sandbox: true, contextIsolation: true } });
  const window = await app.browserWindow(page);
  await expect.poll(() => window.evaluate((w) => w.isVisible() && w.isFocused())).toBe(true);
  const states = await window.evaluate((w) => {
    const states: unknown[] = [];
    w.on("resize", () => states.push("resize"));
    w.minimize();
    states.push([w.isMinimized(), w.isVisible(), w.isFocused()]);
    w.restore();
    w.focus();
    states.push([w.isMinimized(), w.isVisible(), w.isFocused()]);
    w.setMinimumSize(640, 480);
    w.setBounds({ x: 10, width: 100, height: 800 });
    states.push(w.getBounds());
    w.removeAllListeners("resize");
    return states;
  });
  expect(states).toEqual([
    [true, false, false],
    [false, true, true],
    "resize",
    { x: 10, y: 190, width: 640, height: 800 },
  ]);
  await expect.poll(() => page.evaluate(() => [innerWidth, innerHeight])).toEqual([640, 800]);
  await window.evaluate((w) => w.setSize(900, 700));
});

test("zoom changes what the page lays out on", async () => {
  const contents = await app.browserWindow(page);
  await contents.evaluate((w) => w.webContents.setZoomLevel(1));
  await expect.poll(() => page.evaluate(() => [innerWidth, Math.round(devicePixelRatio * 10)])).toEqual([750, 12]);
  expect(await contents.evaluate((w) => [w.webContents.getZoomFactor(), w.webContents.zoomLevel])).toEqual([1.2, 1]);
  await contents.evaluate((w) => w.webContents.setZoomFactor(1));
  await expect.poll(() => page.evaluate(() => innerWidth)).toBe(900);
});

test("the theme that the app chooses is the page's, in new documents, too", async () => {
  const background = (): Promise<string> => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  expect(await background()).toBe("rgb(255, 255, 255)");
  const clicked = await app.evaluate(({ Menu, nativeTheme }) => {
    const updates: string[] = [];
    nativeTheme.on("updated", () => updates.push(nativeTheme.themeSource));
    Menu.getApplicationMenu()?.getMenuItemById("dark")?.click();
    return { updates, dark: nativeTheme.shouldUseDarkColors };
  });
  expect(clicked).toEqual({ updates: ["dark"], dark: true });
  await expect.poll(background).toBe("rgb(0, 0, 0)");
  await page.reload();
  await expect.poll(background).toBe("rgb(0, 0, 0)");
  await app.evaluate(({ nativeTheme }) => {
    nativeTheme.themeSource = "system";
  });
  await expect.poll(background).toBe("rgb(255, 255, 255)");
});

test("dialogs are answered by the test, and one without an answer says so", async () => {
  const outcome = await app.evaluate(async (electron) => {
    (electron as unknown as StandInExtras).__answers.push({ response: 1, checkboxChecked: false });
    const first = await electron.dialog.showMessageBox({ message: "Leave?", buttons: ["Stay", "Leave"] });
    const second = await electron.dialog.showOpenDialog({ title: "Import" }).catch(String);
    return [first.response, second];
  });
  expect(outcome).toEqual([
    1,
    "Error: electron stand-in: nobody answers dialog.showOpenDialog; put an answer into __answers",
  ]);
  expect(await recorded(app, "dialog.showMessageBox")).toEqual([[{ message: "Leave?", buttons: ["Stay", "Leave"] }]]);
});

test("notifications can be clicked, the clipboard read, the languages asked for", async () => {
  const result = await app.evaluate(async (electron) => {
    const clicks: string[] = [];
    const notification = new electron.Notification({ title: "Paired", body: "A device is active." });
    notification.on("click", () => clicks.push("clicked"));
    notification.show();
    (electron as unknown as StandInExtras).__notifications.at(-1)?.emit("click");
    await electron.clipboard.writeText("copied");
    return { clicks, text: await electron.clipboard.readText(), languages: electron.app.getPreferredSystemLanguages() };
  });
  expect(result).toEqual({ clicks: ["clicked"], text: "copied", languages: ["de-CH"] });
});

test("safeStorage encrypts for real, and tells a machine with a key store from one without", async () => {
  expect(await page.evaluate(() => window.bridge.secret("grün ☂"))).toEqual({
    tag: "v11",
    result: "grün ☂",
    shouldReEncrypt: false,
  });
  const outcomes = await app.evaluate(async ({ safeStorage }) => {
    const withKeyring = (kind: string): void => {
      process.env["DESKPAIR_KEYRING"] = kind;
    };
    const strong = await safeStorage.encryptStringAsync("secret");
    withKeyring("basic");
    const weak = await safeStorage.encryptStringAsync("secret");
    const facts: unknown[] = [
      strong.includes("secret"),
      safeStorage.getSelectedStorageBackend(),
      weak.toString("latin1", 0, 3),
    ];
    withKeyring("none");
    facts.push(await safeStorage.isAsyncEncryptionAvailable(), await safeStorage.encryptStringAsync("x").catch(String));
    withKeyring("locked");
    facts.push(await safeStorage.decryptStringAsync(strong).catch(String));
    withKeyring("secret-service");
    facts.push(await safeStorage.decryptStringAsync(weak));
    strong[20] = (strong[20] ?? 0) ^ 1;
    facts.push(await safeStorage.decryptStringAsync(strong).catch(() => "refused"));
    return facts;
  });
  expect(outcomes).toEqual([
    false,
    "basic_text",
    "v10",
    false,
    "Error: Error while encrypting: encryption is not available.",
    "Error: safeStorage is temporarily unavailable. Please try again.",
    { result: "secret", shouldReEncrypt: true },
    "refused",
  ]);
});

test("the app can give its page a virtual authenticator through webContents.debugger", async () => {
  const id = await app.evaluate(async ({ BrowserWindow }) => {
    const own = BrowserWindow.getAllWindows()[0]?.webContents.debugger;
    const early: unknown = await own?.sendCommand("WebAuthn.enable").catch(String);
    own?.attach("1.3");
    await own?.sendCommand("WebAuthn.enable");
    const options = { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true };
    const added = (await own?.sendCommand("WebAuthn.addVirtualAuthenticator", { options })) as {
      authenticatorId: string;
    };
    own?.detach();
    return [early, typeof added.authenticatorId, own?.isAttached()];
  });
  expect(id).toEqual(["Error: No target available", "string", false]);
});

test("a window's picture is a PNG of its size", async () => {
  const window = await app.browserWindow(page);
  const size = await window.evaluate(async (w) => (await w.webContents.capturePage()).getSize());
  expect(size).toEqual({ width: 900, height: 700 });
});

test("the app hears what the page logs", async () => {
  const heard = await app.evaluate(async ({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents;
    const message = new Promise((resolve) =>
      contents?.once("console-message", ({ level, message: text }) => resolve([level, text])),
    );
    await contents?.executeJavaScript("console.warn('careful', 7)");
    return message;
  });
  expect(heard).toEqual(["warning", "careful 7"]);
});

test("what is not covered fails loudly: modules, members, events, options", async () => {
  const errors = await app.evaluate((electron) => {
    const { BrowserWindow, app: electronApp } = electron;
    const window = BrowserWindow.getAllWindows()[0];
    const attempts: (() => unknown)[] = [
      () => electron.autoUpdater.checkForUpdates(),
      () => new electron.Tray("icon.png"),
      () => electronApp.getGPUInfo("basic"),
      () => window?.setKiosk(true),
      () => window?.webContents.on("before-input-event", () => undefined),
      () => window?.webContents.session.cookies,
      () => new BrowserWindow({ webPreferences: { sandbox: false } }),
      () => electron.safeStorage.isEncryptionAvailable(),
      () => window?.webContents.session.webRequest.onCompleted(() => undefined),
      () => electron.protocol.handle("other", () => new Response("")),
    ];
    return attempts.map((attempt) => {
      try {
        attempt();
        return "silent";
      } catch (error) {
        return String(error);
      }
    });
  });
  expect(errors).toEqual(
    [
      "autoUpdater",
      "Tray",
      "app.getGPUInfo",
      "BrowserWindow.setKiosk",
      "the webContents event 'before-input-event'",
      "session.cookies",
      "a BrowserWindow with webPreferences.sandbox",
      "safeStorage.isEncryptionAvailable",
      "session.webRequest.onCompleted",
      "protocol.handle('other') without registerSchemesAsPrivileged",
    ].map((what) => `Error: electron stand-in: ${what} is not covered`),
  );
});
