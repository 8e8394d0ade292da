import { bridgeName, requestNames } from "../../src/contract/channels.ts";
import { host } from "../electron-stand-in/launch.ts";
import { button, expect, heading, type Running, test, text, untilLogged } from "./running-app.ts";

/** What a page that has gone bad could do: nothing. Each test is such a page. */

/** Asked in the page and not by a locator: Playwright would wait for the navigation that has been refused. */
const stillThere = async ({ page }: Running): Promise<void> => {
  expect(await page.evaluate(() => document.querySelector("h1")?.textContent)).toBe(text.profile.firstHeading);
};

test("21: the bridge is the only thing that the page has and other pages have not, and it is frozen", async ({
  launch,
}) => {
  const { page } = await launch();
  const found = await page.evaluate((name) => {
    const frame = document.body.appendChild(document.createElement("iframe"));
    const elsewhere = new Set(Object.getOwnPropertyNames(frame.contentWindow ?? {}));
    const inFrame = frame.contentWindow !== null && name in frame.contentWindow;
    frame.remove();
    const bridge: Record<string, unknown> = Reflect.get(window, name);
    const own = Object.getOwnPropertyNames(window).filter((each) => !elsewhere.has(each) && !/^\d+$/.test(each));
    const before = bridge["on"];
    try {
      bridge["on"] = () => undefined;
      Object.assign(window, { [name]: {} });
    } catch {
      // Refused out loud, which is as good.
    }
    return {
      own,
      inFrame,
      keys: Object.keys(bridge),
      frozen: Object.isFrozen(bridge),
      same: Reflect.get(window, name) === bridge && bridge["on"] === before,
      node: [
        typeof Reflect.get(window, "require"),
        typeof Reflect.get(window, "process"),
        typeof Reflect.get(window, "Buffer"),
      ],
    };
  }, bridgeName);
  expect(found).toEqual({
    own: [bridgeName],
    inFrame: false,
    keys: expect.arrayContaining([...requestNames, "on"]),
    frozen: true,
    same: true,
    node: ["undefined", "undefined", "undefined"],
  });
  expect(found.keys).toHaveLength(requestNames.length + 1);
});

test("24: what the page sends is checked, and refused in data", async ({ launch }) => {
  const { page } = await launch();
  const answers = await page.evaluate(async (name) => {
    const bridge: Record<string, (input: unknown) => Promise<unknown>> = Reflect.get(window, name);
    const good = await bridge["app.snapshot"]?.(null);
    return [
      Object.keys(good as object),
      await bridge["app.snapshot"]?.({}),
      await bridge["link.open"]?.({ name: "https://example.com/" }),
      await bridge["user.find"]?.({ query: "x".repeat(100_000) }),
      await bridge["settings.change"]?.({ theme: "dark", path: "/etc/passwd" }),
    ];
  }, bridgeName);
  const refused = (reason: string) => ({ ok: false, error: { code: "message-refused", reason } });
  expect(answers).toEqual([
    ["ok", "value"],
    refused("malformed"),
    refused("malformed"),
    refused("too-large"),
    refused("malformed"),
  ]);
});

test("26: a listener is given the payload and nothing of Electron", async ({ launch }) => {
  const { page } = await launch();
  const given = await page.evaluate(async (name) => {
    const bridge = Reflect.get(window, name);
    const heard = new Promise<unknown[]>((resolve) => bridge.on("app.changed", (...all: unknown[]) => resolve(all)));
    await bridge["settings.change"]({ theme: "light" });
    const all = await heard;
    return { count: all.length, keys: Object.keys(all[0] as object) };
  }, bridgeName);
  expect(given.count).toBe(1);
  expect(given.keys).toEqual(expect.arrayContaining(["revision", "phase", "settings"]));
});

test("5: no script runs that is not the app's own file", async ({ launch }) => {
  const { page } = await launch();
  const result = await page.evaluate(async () => {
    const blocked: string[] = [];
    document.addEventListener("securitypolicyviolation", (event) => blocked.push(event.effectiveDirective));
    const violation = () =>
      new Promise((resolve) => document.addEventListener("securitypolicyviolation", resolve, { once: true }));
    const attempt = async (deed: () => void): Promise<string> => {
      const seen = violation();
      try {
        deed();
      } catch (error) {
        return (error as Error).name;
      }
      await seen;
      return "blocked";
    };
    const script = () => document.createElement("script");
    const outcomes = [
      await attempt(() => {
        const inline = script();
        inline.append("window.planted = 1");
        document.head.append(inline);
      }),
      await attempt(() => {
        script().text = "window.planted = 2";
      }),
      await attempt(() => {
        script().src = "data:text/javascript,window.planted = 3";
      }),
      await attempt(() => {
        document.body.insertAdjacentHTML("beforeend", "<img src=x onerror='window.planted = 4'>");
      }),
      await attempt(() => {
        const handler = document.createElement("a");
        handler.setAttribute("onclick", "window.planted = 5");
        handler.click();
      }),
      await attempt(() => {
        const style = document.createElement("style");
        style.append("body { display: none }");
        document.head.append(style);
      }),
    ];
    return { outcomes, planted: Reflect.get(window, "planted"), shown: getComputedStyle(document.body).display };
  });
  expect(result.outcomes).toEqual(["blocked", "TypeError", "TypeError", "TypeError", "TypeError", "blocked"]);
  expect(result.planted).toBeUndefined();
  expect(result.shown).not.toBe("none");
});

test("5, 16: nothing leaves the page: no fetch, image, style, frame, beacon or socket", async ({
  launch,
  stranger,
}) => {
  const running = await launch();
  const tried = await running.page.evaluate(async (url) => {
    const settled = (element: HTMLElement) =>
      new Promise<string>((resolve) => {
        element.addEventListener("load", () => resolve("loaded"));
        element.addEventListener("error", () => resolve("failed"));
        document.body.append(element);
      });
    const image = Object.assign(document.createElement("img"), { src: `${url}/image.png` });
    const style = Object.assign(document.createElement("link"), { rel: "stylesheet", href: `${url}/style.css` });
    document.body.append(Object.assign(document.createElement("iframe"), { src: `${url}/frame.html` }));
    navigator.sendBeacon(`${url}/beacon`, "x");
    const socket = (): Promise<string> =>
      new Promise((resolve) => {
        try {
          const opened = new WebSocket(url.replace("http", "ws"));
          opened.addEventListener("open", () => resolve("open"));
          opened.addEventListener("error", () => resolve("failed"));
        } catch {
          resolve("failed");
        }
      });
    const request = (address: string): Promise<string> =>
      fetch(address).then(
        () => "fetched",
        () => "failed",
      );
    return [
      await request(`${url}/fetch`),
      await request(location.href),
      await settled(image),
      await settled(style),
      await socket(),
    ];
  }, stranger.url);
  expect(tried).toEqual(["failed", "failed", "failed", "failed", "failed"]);
  expect(stranger.requests).toEqual([]);
  await stillThere(running);
});

test("5: no form is sent anywhere", async ({ launch, stranger }) => {
  const running = await launch();
  const blocked = await running.page.evaluate(async (url) => {
    const seen = new Promise<string>((resolve) =>
      document.addEventListener("securitypolicyviolation", (event) => resolve(event.effectiveDirective)),
    );
    const form = Object.assign(document.createElement("form"), { action: `${url}/form`, method: "post" });
    document.body.append(form);
    form.submit();
    return seen;
  }, stranger.url);
  expect(blocked).toBe("form-action");
  expect(stranger.requests).toEqual([]);
  await stillThere(running);
});

test("13: a script that sets the address leads nowhere", async ({ launch, stranger }) => {
  const running = await launch();
  await running.page.evaluate((url) => {
    location.href = `${url}/script`;
  }, stranger.url);
  await untilLogged(running, "guard.navigation-refused");
  expect(stranger.requests).toEqual([]);
  await stillThere(running);
});

/** A link that covers the page, so that it is what a click at the top left corner meets. */
async function plantLink({ page }: Running, address: string): Promise<void> {
  await page.evaluate((href) => {
    const link = Object.assign(document.createElement("a"), { href, textContent: "planted link" });
    for (const [name, value] of Object.entries({ position: "fixed", inset: "0", "z-index": "9999" })) {
      link.style.setProperty(name, value);
    }
    document.body.append(link);
  }, address);
}

test("13: a link leads nowhere", async ({ launch, stranger }) => {
  const running = await launch();
  await plantLink(running, `${stranger.url}/link`);
  await running.page.mouse.click(20, 20);
  await untilLogged(running, "guard.navigation-refused");
  expect(stranger.requests).toEqual([]);
  await stillThere(running);
});

/**
 * Electron asks the app before there is a window. The stand-in is told by Chromium when there is one, and closes it: a
 * first request may be on its way by then, so what was sent counts on Electron only.
 */
async function nothingOpened({ app }: Running, requests: readonly string[]): Promise<void> {
  await expect.poll(() => app.windows().length).toBe(1);
  if (host === "electron") expect(requests).toEqual([]);
}

test("13, 14: a middle click opens nothing", async ({ launch, stranger }) => {
  const running = await launch();
  await plantLink(running, `${stranger.url}/link`);
  await running.page.mouse.click(20, 20, { button: "middle" });
  await untilLogged(running, "guard.window-refused");
  await nothingOpened(running, stranger.requests);
  await stillThere(running);
});

test("14: no window opens", async ({ launch, stranger }) => {
  const running = await launch();
  const opened = await running.page.evaluate((url) => {
    const results = [
      window.open(`${url}/popup`),
      window.open(`${url}/named`, "name", "width=300"),
      window.open("about:blank"),
    ];
    return results.map((result) => result === null);
  }, stranger.url);
  expect(opened).toEqual([true, true, true]);
  await untilLogged(running, "guard.window-refused");
  await nothingOpened(running, stranger.requests);
  await stillThere(running);
});

test("a page that is loaded again is the same page, with the same bridge and the same state", async ({ launch }) => {
  const { page } = await launch("--demo");
  await expect(heading(page, "Ada Lovelace")).toBeVisible();
  await page.reload();
  await expect(heading(page, "Ada Lovelace")).toBeVisible();
  await expect(button(page, text.user.pairDesktop)).toBeEnabled();
});
