import { inTheBrowser, moment, ready, signedOut, signingIn, withACode } from "../fakes/snapshots.ts";
import { button, expect, heading, test, text } from "./page-under-test.ts";

/** While the person signs in elsewhere. */

const words = text.signingIn;

test.describe("in the browser", () => {
  test("what happens, how long it may take, and what to do when no browser came", async ({ open, context }) => {
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    const { page, push, calls, spoken } = await open(signedOut());
    await push(signingIn(inTheBrowser));
    await expect(heading(page, words.heading)).toBeFocused();
    await expect(page).toHaveTitle(text.title(words.heading));
    await expect(spoken).toHaveText(text.changes.signingIn(words.browserHeading, words.browserBody));
    await expect(page.getByText(words.to("Example Corp"))).toBeVisible();
    await expect(page.getByRole("timer")).toHaveText(text.pairing.timeLeft("5:00"));
    await button(page, text.copyOf(text.copy, words.address)).click();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(
      inTheBrowser.way === "browser" ? inTheBrowser.address : "",
    );
    await button(page, words.openAgain).click();
    expect(await calls()).toEqual([{ name: "session.openSignInPage", input: null }]);
  });

  test("a browser that does not open is said", async ({ open }) => {
    const { page, fail } = await open(signingIn(inTheBrowser));
    await fail("session.openSignInPage", { code: "not-now", doing: "signing in" });
    await button(page, words.openAgain).click();
    await expect(page.getByRole("main").getByText(text.code("not-now"))).toBeVisible();
  });

  test("the time runs down, second by second", async ({ open }) => {
    const { page, push, spoken } = await open(signedOut());
    await page.clock.install({ time: moment - 1_000 });
    await page.clock.pauseAt(moment);
    await push(signingIn(inTheBrowser));
    const timer = page.getByRole("timer");
    await expect(timer).toHaveText(text.pairing.timeLeft("5:00"));
    await page.clock.runFor(270_000);
    await expect(timer).toHaveText(text.pairing.timeLeft("0:30"));
    await expect(spoken).toHaveText(text.pairing.timeLeftSpoken(30));
    await page.clock.runFor(30_000);
    await expect(timer).toHaveText(text.pairing.timeIsUp);
    await expect(page.getByText(words.browserLate)).toBeVisible();
  });

  for (const how of ["button", "Escape"] as const) {
    test(`is cancelled by ${how}`, async ({ open }) => {
      const { page, reply, calls } = await open(signingIn(inTheBrowser));
      await reply("session.cancelSignIn", { snapshots: [signedOut()] });
      if (how === "button") await button(page, text.cancel).click();
      else await page.keyboard.press("Escape");
      await expect(button(page, text.signIn.browser)).toBeFocused();
      expect(await calls()).toEqual([{ name: "session.cancelSignIn", input: null }]);
    });
  }
});

test.describe("with a code", () => {
  test("the code to read, to hear and to copy, with the address", async ({ open, context }) => {
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    const { page, push, spoken } = await open(signedOut());
    await push(signingIn(withACode));
    await expect(page.getByText("WDJB-MJHT", { exact: true })).toBeVisible();
    // Read as words it could not be typed: a screen reader gets the letters.
    await expect(page.getByText("WDJB-MJHT", { exact: true })).toHaveAttribute("aria-hidden", "true");
    await expect(page.getByText(words.codeSpoken("W D J B, M J H T"))).toBeAttached();
    await expect(spoken).toHaveText(text.changes.codeToEnter(withACode.address, "W D J B, M J H T"));
    await expect(page.getByText(withACode.address, { exact: true })).toBeVisible();
    await button(page, text.copyOf(text.copy, words.code)).click();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe("WDJB-MJHT");
    await button(page, text.copyOf(text.copy, words.codeAddress)).click();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(withACode.address);
  });

  test("a code without groups is shown in groups, and copied as it is", async ({ open }) => {
    const { page } = await open(signingIn({ ...withACode, userCode: "ABCDEFGH", qr: [] }));
    await expect(page.getByText("ABCD EFGH", { exact: true })).toBeVisible();
    await expect(page.getByText(words.codeSpoken("A B C D, E F G H"))).toBeAttached();
    await expect(page.getByRole("img")).toHaveCount(0);
  });

  test("the QR code is drawn dark on light, with room around it, and says what is in it", async ({ open, page }) => {
    await page.emulateMedia({ colorScheme: "dark" });
    await open(signingIn(withACode));
    const code = page.getByRole("img", { name: words.qr });
    await expect(code).toBeVisible();
    const side = withACode.qr.length;
    await expect(code).toHaveAttribute("viewBox", `-4 -4 ${side + 8} ${side + 8}`);
    await expect(code).toHaveCSS("background-color", "rgb(255, 255, 255)");
    await expect(code).toHaveCSS("fill", "rgb(0, 0, 0)");
    // What is drawn, module by module, is what main sent.
    const drawn = await code.locator("path").evaluate((path, side) => {
      const shape = path as unknown as SVGGeometryElement;
      const row = (y: number) =>
        Array.from({ length: side }, (_, x) => (shape.isPointInFill(new DOMPoint(x + 0.5, y + 0.5)) ? "1" : "0"));
      return Array.from({ length: side }, (_, y) => row(y).join(""));
    }, side);
    expect(drawn).toEqual(withACode.qr);
  });

  test("the time runs down, and then the code is no longer valid", async ({ open }) => {
    const { page, push, spoken } = await open(signedOut());
    await page.clock.install({ time: moment - 1_000 });
    await page.clock.pauseAt(moment);
    await push(signingIn(withACode));
    await expect(page.getByRole("timer")).toHaveText(text.pairing.timeLeft("10:00"));
    await page.clock.runFor(590_000);
    await expect(spoken).toHaveText(text.pairing.timeLeftSpoken(10));
    await page.clock.runFor(10_000);
    await expect(page.getByRole("timer")).toHaveText(text.pairing.timeIsUp);
    await expect(page.getByText(words.codeLate)).toBeVisible();
  });
});

test("with nothing to do: says that it is at it, and can be cancelled", async ({ open }) => {
  const { page, push, spoken, calls } = await open(signedOut());
  await push(signingIn({ way: "none" }));
  await expect(page.getByText(words.none)).toBeVisible();
  await expect(spoken).toHaveText(text.busy["session.signIn"]);
  await expect(page.getByRole("timer")).toHaveCount(0);
  await push(signingIn(inTheBrowser));
  await expect(spoken).toHaveText(text.changes.signingIn(words.browserHeading, words.browserBody));
  await push(signingIn({ way: "none" }));
  await page.keyboard.press("Escape");
  expect(await calls()).toEqual([{ name: "session.cancelSignIn", input: null }]);
});

test("goes on by itself to what the session is good for", async ({ open }) => {
  const { page, push } = await open(signingIn(inTheBrowser));
  await push(ready());
  await expect(heading(page, text.ready.heading)).toBeVisible();
  await expect(button(page, text.ready.begin)).toBeFocused();
});
