import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type ElectronApplication, expect, type Page, test } from "@playwright/test";
import { launchFixture, recorded, seen } from "./fixture-app.ts";

let app: ElectronApplication;
let page: Page;

test.beforeAll(async () => {
  app = await launchFixture();
  page = await app.firstWindow();
  await expect(page.locator("#state")).toHaveText("ready");
});
test.afterAll(() => app.close());

test("a handler gets method and body and its answer keeps status and headers", async () => {
  const answer = await page.evaluate(async () => {
    const echoed = await fetch("/echo", { method: "POST", body: "grün ☂" });
    const missing = await fetch("/nowhere");
    return [echoed.headers.get("x-method"), await echoed.text(), missing.status];
  });
  expect(answer).toEqual(["POST", "grün ☂", 404]);
});

test("each session answers with its own handler, and https needs no registration", async () => {
  const texts = await app.evaluate(async ({ BrowserWindow, session }) => {
    const bodies: string[] = [];
    for (const name of ["one", "two"]) {
      const own = session.fromPartition(name, { cache: false });
      own.protocol.handle(
        "https",
        ({ url }) => new Response(`<p>${name} ${url}</p>`, { headers: { "content-type": "text/html" } }),
      );
      const window = new BrowserWindow({ show: false, webPreferences: { session: own } });
      await window.loadURL("https://login.example.com/page?x=1");
      const text = "document.body.textContent + ' ' + location.origin + ' ' + isSecureContext";
      bodies.push((await window.webContents.executeJavaScript(text)) as string);
      window.destroy();
    }
    return bodies;
  });
  expect(texts).toEqual([
    "one https://login.example.com/page?x=1 https://login.example.com true",
    "two https://login.example.com/page?x=1 https://login.example.com true",
  ]);
});

test("a session without the handler cannot load the scheme of another", async () => {
  const error = await app.evaluate(async ({ BrowserWindow }) => {
    const window = new BrowserWindow({ show: false, webPreferences: { partition: "bare" } });
    const reason = await window.loadURL("app://fixture/index.html").catch(String);
    window.destroy();
    return reason;
  });
  expect(error).toBe("Error: ERR_FAILED (-2) loading 'app://fixture/index.html'");
});

test("two partitions share neither cookies nor storage; the same name is the same session", async () => {
  const result = await app.evaluate(async ({ BrowserWindow, session }) => {
    const open = async (partition: string) => {
      const own = session.fromPartition(partition);
      if (!own.protocol.isProtocolHandled("https")) {
        own.protocol.handle("https", () => new Response("<p>", { headers: { "content-type": "text/html" } }));
      }
      const window = new BrowserWindow({ show: false, webPreferences: { partition } });
      await window.loadURL("https://shared.example.com/");
      return window;
    };
    const read = "[document.cookie, localStorage.getItem('key')]";
    const first = await open("left");
    await first.webContents.executeJavaScript("document.cookie = 'a=1; secure'; localStorage.setItem('key', 'value')");
    const again = await open("left");
    const other = await open("right");
    const views = [];
    for (const window of [again, other]) views.push((await window.webContents.executeJavaScript(read)) as unknown);
    for (const window of [first, again, other]) window.destroy();
    return { views, same: session.fromPartition("left") === session.fromPartition("left") };
  });
  expect(result).toEqual({
    views: [
      ["a=1", "value"],
      ["", null],
    ],
    same: true,
  });
});

test("Playwright sees the page of any partition", async () => {
  // By its address: the event of a window that an earlier test has destroyed can arrive as late as here.
  const address = "https://auth.example.com/enrol";
  const opened = app.waitForEvent("window", async (page) => {
    const arrived = page.waitForURL(address);
    return arrived.then(
      () => true,
      () => false,
    );
  });
  await app.evaluate(({ BrowserWindow, session }) => {
    const own = session.fromPartition("visible");
    own.protocol.handle(
      "https",
      () => new Response("<title>Enrol</title>", { headers: { "content-type": "text/html" } }),
    );
    const window = new BrowserWindow({ webPreferences: { session: own } });
    void window.loadURL("https://auth.example.com/enrol");
  });
  const enrolment = await opened;
  await expect(enrolment).toHaveTitle("Enrol");
  const window = await app.browserWindow(enrolment);
  await window.evaluate((browserWindow) => browserWindow.close());
});

test("onBeforeRequest sees and cancels every kind of request of its session, and no other's", async () => {
  const hits: string[] = [];
  const server = createServer((request, response) => {
    hits.push(request.url ?? "");
    response.setHeader("access-control-allow-origin", "*").end("ok");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const result = await app.evaluate(async ({ BrowserWindow, session }, base) => {
    const own = session.fromPartition("offline");
    own.protocol.handle("app", ({ url }) => {
      const worker = `fetch("${base}/worker").catch(() => 0).then(() => postMessage("done"))`;
      if (url.endsWith("/worker.js")) return new Response(worker, { headers: { "content-type": "text/javascript" } });
      return new Response("<p>", { headers: { "content-type": "text/html" } });
    });
    const asked: string[] = [];
    own.webRequest.onBeforeRequest(({ url, resourceType }, answer) => {
      asked.push(`${resourceType} ${url}`);
      answer({ cancel: !url.startsWith("app:") });
    });
    const load = async (partition: string, address: string): Promise<string> => {
      const window = new BrowserWindow({ show: false, webPreferences: { partition } });
      await window.loadURL(address);
      const outcome = (await window.webContents.executeJavaScript(`(async () => {
        const load = (element, to) => new Promise((done) => {
          element.onload = element.onerror = done; element.src = to; document.body.append(element);
        });
        await load(new Image(), "${base}/image");
        await load(document.createElement("script"), "${base}/script");
        if (location.protocol === "https:") {
          const worker = new Worker("/worker.js");
          await new Promise((done) => { worker.onmessage = done; });
        }
        return fetch("${base}/fetch").then(() => "fetched", () => "refused");
      })()`)) as string;
      window.destroy();
      return outcome;
    };
    return { offline: await load("offline", "app://fixture/"), online: await load("online", `${base}/page`), asked };
  }, `http://127.0.0.1:${port}`);
  await new Promise((resolve) => server.close(resolve));
  expect(result.offline).toBe("refused");
  expect(result.online).toBe("fetched");
  expect(result.asked).toEqual([
    "mainFrame app://fixture/",
    `image http://127.0.0.1:${port}/image`,
    `script http://127.0.0.1:${port}/script`,
    "other app://fixture/worker.js",
    `xhr http://127.0.0.1:${port}/worker`,
    `xhr http://127.0.0.1:${port}/fetch`,
  ]);
  expect(hits).toEqual(["/page", "/image", "/script", "/fetch"]);
});

test("a handler for https answers before onBeforeRequest is asked, as in Electron", async () => {
  const result = await app.evaluate(async ({ BrowserWindow, session }) => {
    const own = session.fromPartition("handled");
    const asked: string[] = [];
    own.webRequest.onBeforeRequest({ urls: ["<all_urls>"] }, ({ url }, answer) => {
      asked.push(url);
      answer({ cancel: true });
    });
    own.protocol.handle("https", () => new Response("<p>handled", { headers: { "content-type": "text/html" } }));
    const window = new BrowserWindow({ show: false, webPreferences: { session: own } });
    await window.loadURL("https://handled.example.com/");
    const text = (await window.webContents.executeJavaScript("document.body.textContent")) as string;
    const other = await window.loadURL("http://127.0.0.1:1/").catch(String);
    window.destroy();
    return { text, other, asked };
  });
  expect(result).toEqual({
    text: "handled",
    other: "Error: ERR_BLOCKED_BY_CLIENT (-20) loading 'http://127.0.0.1:1/'",
    asked: ["http://127.0.0.1:1/"],
  });
});

test("the permission handlers decide what the page may do", async () => {
  const states = await page.evaluate(async () => {
    const names = ["geolocation", "notifications", "camera", "clipboard-read"] as const;
    const found = await Promise.all(names.map((name) => navigator.permissions.query({ name: name as PermissionName })));
    return { states: found.map(({ state }) => state), notification: await Notification.requestPermission() };
  });
  expect(states).toEqual({
    states: ["granted", "denied", "denied", "denied"],
    notification: "denied",
  });
  expect(await recorded(app, "permissions")).toContainEqual([
    "app://fixture",
    expect.objectContaining({ geolocation: "granted", camera: "denied" }),
  ]);
});

test("without handlers everything is granted, which is Electron's default", async () => {
  const state = await app.evaluate(async ({ BrowserWindow, session }) => {
    const own = session.fromPartition("lax");
    own.protocol.handle("https", () => new Response("<p>", { headers: { "content-type": "text/html" } }));
    const window = new BrowserWindow({ show: false, webPreferences: { session: own } });
    await window.loadURL("https://lax.example.com/");
    const query = "navigator.permissions.query({ name: 'notifications' }).then(({ state }) => state)";
    const found = (await window.webContents.executeJavaScript(query)) as string;
    window.destroy();
    return found;
  });
  expect(state).toBe("granted");
});

test("a download is offered to the app and refused", async () => {
  await page.getByRole("link", { name: "download" }).click();
  await expect
    .poll(() => seen(app, "will-download"))
    .toEqual([["will-download", "app://fixture/download", "list.csv"]]);
});

test("loadURL tells why it failed", async () => {
  const errors = await app.evaluate(async ({ BrowserWindow }) => {
    const window = new BrowserWindow({ show: false, webPreferences: { partition: "failing" } });
    const failures: unknown[] = [];
    window.webContents.on("did-fail-load", (_event, code, reason, url) => failures.push([code, reason, url]));
    const error = await window.loadURL("http://nowhere.example/").catch((reason: Error) => reason.message);
    const unfinished = window.loadURL("http://127.0.0.1:1/").catch((reason: Error) => reason.message);
    window.destroy();
    return { error, failures, unfinished: await unfinished };
  });
  expect(errors).toEqual({
    error: "ERR_NAME_NOT_RESOLVED (-105) loading 'http://nowhere.example/'",
    failures: [[-105, "ERR_NAME_NOT_RESOLVED", "http://nowhere.example/"]],
    unfinished: expect.stringMatching(/^ERR_FAILED \(-2\) loading/),
  });
});
