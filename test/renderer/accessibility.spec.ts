import { AxeBuilder } from "@axe-core/playwright";
import type { Locator, Page } from "@playwright/test";
import { everyScreen } from "../fakes/screens.ts";
import { button, expect, field, heading, test, text } from "./page-under-test.ts";

/** What axe finds, on every screen and in every look. */

/** Some eighty analyses, each of half a second on an idle machine. */
const patience = 600_000;

/** Names, roles, order and the rest are the same in every look, so they are looked at in one; this is not. */
const ofColours = ["color-contrast", "link-in-text-block"];

const axeFindings = async (page: Page, look: keyof typeof looks): Promise<readonly string[]> => {
  const axe = new AxeBuilder({ page });
  const { violations } = await (look === "light"
    ? axe.withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
    : axe.withRules(ofColours)
  ).analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} ${target.join(" ")}: ${failureSummary}`),
  );
};

const looks = {
  light: { colorScheme: "light" },
  dark: { colorScheme: "dark" },
  "forced colours": { forcedColors: "active" },
} as const;

type Scene = {
  readonly screen: string;
  readonly act: (page: Page) => Promise<void>;
  readonly shows: (page: Page) => Locator;
};
const question = (page: Page): Locator => page.getByRole("alertdialog");

/** What is one press away from a screen: dialogs, open lists, unfolded parts, messages. */
const scenes: Readonly<Record<string, Scene>> = {
  settings: {
    screen: "find-user",
    act: (page) => button(page, text.frame.settings).click(),
    shows: (page) => heading(page, text.settings.heading),
  },
  "a profile with more settings": {
    screen: "first-run",
    act: (page) => button(page, text.profile.more).click(),
    shows: (page) => field(page, text.profile.apiUrl),
  },
  "a profile with problems": {
    screen: "first-run",
    act: (page) => button(page, text.profile.save).click(),
    shows: (page) => page.getByText(text.profile.problems.nameMissing),
  },
  "the list of profiles": {
    screen: "sign-in-many",
    act: (page) => button(page, text.signIn.otherProfile).click(),
    shows: (page) => page.getByRole("list", { name: text.profiles.list }),
  },
  "the question about a profile": {
    screen: "sign-in",
    act: (page) => button(page, text.signIn.remove).click(),
    shows: question,
  },
  "a refused sign-in": {
    screen: "sign-in",
    act: async (page) => {
      await page.evaluate(() => {
        window.fakeMain.replies["session.signIn"] = {
          outcome: { ok: false, error: { code: "sign-in-port-taken", port: 7464, program: "node" } },
        };
      });
      await button(page, text.signIn.browser).click();
    },
    shows: (page) => page.getByText(text.code("sign-in-port-taken")),
  },
  "the question about a device in production": {
    screen: "user-production",
    act: (page) => button(page, text.devices.removeOne("Blue key")).click(),
    shows: question,
  },
  "the question about a key": {
    screen: "user",
    act: (page) => button(page, text.keys.pair).click(),
    shows: question,
  },
  "the question about a key that cannot be used here": {
    screen: "user-no-way-for-keys",
    act: (page) => button(page, text.keys.pair).click(),
    shows: question,
  },
  "the question about a device": {
    screen: "user",
    act: (page) => button(page, text.devices.removeOne("Blue key")).click(),
    shows: question,
  },
  "the question about another device": {
    screen: "user-simulation",
    act: (page) => button(page, text.user.pairDesktop).click(),
    shows: question,
  },
  "the question about MFA": {
    screen: "user-mfa-off",
    act: (page) => button(page, text.user.switchMfaOn).click(),
    shows: question,
  },
  "a refused search": {
    screen: "find-user",
    act: async (page) => {
      await page.evaluate(() => {
        const error = {
          code: "not-allowed",
          action: "read users",
          correlationId: "c-1",
          serverMessage: "No.",
        } as const;
        window.fakeMain.replies["user.find"] = { outcome: { ok: false, error } };
      });
      await field(page, text.findUser.query).fill("ada");
      await page.keyboard.press("Enter");
    },
    shows: (page) => page.getByText(text.code("not-allowed")),
  },
  "the list of policies": {
    screen: "user",
    act: (page) => field(page, text.user.policy).click(),
    shows: (page) => page.getByRole("option").first(),
  },
  "the steps of a pairing": {
    screen: "paired",
    act: (page) => button(page, text.paired.steps("11 s")).click(),
    shows: (page) => page.getByRole("list", { name: text.pairing.steps }),
  },
};

for (const look of ["light", "dark", "forced colours"] as const) {
  test.describe(look, () => {
    test.use({ ...looks[look], contextOptions: { reducedMotion: "reduce" } });

    test("axe finds nothing on any screen", async ({ open }) => {
      test.setTimeout(patience);
      const { page, push } = await open(everyScreen["sign-in"]?.() ?? null);
      for (const [name, make] of Object.entries(everyScreen)) {
        await push(make());
        await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
        expect.soft(await axeFindings(page, look), name).toEqual([]);
      }
    });

    test("axe finds nothing in what a press brings up", async ({ open }) => {
      test.setTimeout(patience);
      const { page, push } = await open(everyScreen["sign-in"]?.() ?? null);
      for (const [name, { screen, act, shows }] of Object.entries(scenes)) {
        const made = everyScreen[screen]?.();
        if (made !== undefined) await push(made);
        await act(page);
        await expect(shows(page)).toBeVisible();
        expect.soft(await axeFindings(page, look), name).toEqual([]);
        // Another screen in between, so that nothing stays open.
        const other = everyScreen["pairing-starting"]?.();
        if (other !== undefined) await push(other);
      }
    });
  });
}
