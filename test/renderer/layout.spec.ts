import type { Page } from "@playwright/test";
import { everyScreen } from "../fakes/screens.ts";
import { adasKey, adasLaptop, userOpen } from "../fakes/snapshots.ts";
import { button, expect, field, heading, test, text } from "./page-under-test.ts";

/** Room, zoom, motion and the order of the keyboard, on every screen. */

/** Elements whose words do not fit, and a page that scrolls sideways. */
const overflows = (page: Page): Promise<readonly string[]> =>
  page.evaluate(() => {
    const found: string[] = [];
    const root = document.documentElement;
    if (root.scrollWidth > root.clientWidth) found.push(`the page: ${root.scrollWidth} > ${root.clientWidth}`);
    const mayBeCut =
      ".visually-hidden, .bar-user-name, .bar-environment, .bar-actor, .bar-host, .select-value, .identifier, .button-compact";
    for (const element of document.querySelectorAll<HTMLElement>(
      "button, label, h1, h2, p, dt, dd, legend, .badge, .step-words, .field-label, .field-hint, .button-words",
    )) {
      if (element.closest(mayBeCut) !== null || element.offsetParent === null) continue;
      const { right } = element.getBoundingClientRect();
      if (element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).display !== "inline") {
        found.push(`${element.className || element.tagName}: ${element.textContent}`);
      }
      if (right > root.clientWidth + 1) found.push(`beyond the edge: ${element.className || element.tagName}`);
    }
    return found;
  });

const sizes = {
  "the smallest window": { width: 560, height: 480 },
  "the smallest window at 200 %": { width: 280, height: 240 },
  "a common window at 200 %": { width: 480, height: 380 },
  "a large window": { width: 1_920, height: 1_080 },
};

for (const [name, viewport] of Object.entries(sizes)) {
  test.describe(name, () => {
    test.use({ viewport });
    for (const language of ["en", "pseudo"] as const) {
      test(`nothing is cut off and nothing scrolls sideways in “${language}”`, async ({ open, page }) => {
        const screens = Object.entries(everyScreen);
        const first = screens[0]?.[1]();
        const { push } = await open(first ?? null);
        for (const [screen, make] of screens) {
          const snapshot = make();
          await push({ ...snapshot, settings: { ...snapshot.settings, language } });
          await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
          expect(await overflows(page), screen).toEqual([]);
        }
      });
    }
  });
}

test("targets are large enough for a finger", async ({ open, page }) => {
  const { push } = await open(everyScreen["sign-in"]?.() ?? null);
  for (const [screen, make] of Object.entries(everyScreen)) {
    await push(make());
    const small = await page.evaluate(() =>
      Array.from(document.querySelectorAll<HTMLElement>("main button, header button, aside button, input, select"))
        .filter(
          (element) => element.closest(".visually-hidden, select > button") === null && element.offsetParent !== null,
        )
        .map((element) => {
          // The words of a checkbox are pressed like the box itself.
          const words = element instanceof HTMLInputElement ? element.labels?.[0]?.getBoundingClientRect() : undefined;
          const { width, height } = element.getBoundingClientRect();
          return {
            name: element.textContent || element.id,
            width: Math.max(width, words?.width ?? 0),
            height: Math.max(height, words?.height ?? 0),
          };
        })
        .filter(({ width, height }) => width < 24 || height < 24)
        .map(({ name }) => name),
    );
    expect(small, screen).toEqual([]);
  }
});

test.describe("someone who does not want motion", () => {
  test.use({ contextOptions: { reducedMotion: "reduce" } });
  test("sees none", async ({ open, page }) => {
    const { push } = await open(everyScreen["pairing"]?.() ?? null);
    for (const name of ["pairing", "sign-in-busy", "signing-in-browser", "signing-in-none", "pairing-cancelling"]) {
      const made = everyScreen[name]?.();
      if (made !== undefined) await push(made);
      expect(await page.evaluate(() => document.getAnimations().length), name).toBe(0);
    }
  });
});

test("everything on a screen is reached with Tab, in the order in which it is read", async ({ open }) => {
  const { page } = await open(userOpen({ devices: [adasLaptop, adasKey] }));
  const order = [
    button(page, text.user.pairingLink),
    field(page, text.user.policy),
    field(page, text.user.nickname),
    button(page, text.user.pairDesktop),
    button(page, text.keys.pair),
    button(page, text.devices.refresh),
    button(page, text.devices.removeOne("LT-0417")),
    button(page, text.devices.removeOne("Blue key")),
  ];
  await expect(heading(page, "Ada Lovelace")).toBeFocused();
  for (const place of order) {
    await page.keyboard.press("Tab");
    await expect(place).toBeFocused();
    const ring = await place.evaluate((element) => getComputedStyle(element).outlineStyle);
    expect(ring).toBe("solid");
  }
});
