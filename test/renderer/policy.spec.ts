import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import type { Snapshot } from "../../src/contract/views.ts";
import { inForce, managedBy, managedScreens, usualLocks } from "../fakes/management.ts";
import { after, failed, findingUser, pairing, signedOut, userOpen, withManyProfiles } from "../fakes/snapshots.ts";
import { button, expect, field, heading, test, text } from "./page-under-test.ts";

const words = text.policy;
const all = inForce(undefined, { Region: "NA" });
const answered = { outcome: { ok: true, value: all } } as const;
const setting = (page: Page, name: string) =>
  page.getByRole("listitem").filter({ has: page.getByText(name, { exact: true }) });

test.describe("what a policy fixes", () => {
  test("in the settings: shown, said why, reached with the keyboard, and not changed", async ({ open }) => {
    const { page, calls } = await open(managedScreens["find-user-managed"]());
    await button(page, text.frame.settings).click();
    await expect(page.getByText(words.settingsNotice)).toBeVisible();
    await expect(page.getByText(words.restart(1))).toBeVisible();
    const minutes = field(page, text.settings.idleMinutes);
    await expect(minutes).toHaveAccessibleDescription(words.managed);
    await expect(minutes).not.toBeEditable();
    await minutes.focus();
    await page.keyboard.type("480");
    await page.keyboard.press("Enter");
    await expect(minutes).toHaveValue("10");
    await page.keyboard.press("Tab");
    const lock = page.getByRole("checkbox", { name: text.settings.signOutOnLock });
    await expect(lock).toBeFocused();
    await expect(lock).toHaveAccessibleDescription(words.managed);
    await expect(lock).toHaveAttribute("aria-disabled", "true");
    await page.keyboard.press("Space");
    await expect(lock).not.toBeChecked();
    // What is free is as it always was.
    await field(page, text.settings.agentPort).fill("9500");
    await page.keyboard.press("Enter");
    expect(await calls()).toEqual([{ name: "settings.change", input: { agentPort: 9_500 } }]);
  });

  test("in a profile: its fields are read, the others are saved, and nothing of the policy is changed", async ({
    open,
  }) => {
    const first = managedScreens["sign-in-managed"]();
    const { page, calls } = await open(first);
    await button(page, text.signIn.change).click();
    for (const label of [text.profile.mode, text.profile.region, text.profile.environmentId, text.profile.clientId]) {
      await expect(field(page, label)).not.toBeEditable();
      await expect(field(page, label)).toHaveAccessibleDescription(words.managed);
    }
    await expect(field(page, text.profile.region)).toHaveValue(text.regions.EU);
    await page.getByRole("radio", { name: text.colors.purple }).check({ force: true });
    await button(page, text.profile.save).click();
    const { theme: _1, language: _2, idleMinutes: _3, signOutOnLock: _4, ...settings } = first.settings;
    expect(await calls()).toEqual([
      {
        name: "profile.save",
        input: { name: "Example Corp", formerName: "Example Corp", settings: { ...settings, color: "purple" } },
      },
    ]);
  });

  test("in the first profile: it begins with what is fixed, in a way to sign in that is allowed", async ({ open }) => {
    const { page } = await open(
      managedBy(after(signedOut(), { profiles: { current: null, list: [], problem: null } }), {
        locked: ["environmentId", "agentPort"],
        signInModes: ["self-service"],
      }),
    );
    await expect(field(page, text.profile.environmentId)).toHaveValue("abfba8f6-49eb-49f5-a5d9-80ad5c98f9f6");
    await expect(page.getByRole("radio", { name: text.modes["self-service"].name })).toBeChecked();
    await expect(page.getByRole("radio", { name: text.modes.worker.name })).toHaveCount(0);
    await expect(field(page, text.profile.clientId)).toHaveValue("");
  });

  test("profiles of the organisation can be looked at, and that is all", async ({ open }) => {
    const { page, calls } = await open(managedScreens["sign-in-forced"]());
    await expect(button(page, text.signIn.change)).toHaveCount(0);
    await expect(button(page, text.signIn.add)).toHaveCount(0);
    await expect(button(page, text.signIn.remove)).toHaveCount(0);
    await button(page, text.signIn.show).click();
    await expect(page.getByText(words.profilesNotice)).toBeVisible();
    await expect(button(page, text.profile.save)).toHaveCount(0);
    await button(page, text.profile.more).click();
    for (const box of await page.getByRole("textbox").all()) {
      await expect(box).not.toBeEditable();
      await expect(box).toHaveAccessibleDescription(words.managed);
    }
    await field(page, text.profile.name).press("Enter");
    await button(page, text.profile.close).click();
    await expect(heading(page, text.signIn.heading)).toBeVisible();
    expect(await calls()).toEqual([]);
  });

  test("a profile that a policy has in use cannot be left", async ({ open }) => {
    const { page, push, calls } = await open(managedBy(withManyProfiles(signedOut()), { profileFixed: true }));
    await expect(button(page, text.signIn.otherProfile)).toHaveCount(0);
    await expect(button(page, text.signIn.remove)).toHaveCount(0);
    // The one that the policy wants is not there.
    const first = withManyProfiles(signedOut());
    const profiles = {
      ...first.profiles,
      current: null,
      problem: { profile: "Production", problem: "it is not there" },
    };
    await push(managedBy(after(first, { profiles }), { profileFixed: true }));
    await expect(page.getByText(words.profileFixed)).toBeVisible();
    await page.getByRole("list", { name: text.profiles.list }).getByRole("button").first().press("Enter");
    expect(await calls()).toEqual([]);
    await expect(button(page, text.profiles.add)).toBeVisible();
  });

  test("for a user: the MFA policy and the name of the workstation", async ({ open }) => {
    const { page, calls } = await open(managedScreens["user-managed"]());
    await expect(field(page, text.user.policy)).toHaveValue("Administrators");
    await expect(field(page, text.user.policy)).toHaveAccessibleDescription(words.managed);
    await expect(field(page, text.user.nickname)).toHaveValue("LT-0931 (ada.lovelace)");
    await button(page, text.user.pairDesktop).click();
    expect((await calls())[0]).toMatchObject({ input: { policyId: "22222222-3333-4444-8555-666666666666" } });
  });
});

test("a way to sign in that is not allowed is said before anything is typed", async ({ open }) => {
  const { page } = await open(managedScreens["sign-in-mode-refused"]());
  await expect(page.getByText(words.modeRefused(text.modes.worker.name))).toBeVisible();
  await expect(page.getByLabel(text.signIn.clientSecret)).toHaveCount(0);
  await expect(button(page, text.signIn.submit)).toHaveCount(0);
});

test.describe("a policy that is not understood", () => {
  test("signed out: which setting, where, what is wrong, and whom to ask", async ({ open }) => {
    const { page, push, calls } = await open(managedScreens.blocked());
    await expect(heading(page, words.blockedHeading)).toBeFocused();
    for (const shown of ["EnvironmentId", "/etc/deskpair/policies.d/20-tenant.json", "It must be a UUID."]) {
      await expect(page.getByText(shown)).toBeVisible();
    }
    await button(page, words.helpLink("help.example.com")).click();
    expect(await calls()).toEqual([{ name: "link.open", input: { name: "help.organisation" } }]);
    await expect(page.getByText(words.blockedNext)).toBeVisible();
    // Put right: no restart, and nothing to press.
    await push(managedScreens["sign-in-managed"]());
    await expect(heading(page, words.blockedHeading)).toHaveCount(0);
  });

  test("in the middle of a session it is said, and nothing can be paired", async ({ open }) => {
    const first = managedBy(userOpen());
    const { page, push, alarmed } = await open(first);
    const refused = { setting: "RelyingPartyId", place: null, problem: "It must be a domain." };
    await push(managedBy(first, { refused }));
    await expect(alarmed).toHaveText(words.blockedSession("RelyingPartyId"));
    const pair = button(page, text.user.pairDesktop);
    await expect(pair).toHaveAttribute("aria-disabled", "true");
    await expect(pair).toHaveAccessibleDescription(new RegExp(refused.problem));
    await push(first.management.refused === null ? managedBy(first) : first);
    await expect(pair).not.toHaveAttribute("aria-disabled");
  });
});

test("help of the organisation stands where something has failed, and not where somebody has cancelled", async ({
  open,
}) => {
  const { page, push, fail } = await open(managedBy(failed()));
  const help = page.getByText("Call the service desk");
  await expect(help).toHaveCount(1);
  await push(managedBy(failed({ code: "cancelled" })));
  await expect(heading(page, text.failed.cancelledHeading)).toBeVisible();
  await expect(help).toHaveCount(0);
  await push(managedBy(findingUser()));
  await fail("user.find", { code: "network-failed", host: "api.pingone.eu", reason: "refused" });
  await field(page, text.findUser.query).fill("ada");
  await page.keyboard.press("Enter");
  await expect(help).toHaveCount(1);
});

test.describe("what is in force", () => {
  const openIt = async (page: Page): Promise<void> => {
    await button(page, text.frame.settings).click();
    await button(page.getByRole("main"), words.open).press("Enter");
    await expect(heading(page, words.heading)).toBeFocused();
  };

  test("every setting in its section, with value, source, lock, and what was ignored", async ({ open }) => {
    const { page, reply } = await open(managedScreens["find-user-managed"]());
    await reply("policy.explain", answered);
    await openIt(page);
    await expect(page).toHaveTitle(text.title(words.heading));
    await expect(page.getByRole("listitem")).toHaveCount(all.settings.length + all.policies.length);
    await expect(page.getByText(words.result.unsound)).toBeVisible();
    const region = setting(page, "Region").first();
    await expect(region).toContainText("machine policy (/etc/deskpair/policies.json)");
    await expect(region).toContainText(words.locked);
    await expect(region).toContainText(words.waiting("NA"));
    await expect(region).toContainText("NA (machine policy decides)");
    const lock = setting(page, "SignOutOnLock");
    await expect(lock).toContainText("It must be true or false.");
    await expect(setting(page, "MfaPolicyId")).toContainText(words.refused);
    await expect(page.getByText(words.unknown("RetentionDays"))).toBeVisible();
    // A default that nobody has set says so, and is not managed.
    await expect(setting(page, "ProxyMode")).not.toContainText(words.locked);
  });

  test("is looked at again, aloud, by hand; and by itself when the policy has changed", async ({ open }) => {
    const first = managedScreens["find-user-managed"]();
    const { page, reply, release, push, calls, spoken } = await open(first);
    await reply("policy.explain", answered);
    await openIt(page);
    await expect(setting(page, "IdleMinutes")).toContainText("5");
    await reply("policy.explain", { ...answered, hold: true });
    await button(page, words.again).click();
    await expect(button(page, words.running)).toHaveAttribute("aria-disabled", "true");
    // What was found before stays until there is something else to show.
    await expect(setting(page, "IdleMinutes")).toBeVisible();
    await release("policy.explain");
    await expect(spoken).toContainText(words.result.unsound);
    await reply("policy.explain", { outcome: { ok: true, value: inForce({ IdleMinutes: 7 }) } });
    await push(managedBy(first, { locked: ["idleMinutes"] }));
    await expect(setting(page, "IdleMinutes")).toContainText("7");
    expect((await calls()).map(({ name }) => name)).toEqual(Array(3).fill("policy.explain"));
  });

  test("is copied as text, with the names of the documentation", async ({ open }) => {
    const { page, reply, spoken } = await open(managedScreens["find-user-managed"]());
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await reply("policy.explain", answered);
    await openIt(page);
    await button(page, text.copyOf(text.copy, words.report)).click();
    await expect(spoken).toHaveText(text.copied);
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    expect(copied.split("\n").slice(0, 2)).toEqual([
      "DeskPair 0.1.0 on LT-0931",
      "[read] machine policy: /etc/deskpair",
    ]);
    expect(copied).toContain(
      "Region = EU [machine policy (/etc/deskpair/policies.json), managed]\n    After a restart: NA",
    );
    expect(copied).toContain("    Unknown: RetentionDays (/etc/deskpair/policies.json)");
  });

  test("opens from the mark in the frame and from the menu, and not over a pairing", async ({ open }) => {
    const first = managedBy(findingUser());
    const { page, reply, push } = await open(first);
    await reply("policy.explain", answered);
    await button(page, words.markLabel).click();
    await expect(heading(page, words.heading)).toBeFocused();
    await button(page, text.back).click();
    await page.evaluate(() => window.fakeMain.show("policy"));
    await expect(heading(page, words.heading)).toBeVisible();
    await push(managedBy(pairing()));
    await expect(heading(page, text.pairing.heading)).toBeVisible();
    await page.evaluate(() => window.fakeMain.show("policy"));
    await expect(button(page, words.markLabel)).toHaveCount(0);
    await expect(heading(page, text.pairing.heading)).toBeVisible();
  });

  test("without a policy: no mark, and the settings as they are", async ({ open }) => {
    const { page, reply } = await open(findingUser());
    await reply("policy.explain", { outcome: { ok: true, value: inForce(null) } });
    await expect(button(page, words.markLabel)).toHaveCount(0);
    await openIt(page);
    await expect(setting(page, "ProxyMode")).toContainText("the default");
  });

  test("a main process that cannot tell says why", async ({ open }) => {
    const { page, fail } = await open(findingUser());
    const error = { code: "internal", incidentId: "i-1" } as const;
    await fail("policy.explain", error);
    await openIt(page);
    await expect(page.getByText(text.describeError(error).message, { exact: true })).toBeVisible();
  });

  test("fits a narrow window, with values that never end", async ({ open, page }) => {
    const { reply } = await open(findingUser());
    const [one] = all.settings;
    if (one === undefined) throw new Error("There is no setting.");
    const endless = { ...one, shown: "x".repeat(2_000), origin: "y".repeat(500), problem: "z".repeat(500) };
    await reply("policy.explain", { outcome: { ok: true, value: { ...all, settings: [endless] } } });
    await page.setViewportSize({ width: 320, height: 480 });
    await openIt(page);
    await expect(page.getByText("x".repeat(2_000))).toBeVisible();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
  });
});

const looks = {
  light: { colorScheme: "light" },
  dark: { colorScheme: "dark" },
  "forced colours": { forcedColors: "active" },
} as const;
const scenes: Readonly<Record<string, { readonly of: () => Snapshot; readonly act: (page: Page) => Promise<void> }>> = {
  "the settings": { of: managedScreens["find-user-managed"], act: (page) => button(page, text.frame.settings).click() },
  "a profile": { of: managedScreens["sign-in-forced"], act: (page) => button(page, text.signIn.show).click() },
  "what is in force": {
    of: () => managedBy(findingUser(), { locked: [...usualLocks] }),
    act: async (page) => {
      await page.evaluate(() => window.fakeMain.show("policy"));
      await expect(page.getByRole("listitem").nth(5)).toBeVisible();
    },
  },
};
for (const [look, options] of Object.entries(looks)) {
  test(`no barrier, ${look}`, async ({ open, page }) => {
    test.setTimeout(120_000);
    await page.emulateMedia({ ...options, reducedMotion: "reduce" });
    const { push, reply } = await open(managedBy(pairing()));
    // One of each look is enough, and quicker.
    const few = all.settings.filter(({ name }) =>
      ["Region", "RedirectPort", "MfaPolicyId", "SignOutOnLock"].includes(name),
    );
    await reply("policy.explain", { outcome: { ok: true, value: { ...all, settings: few } } });
    for (const [name, { of, act }] of Object.entries(scenes)) {
      await push(of());
      await act(page);
      expect.soft((await new AxeBuilder({ page }).analyze()).violations, name).toEqual([]);
      // Another screen in between, so that nothing stays open.
      await push(managedBy(pairing()));
    }
  });
}
