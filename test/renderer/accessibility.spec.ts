import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { adasKey, adasLaptop, everyScreen, userOpen } from "../fakes/snapshots.ts";
import { button, expect, field, heading, test, text } from "./page-under-test.ts";

/** What must hold on every screen, whatever it is about. */

const axeFindings = async (page: Page): Promise<readonly string[]> => {
  const { violations } = await new AxeBuilder({ page })
    .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
    .analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} ${target.join(" ")}: ${failureSummary}`),
  );
};

const looks = {
  light: { colorScheme: "light" },
  dark: { colorScheme: "dark" },
  "forced colours": { forcedColors: "active" },
} as const;

/** Screens that a press away from another: dialogs, open lists, unfolded parts, messages. */
const scenes: Readonly<Record<string, { readonly screen: string; readonly act: (page: Page) => Promise<void> }>> = {
  settings: { screen: "find-user", act: (page) => button(page, text.frame.settings).click() },
  "sign-in with own addresses": { screen: "sign-in", act: (page) => button(page, text.signIn.ownAddresses).click() },
  "sign-in with errors": { screen: "sign-in", act: (page) => button(page, text.signIn.submit).click() },
  "the question about a device": {
    screen: "user",
    act: (page) => button(page, text.devices.removeOne("Blue key")).click(),
  },
  "the question about another device": {
    screen: "user-simulation",
    act: (page) => button(page, text.user.pairDesktop).click(),
  },
  "the question about MFA": { screen: "user-mfa-off", act: (page) => button(page, text.user.switchMfaOn).click() },
  "a refused pairing": {
    screen: "user",
    act: async (page) => {
      await page.evaluate(() => {
        window.fakeMain.replies["pairing.start"] = {
          outcome: {
            ok: false,
            error: { code: "not-allowed", action: "pair", correlationId: "c-1", serverMessage: "No." },
          },
        };
      });
      await button(page, text.user.pairDesktop).click();
    },
  },
  "the list of policies": { screen: "user", act: (page) => field(page, text.user.policy).click() },
  "the steps of a pairing": { screen: "paired", act: (page) => button(page, text.paired.steps("11 s")).click() },
};

const all = [
  ...Object.entries(everyScreen).map(([name, make]) => ({ name, make, act: async () => {} })),
  ...Object.entries(scenes).map(([name, { screen, act }]) => ({ name, make: everyScreen[screen], act })),
];

for (const [look, options] of Object.entries(looks)) {
  test.describe(look, () => {
    test.use({ ...options, contextOptions: { reducedMotion: "reduce" } });
    for (const { name, make, act } of all) {
      test(`${name}: axe finds nothing`, async ({ open }) => {
        const { page } = await open(make?.() ?? null);
        await act(page);
        await expect(page.getByRole("heading", { level: 1, includeHidden: true }).first()).toBeAttached();
        expect(await axeFindings(page)).toEqual([]);
      });
    }
  });
}

/** Elements whose words do not fit, and a page that scrolls sideways. */
const overflows = (page: Page): Promise<readonly string[]> =>
  page.evaluate(() => {
    const found: string[] = [];
    const root = document.documentElement;
    if (root.scrollWidth > root.clientWidth) found.push(`the page: ${root.scrollWidth} > ${root.clientWidth}`);
    const mayBeCut =
      ".visually-hidden, .bar-user-name, .bar-environment, .bar-host, .select-value, .identifier, .button-compact";
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
      Array.from(document.querySelectorAll<HTMLElement>("main button, header button, input, select"))
        .filter(
          (element) => element.closest(".visually-hidden, select > button") === null && element.offsetParent !== null,
        )
        .map((element) => ({ name: element.textContent, box: element.getBoundingClientRect() }))
        .filter(({ box }) => box.width < 24 || box.height < 24)
        .map(({ name }) => name),
    );
    expect(small, screen).toEqual([]);
  }
});

test.describe("someone who does not want motion", () => {
  test.use({ contextOptions: { reducedMotion: "reduce" } });
  test("sees none", async ({ open, page }) => {
    const { push } = await open(everyScreen["pairing"]?.() ?? null);
    for (const name of ["pairing", "sign-in-busy", "pairing-cancelling"]) {
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
