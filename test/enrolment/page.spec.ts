import { AxeBuilder } from "@axe-core/playwright";
import type { EnrolmentOptions } from "../../src/contract/enrolment.ts";
import { enrolmentBridgeName } from "../../src/contract/enrolment-channels.ts";
import { describeEnrolment } from "../../src/contract/enrolment-words.ts";
import { vendorOptions } from "../fakes/vendor-options.ts";
import { enrolmentOptions, expect, plugIn, test } from "./opened.ts";

/** What a person sees and hears while the authenticator is waited for. */

const size = { width: 420, height: 300 };
test.use({ viewport: size });

const waiting = (changes: Partial<EnrolmentOptions> = {}) => enrolmentOptions(vendorOptions(), changes);
test.beforeEach(async ({ page }) => {
  await plugIn(page, { automaticPresenceSimulation: false });
});

test("says what to do, for whom, and how long there is", async ({ page, open }) => {
  await open(waiting());
  await expect(page).toHaveTitle("Enrol a security key");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Insert the key and touch it");
  await expect(page.getByRole("listitem")).toHaveText([
    "Insert the key into this computer.",
    "Touch it when it blinks.",
  ]);
  await expect(page.getByText("For antonik_adham at pingone.eu")).toBeVisible();
  await expect(page.getByRole("timer")).toHaveText(/^(2:00|1:5\d) left$/);
  const cancel = page.getByRole("button");
  await expect(cancel).toHaveAccessibleName("Cancel");
  await expect(cancel).toHaveAccessibleDescription(
    "Insert the key and touch it Insert the key into this computer. Touch it when it blinks.",
  );
});

test("has no words of its own: all of them, and their language, come with the options", async ({ page, open }) => {
  const blank = waiting();
  const words = {
    language: "he",
    direction: "rtl",
    title: "t1",
    heading: "h1",
    steps: ["s1", "s2", "s3"],
    about: "a1",
    timeLeft: "{time}!",
    secondsLeft: "{seconds}!",
    timeIsUp: "u1",
    cancel: "c1",
    cancelHint: "k1",
  } as const;
  await open({ ...blank, words: { ...words, steps: [...words.steps] } });
  await expect(page.getByRole("heading")).toHaveText("h1");
  const shown = await page.locator("main > :not([role=status])").allInnerTexts();
  const others = shown
    .join(" ")
    .split(/\s+/)
    .filter((word) => !/^\d:\d\d!$/.test(word));
  expect(others).toEqual(["h1", "s1", "s2", "s3", "c1", "k1", "a1"]);
  await expect(page.locator("html")).toHaveAttribute("lang", "he");
  await expect(page.locator("html")).toHaveAttribute("dir", "rtl");
});

test("words are shown, not run", async ({ page, open }) => {
  const hostile = '<img src=x onerror="document.title=1"><b>bold</b>';
  const publicKey = vendorOptions({ user: { id: [1, 2, 3], name: hostile, displayName: hostile } });
  await open(enrolmentOptions(publicKey));
  await expect(page.getByText(`For ${hostile} at pingone.eu`)).toBeVisible();
  expect(await page.locator("main img, main b").count()).toBe(0);
});

test("counts down, speaks up twice, and leaves the end to main", async ({ page, open }) => {
  // The time of the page stands still from before it is loaded.
  await page.clock.install({ time: 0 });
  await page.clock.pauseAt(1_000);
  const opened = await open(waiting({ timeoutMs: 120_000, timeLeftMs: 40_000 }));
  const time = page.getByRole("timer");
  const spoken = page.getByRole("status");
  await expect(time).toHaveText("0:40 left");
  await expect(spoken).toHaveText(
    "Insert the key and touch it Insert the key into this computer. Touch it when it blinks.",
  );
  // A third of the time is left, as the ring shows.
  expect(Number(await page.locator("#ring").getAttribute("stroke-dashoffset"))).toBeCloseTo(2 / 3, 2);
  await page.clock.runFor(10_000);
  await expect(time).toHaveText("0:30 left");
  await expect(spoken).toHaveText("30 seconds left");
  await page.clock.runFor(15_000);
  await expect(time).toHaveText("0:15 left");
  await expect(spoken).toHaveText("30 seconds left");
  await page.clock.runFor(5_000);
  await expect(spoken).toHaveText("10 seconds left");
  await page.clock.runFor(60_000);
  await expect(time).toHaveText("Time is up");
  expect(await opened.results()).toEqual([]);
});

test.describe("each system is told what it will do", () => {
  for (const platform of ["win32", "darwin", "linux"]) {
    for (const wanted of ["key", "platform"] as const) {
      test(`${platform}, ${wanted}`, async ({ page, open }) => {
        const words = describeEnrolment({ platform, wanted, user: "ada", relyingPartyId: "pingone.eu" });
        await open(waiting({ wanted, words }));
        await expect(page.getByRole("heading")).toHaveText(words.heading);
        await expect(page.getByRole("listitem")).toHaveText([...words.steps]);
        expect(/windows/i.test([words.heading, ...words.steps].join(" "))).toBe(platform === "win32");
        await expect(page.locator(".picture:visible")).toHaveId(`picture-${wanted}`);
      });
    }
  }
});

const looks = {
  light: { colorScheme: "light" },
  dark: { colorScheme: "dark" },
  "forced colours": { forcedColors: "active" },
  "forced colours, dark": { forcedColors: "active", colorScheme: "dark" },
} as const;

test.describe("everybody can use it", () => {
  for (const [name, look] of Object.entries(looks)) {
    test(`axe finds nothing in ${name}`, async ({ page, open }) => {
      await page.emulateMedia(look);
      await open(waiting());
      await expect(page.getByRole("button", { name: "Cancel" })).toBeFocused();
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`)).toEqual([]);
    });
  }

  test("a chosen theme wins over the system's", async ({ page, open }) => {
    await page.emulateMedia({ colorScheme: "light" });
    await open(waiting({ theme: "dark" }));
    await expect(page.locator("html")).toHaveCSS("background-color", "rgb(22, 24, 29)");
    await expect(page.locator("html")).toHaveCSS("color-scheme", "dark");
  });

  for (const [what, viewport] of Object.entries({
    "the window as it opens": size,
    "the smallest window": { width: 320, height: 240 },
    "200 % zoom": { width: 210, height: 150 },
  })) {
    test(`${what} cuts nothing off, whatever the words`, async ({ page, open }) => {
      await page.setViewportSize(viewport);
      const long = "Sicherheitsschlüsselregistrierungsvorgang";
      const words = {
        ...waiting().words,
        heading: `${long} ${long}`,
        steps: [long, long, long],
        about: `${long}@${long}.example`,
      };
      await open(waiting({ words }));
      await expect(page.getByRole("button", { name: "Cancel" })).toBeFocused();
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
      for (const element of [page.getByRole("listitem").last(), page.getByRole("timer"), page.getByRole("button")]) {
        await element.scrollIntoViewIfNeeded();
        await expect(element).toBeInViewport({ ratio: 0.99 });
      }
    });
  }

  for (const platform of ["win32", "linux"]) {
    test(`the window as it opens shows all of it without scrolling on ${platform}`, async ({ page, open }) => {
      const user = "adelheid.von-hohenstein@example.com";
      const words = describeEnrolment({ platform, wanted: "key", user, relyingPartyId: "login.example.com" });
      await open(waiting({ words }));
      await expect(page.getByRole("button", { name: "Cancel" })).toBeFocused();
      expect(await page.evaluate(() => document.documentElement.scrollHeight - innerHeight)).toBeLessThanOrEqual(0);
    });
  }
});

test("nothing of it is in the page's own world but the bridge, which has two calls", async ({ page, open }) => {
  await open(waiting());
  const { added, calls } = await page.evaluate((name) => {
    const frame = document.createElement("iframe");
    document.body.append(frame);
    const usual = new Set(Object.getOwnPropertyNames(frame.contentWindow));
    frame.remove();
    const bridge = Object.getOwnPropertyDescriptor(window, name);
    return {
      added: Object.keys(window).filter((each) => !usual.has(each)),
      calls: Object.getOwnPropertyNames(bridge?.value),
    };
  }, enrolmentBridgeName);
  expect(added).toEqual([enrolmentBridgeName]);
  expect(calls.toSorted()).toEqual(["options", "result"]);
});
