import { existsSync } from "node:fs";
import { join } from "node:path";
import { chromium, type Page } from "@playwright/test";
import { button, expect, heading, sentence, test, text } from "./running-app.ts";

test("the demo says what it is, and pairs at the press of one button", async ({ launch }) => {
  const { page, userData } = await launch("--demo");
  await expect(page.getByRole("complementary", { name: text.frame.simulation })).toBeVisible();
  await expect(heading(page, "Ada Lovelace")).toBeVisible();
  await button(page, text.user.pairDesktop).click();

  await expect(heading(page, text.pairing.heading)).toBeVisible();
  await expect(heading(page, text.paired.heading)).toBeVisible();
  await expect(sentence(page, text.devices.status("ACTIVE"))).toBeVisible();
  // The real profile was not even opened.
  expect(existsSync(join(userData, "data"))).toBe(false);
});

test("the demo rehearses what goes wrong, with the keyboard alone", async ({ launch }) => {
  const { page } = await launch("--demo");
  await page.getByLabel(text.frame.rehearse).selectOption("activate-refused");
  await button(page, text.user.pairDesktop).focus();
  await page.keyboard.press("Enter");

  await expect(heading(page, text.failed.heading)).toBeVisible();
  await expect(sentence(page, text.describeLeft("nothing"))).toBeVisible();
  // Focus has moved with the screen, so that it is read out.
  await expect(heading(page, text.failed.heading)).toBeFocused();
});

test.describe("a demo in which a person signs in", () => {
  /** A browser of the person's own, on whichever device. */
  async function elsewhere(address: string, signIn: (page: Page) => Promise<void>): Promise<void> {
    const executablePath = process.env["DESKPAIR_CHROMIUM"] ?? "/usr/bin/chromium";
    const browser = await chromium.launch({ executablePath });
    const page = await browser.newPage();
    await page.goto(address);
    await signIn(page);
    await browser.close();
  }
  async function pairs(page: Page): Promise<void> {
    await expect(heading(page, text.ready.heading)).toBeVisible();
    await button(page, text.ready.begin).click();
    await page.getByLabel(text.findUser.query, { exact: true }).fill("ada@example.com");
    await button(page, text.findUser.submit).click();
    await button(page, text.user.pairDesktop).click();
    await expect(heading(page, text.paired.heading)).toBeVisible();
  }

  test("with the browser: begins at the sign-in, and goes on when it is done", async ({ launch }) => {
    const { page } = await launch("--demo=browser");
    await expect(page.getByRole("complementary", { name: text.frame.simulation })).toBeVisible();
    await expect(heading(page, text.signingIn.browserHeading)).toBeVisible();
    const address = await page
      .getByText(/^http:\/\/127\.0\.0\.1:\d+\/[0-9a-f-]{36}\/as\/authorize/)
      .first()
      .textContent();
    await elsewhere(address ?? "", async (browser) => {
      await browser.getByLabel("User name").fill("admin");
      await browser.getByRole("button", { name: "Sign in", exact: true }).click();
      await expect(browser.getByRole("heading", { name: "Back to DeskPair" })).toBeVisible();
    });
    await pairs(page);
  });

  test("with a code: shows it, and goes on when it has been entered", async ({ launch }) => {
    const { page } = await launch("--demo=device-code");
    await expect(heading(page, text.signingIn.codeHeading)).toBeVisible();
    const shown = page.getByText(/^[A-Z0-9]{4}-[A-Z0-9]{4}$/).first();
    const code = await shown.textContent();
    const address = await page
      .getByText(/^http:\/\/127\.0\.0\.1:\d+\/[0-9a-f-]{36}\/device\//)
      .first()
      .textContent();
    await elsewhere(address ?? "", async (browser) => {
      await browser.getByLabel("Code").fill(code ?? "");
      await browser.getByLabel("User name").fill("admin");
      await browser.locator("button.main").click();
    });
    await pairs(page);
  });

  test("can be cancelled, and leads to the sign-in of the demo", async ({ launch }) => {
    const { page } = await launch("--demo=device-code");
    await expect(heading(page, text.signingIn.codeHeading)).toBeVisible();
    await button(page, text.cancel).click();
    await expect(heading(page, text.signIn.heading)).toBeVisible();
    await button(page, text.signIn.deviceCode).click();
    await expect(heading(page, text.signingIn.codeHeading)).toBeVisible();
  });
});
