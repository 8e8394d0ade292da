import { test as base, expect, type Locator, type Page } from "@playwright/test";
import type { RequestName } from "../../src/contract/channels.ts";
import type { AppError } from "../../src/contract/errors.ts";
import type { Snapshot } from "../../src/contract/views.ts";
import { english } from "../../src/renderer/text.ts";
import { type Call, type First, installFakeBridge, type Reply } from "../fakes/bridge.ts";
import { pageUrl, servePage } from "../fakes/served-page.ts";
import { moment } from "../fakes/snapshots.ts";

export { expect };
export const text = english;

/** The built page in the browser, with a main process that says what the test tells it to. */
type PageUnderTest = {
  readonly page: Page;
  readonly push: (snapshot: Snapshot) => Promise<void>;
  /** From now on main answers like this. */
  readonly reply: (name: RequestName, reply: Reply) => Promise<void>;
  readonly fail: (name: RequestName, error: AppError) => Promise<void>;
  /** Lets a held answer go. */
  readonly release: (name: RequestName) => Promise<void>;
  readonly calls: () => Promise<readonly Call[]>;
  /** What the polite and the assertive live region say now. */
  readonly spoken: Locator;
  readonly alarmed: Locator;
};

type Fixtures = { readonly open: (first: First) => Promise<PageUnderTest> };

declare global {
  interface Window {
    violations: string[];
  }
}

/** Runs in a page before anything of it. */
export function collectViolations(): void {
  window.violations = [];
  document.addEventListener("securitypolicyviolation", (event) => window.violations.push(event.effectiveDirective));
}

/**
 * Every test ends with three questions: has the page tripped over its own Content-Security-Policy, has it asked for
 * anything outside of itself, has it complained on the console? A test that provokes one of them says so itself.
 */
export const test = base.extend<Fixtures>({
  open: async ({ page }, use) => {
    const complaints: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(String(error)));
    const { foreign } = await servePage(page);

    await use(async (first) => {
      // Set, not stopped: the page keeps running, at a moment that the fixtures know.
      await page.clock.setFixedTime(moment);
      await page.addInitScript(collectViolations);
      await page.addInitScript<First>(installFakeBridge, first);
      await page.goto(pageUrl);
      if (first !== null) await page.getByRole("heading", { level: 1 }).waitFor();
      const answerWith = (name: RequestName, reply: Reply) =>
        page.evaluate(
          (given) => {
            window.fakeMain.replies[given.name] = given.reply;
          },
          { name, reply },
        );
      return {
        page,
        push: (snapshot) => page.evaluate((given) => window.fakeMain.push(given), snapshot),
        reply: answerWith,
        fail: (name, error) => answerWith(name, { outcome: { ok: false, error } }),
        release: (name) => page.evaluate((given) => window.fakeMain.release(given), name),
        calls: () => page.evaluate(() => window.fakeMain.calls),
        spoken: page.getByRole("status"),
        alarmed: page.getByRole("alert"),
      } satisfies PageUnderTest;
    });

    expect(await page.evaluate(() => window.violations), "violations of the Content-Security-Policy").toEqual([]);
    expect(foreign, "requests for anything but the page's own files").toEqual([]);
    expect(complaints, "complaints on the console").toEqual([]);
  },
});

export const button = (scope: Page | Locator, name: string): Locator =>
  scope.getByRole("button", { name, exact: true });
export const heading = (scope: Page | Locator, name: string): Locator =>
  scope.getByRole("heading", { name, exact: true });
export const field = (scope: Page | Locator, name: string): Locator => scope.getByLabel(name, { exact: true });
