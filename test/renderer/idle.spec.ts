import type { Page } from "@playwright/test";
import { after, findingUser, moment, operatedBy, userOpen } from "../fakes/snapshots.ts";
import { button, expect, field, test, text } from "./page-under-test.ts";

/** That somebody is here, and that nobody is. */

const minute = 60_000;
const limited = (inMs: number) => operatedBy(userOpen(), { idleAt: moment + inMs });

/** Stopped at the moment that the fixtures know, so that only the test moves it on. */
async function stopClock(page: Page): Promise<void> {
  await page.clock.install({ time: moment - 1_000 });
  await page.clock.pauseAt(moment);
}
const notice = (page: Page) => page.getByRole("complementary", { name: text.frame.idleLabel });

test.describe("the end is near", () => {
  test("is said two minutes before, in steps, calmly, and the session is kept by a press", async ({ open }) => {
    const { page, push, spoken, alarmed, calls } = await open(findingUser());
    await stopClock(page);
    await push(limited(10 * minute));
    await expect(button(page, text.user.another)).toBeVisible();
    await expect(notice(page)).toHaveCount(0);
    await page.clock.runFor(8 * minute);
    await expect(notice(page)).toContainText(text.frame.idle("2 minutes"));
    await expect(spoken).toHaveText(text.frame.idle("2 minutes"));
    await page.clock.runFor(minute / 2);
    await expect(notice(page)).toContainText(text.frame.idle("90 seconds"));
    await page.clock.runFor(minute);
    await expect(notice(page)).toContainText(text.frame.idle("30 seconds"));
    await expect(spoken).toHaveText(text.frame.idle("30 seconds"));
    await expect(alarmed).toHaveText("");

    await button(page, text.frame.stay).click();
    expect(await calls()).toEqual([{ name: "session.touch", input: null }]);
    await push(limited(19.5 * minute));
    await expect(notice(page)).toHaveCount(0);
  });

  test("pressed by a key as well, and sent once", async ({ open }) => {
    const { page, calls } = await open(limited(minute));
    await button(page, text.frame.stay).focus();
    await page.keyboard.press("Enter");
    expect(await calls()).toEqual([{ name: "session.touch", input: null }]);
  });

  test("of a short time only the last half is near", async ({ open }) => {
    const { page, push } = await open(findingUser());
    await stopClock(page);
    const first = limited(2 * minute);
    await push(after(first, { settings: { ...first.settings, idleMinutes: 2 } }));
    await expect(button(page, text.user.another)).toBeVisible();
    await expect(notice(page)).toHaveCount(0);
    await page.clock.runFor(minute);
    await expect(notice(page)).toContainText(text.frame.idle("1 minute"));
  });

  test("the notice hides nothing that has the focus", async ({ open, page }) => {
    await page.setViewportSize({ width: 560, height: 480 });
    await open(limited(minute));
    await expect(notice(page)).toBeVisible();
    const last = button(page, text.devices.removeOne("Blue key"));
    await last.focus();
    const edge = (await notice(page).boundingBox())?.y ?? 0;
    const box = await last.boundingBox();
    expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThanOrEqual(edge + 1);
  });
});

test.describe("somebody is here", () => {
  test("is told at most once in 30 seconds, by keys, buttons and the wheel", async ({ open }) => {
    const { page, push, calls } = await open(findingUser());
    await stopClock(page);
    await push(operatedBy(findingUser(), { idleAt: moment + 10 * minute }));
    const touches = async () => (await calls()).filter(({ name }) => name === "session.touch").length;
    await field(page, text.findUser.query).pressSequentially("ada");
    expect(await touches()).toBe(1);
    await page.clock.runFor(29_000);
    await page.mouse.click(5, 400);
    expect(await touches()).toBe(1);
    await page.clock.runFor(1_000);
    await page.mouse.click(5, 400);
    expect(await touches()).toBe(2);
    await page.clock.runFor(30_000);
    await page.mouse.wheel(0, 10);
    await expect.poll(touches).toBe(3);
  });

  test("is not told by a page that nobody touches, nor where nothing ends", async ({ open }) => {
    const { page, push, calls } = await open(findingUser());
    await stopClock(page);
    await field(page, text.findUser.query).pressSequentially("ada");
    await push(limited(10 * minute));
    await expect(button(page, text.user.another)).toBeVisible();
    await page.clock.runFor(10 * minute);
    expect(await calls()).toEqual([]);
  });

  test("an idle page has one timer, which rests for half a minute at least", async ({ open }) => {
    const { page, push } = await open(findingUser());
    await stopClock(page);
    await page.evaluate(() => {
      const set = window.setTimeout.bind(window);
      const waits: number[] = [];
      Object.assign(window, {
        waits,
        setTimeout: (work: () => void, ms?: number) => {
          waits.push(ms ?? 0);
          return set(work, ms);
        },
        setInterval: () => {
          throw new Error("an interval on an idle page");
        },
      });
    });
    await push(operatedBy(findingUser(), { idleAt: moment + 10 * minute }));
    await page.clock.runFor(7.9 * minute);
    const waits = await page.evaluate(() => (window as unknown as { waits: number[] }).waits);
    expect(waits).toEqual([8 * minute]);
    await page.clock.runFor(1.6 * minute);
    expect(await page.evaluate(() => (window as unknown as { waits: number[] }).waits)).toEqual([
      8 * minute,
      30_000,
      30_000,
      30_000,
      30_000,
    ]);
  });
});
