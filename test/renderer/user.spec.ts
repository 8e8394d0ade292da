import {
  ada,
  adasKey,
  adasLaptop,
  adasPhone,
  after,
  findingUser,
  inSimulation,
  moment,
  pairing,
  policies,
  userOpen,
} from "../fakes/snapshots.ts";
import { button, expect, field, heading, test, text } from "./page-under-test.ts";

const words = text.user;

test.describe("who it is", () => {
  test("name, username, email, account and MFA, with the focus on the name", async ({ open }) => {
    const { page } = await open(userOpen());
    await expect(heading(page, "Ada Lovelace")).toBeFocused();
    await expect(page).toHaveTitle(text.title("Ada Lovelace"));
    const main = page.getByRole("main");
    for (const shown of [ada.username, "ada@example.com", words.enabled, words.mfaOn]) {
      await expect(main.getByText(shown, { exact: true })).toBeVisible();
    }
    await expect(page.getByRole("banner")).toContainText("Ada Lovelace");
    await expect(page.getByRole("banner")).toContainText("Example Corp");
    await expect(page.getByRole("banner")).toContainText("api.pingone.eu");
  });

  test("a user without a name is called by the username", async ({ open }) => {
    const { page } = await open(userOpen({ user: { ...ada, name: null, email: null } }));
    await expect(heading(page, ada.username)).toBeVisible();
  });

  test("the way back to the search", async ({ open }) => {
    const { page, reply, calls, spoken } = await open(userOpen());
    await reply("user.close", { snapshots: [findingUser()] });
    await button(page, words.another).press("Enter");
    await expect(field(page, text.findUser.query)).toBeFocused();
    await expect(spoken).toHaveText(text.changes.nextUser);
    expect(await calls()).toEqual([{ name: "user.close", input: null }]);
  });
});

test.describe("MFA", () => {
  const off = { user: { ...ada, mfaEnabled: false } };

  test("is switched on only after a question", async ({ open }) => {
    const { page, reply, calls, spoken } = await open(userOpen(off));
    await expect(page.getByText(words.mfaOffNotice)).toBeVisible();
    await button(page, words.switchMfaOn).click();
    const question = page.getByRole("alertdialog", { name: words.switchMfaOnHeading("Ada Lovelace") });
    await expect(question).toBeVisible();
    expect(await calls()).toEqual([]);
    await page.keyboard.press("Escape");
    await expect(question).toBeHidden();
    await expect(button(page, words.switchMfaOn)).toBeFocused();
    expect(await calls()).toEqual([]);

    await reply("user.enableMfa", { snapshots: [userOpen()] });
    await button(page, words.switchMfaOn).press("Enter");
    await expect(button(question, words.switchMfaOnConfirm)).toBeFocused();
    await page.keyboard.press("Enter");
    await expect(question).toBeHidden();
    await expect(page.getByText(words.mfaOn, { exact: true })).toBeVisible();
    await expect(spoken).toHaveText(text.changes.mfaOn);
    expect(await calls()).toEqual([{ name: "user.enableMfa", input: null }]);
  });

  test("a refusal stands in the question", async ({ open }) => {
    const { page, fail, alarmed } = await open(userOpen(off));
    await fail("user.enableMfa", { code: "not-allowed", action: "switch MFA on" });
    await button(page, words.switchMfaOn).click();
    const question = page.getByRole("alertdialog");
    await button(question, words.switchMfaOnConfirm).click();
    await expect(question.getByText("The signed-in application may not switch MFA on.")).toBeVisible();
    await expect(alarmed).toContainText("The signed-in application may not switch MFA on.");
    await button(question, text.cancel).click();
    await expect(question).toBeHidden();
  });

  test("that PingOne did not tell is said", async ({ open }) => {
    const { page } = await open(userOpen({ user: { ...ada, mfaEnabled: null } }));
    await expect(page.getByText(words.mfaUnknown, { exact: true })).toBeVisible();
    await expect(page.getByText(words.mfaUnknownNotice)).toBeVisible();
  });
});

test.describe("devices", () => {
  test("each with its type in words, system, age and marks", async ({ open }) => {
    const odd = { ...adasKey, id: "odd", type: "HOLOGRAM", status: "DREAMING", nickname: null, createdAt: "soon" };
    const { page } = await open(userOpen({ devices: [adasLaptop, adasPhone, odd] }));
    const rows = page.getByRole("region", { name: text.devices.heading }).getByRole("listitem");
    await expect(rows).toHaveCount(3);
    await expect(rows.nth(0)).toContainText("LT-0417");
    await expect(rows.nth(0)).toContainText("Active");
    await expect(rows.nth(0)).toContainText("PingID Desktop");
    await expect(rows.nth(0)).toContainText("macOS 15.7.3");
    await expect(rows.nth(0)).toContainText("Added last week (Nov 6, 2026)");
    await expect(rows.nth(1)).toContainText("Mobile app");
    await expect(rows.nth(1)).toContainText(text.devices.locked);
    await expect(rows.nth(1)).toContainText(text.devices.blocked);
    // What nobody foresaw is shown as PingOne names it.
    await expect(rows.nth(2)).toContainText("HOLOGRAM");
    await expect(rows.nth(2)).toContainText("DREAMING");
  });

  test("none: says so", async ({ open }) => {
    const { page } = await open(userOpen({ devices: [] }));
    await expect(page.getByText(text.devices.none)).toBeVisible();
  });

  test("one is removed after a question, and the focus stays in the list", async ({ open }) => {
    const { page, reply, calls, spoken } = await open(userOpen({ devices: [adasLaptop, adasKey] }));
    await reply("device.remove", { snapshots: [userOpen({ devices: [adasLaptop] })] });
    await button(page, text.devices.removeOne("Blue key")).press("Enter");
    const question = page.getByRole("alertdialog", { name: text.devices.removeHeading("Blue key") });
    await expect(question).toContainText("Blue key");
    // What cannot be undone is not done by pressing Enter twice.
    await expect(button(question, text.cancel)).toBeFocused();
    await page.keyboard.press("Tab");
    await expect(button(question, text.devices.removeConfirm)).toBeFocused();
    await page.keyboard.press("Enter");
    await expect(question).toBeHidden();
    await expect(heading(page, text.devices.heading)).toBeFocused();
    await expect(page.getByText("Blue key")).toHaveCount(0);
    await expect(spoken).toHaveText(text.changes.deviceRemoved(text.devices.count(1)));
    expect(await calls()).toEqual([{ name: "device.remove", input: { deviceId: adasKey.id } }]);
  });

  test("the answer before the list without it: the focus does not get lost either", async ({ open }) => {
    const { page, push } = await open(userOpen({ devices: [adasLaptop, adasKey] }));
    await button(page, text.devices.removeOne("Blue key")).click();
    await button(page, text.devices.removeConfirm).click();
    await expect(page.getByRole("alertdialog")).toBeHidden();
    await push(userOpen({ devices: [adasLaptop] }));
    await expect(heading(page, text.devices.heading)).toBeFocused();
  });

  test("a refused removal is said in the question, which stays", async ({ open }) => {
    const { page, fail } = await open(userOpen());
    await fail("device.remove", { code: "rate-limited", retryAfterSeconds: 4 });
    await button(page, text.devices.removeOne("Blue key")).click();
    const question = page.getByRole("alertdialog");
    await button(question, text.devices.removeConfirm).click();
    await expect(question.getByText("Wait 4 seconds and try again.")).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(button(page, text.devices.removeOne("Blue key"))).toBeFocused();
  });

  test("while one is being removed the question cannot be left", async ({ open }) => {
    const { page, reply, release } = await open(userOpen());
    await reply("device.remove", { hold: true, snapshots: [userOpen({ devices: [] })] });
    await button(page, text.devices.removeOne("Blue key")).click();
    await button(page, text.devices.removeConfirm).click();
    const question = page.getByRole("alertdialog");
    await expect(button(question, text.busy["device.remove"])).toHaveAttribute("aria-disabled", "true");
    await page.keyboard.press("Escape");
    await expect(question).toBeVisible();
    await release("device.remove");
    await expect(question).toBeHidden();
  });

  test("are read again, in words", async ({ open }) => {
    const first = userOpen();
    const { page, push, reply, release, calls, spoken } = await open(first);
    await reply("user.refresh", { hold: true });
    await button(page, text.devices.refresh).click();
    await push(after(first, { busy: "user.refresh" }));
    await expect(page.getByRole("main").getByText(text.busy["user.refresh"])).toBeVisible();
    await expect(spoken).toHaveText(text.busy["user.refresh"]);
    await push(userOpen({ devices: [adasLaptop, adasKey] }, { busy: null }));
    await release("user.refresh");
    await expect(page.getByText(text.devices.count(2), { exact: true })).toBeVisible();
    await expect(button(page, text.devices.refresh)).toBeFocused();
    await expect(spoken).toHaveText(text.changes.devicesRead(text.devices.count(2)));
    expect(await calls()).toEqual([{ name: "user.refresh", input: null }]);
  });
});

test.describe("choices", () => {
  test("the default policy and the name of this computer, unless changed", async ({ open }) => {
    const { page, calls } = await open(userOpen());
    await expect(field(page, words.policy)).toHaveValue("11111111-2222-4333-8444-555555555555");
    await expect(field(page, words.policy).locator("option:checked")).toHaveText(words.policyDefault("Standard MFA"));
    await expect(field(page, words.nickname)).toHaveValue("LT-0931");
    await button(page, words.pairDesktop).press("Enter");
    expect(await calls()).toEqual([
      {
        name: "pairing.start",
        input: {
          kind: "desktop",
          policyId: "11111111-2222-4333-8444-555555555555",
          nickname: "LT-0931",
          despiteExisting: false,
        },
      },
    ]);
  });

  test("another policy and another name, with the keyboard alone", async ({ open }) => {
    const { page, calls } = await open(userOpen());
    await field(page, words.policy).focus();
    await page.keyboard.type("Admin");
    await page.keyboard.press("Tab");
    await expect(field(page, words.nickname)).toBeFocused();
    await page.keyboard.press("ControlOrMeta+A");
    await page.keyboard.press("Delete");
    await page.keyboard.press("Tab");
    await expect(button(page, words.pairDesktop)).toBeFocused();
    await page.keyboard.press("Space");
    expect(await calls()).toEqual([
      {
        name: "pairing.start",
        input: {
          kind: "desktop",
          policyId: "22222222-3333-4444-8555-666666666666",
          nickname: null,
          despiteExisting: false,
        },
      },
    ]);
  });

  test("a policy that does not allow it is marked, and can be tried", async ({ open }) => {
    const { page } = await open(userOpen());
    const policy = field(page, words.policy);
    await policy.selectOption({ label: words.policyDisabled("Phones only") });
    await expect(policy).toHaveAccessibleDescription(words.policyDisabledNotice);
    await expect(button(page, words.pairDesktop)).not.toHaveAttribute("aria-disabled");
  });

  test("policies that may not be read: the id is typed, and remembered from the settings", async ({ open }) => {
    const first = userOpen({ policies: { state: "not-readable" } });
    const { page, calls } = await open(after(first, { settings: { ...first.settings, policyId: "remembered" } }));
    await expect(field(page, words.policyId)).toHaveValue("remembered");
    await field(page, words.policyId).fill(" typed ");
    await button(page, words.pairDesktop).click();
    await field(page, words.policyId).fill("");
    await button(page, words.pairDesktop).click();
    expect((await calls()).map(({ input }) => input)).toEqual([
      expect.objectContaining({ policyId: "typed" }),
      expect.objectContaining({ policyId: null }),
    ]);
  });

  test("without a default policy it is left to PingOne", async ({ open }) => {
    const { page, calls } = await open(
      userOpen({
        policies:
          policies.state === "readable"
            ? { ...policies, policies: policies.policies.map((policy) => ({ ...policy, isDefault: false })) }
            : policies,
      }),
    );
    await expect(field(page, words.policy).locator("option:checked")).toHaveText(words.policyOfPingOne);
    await button(page, words.pairDesktop).click();
    expect(await calls()).toEqual([expect.objectContaining({ input: expect.objectContaining({ policyId: null }) })]);
  });

  test("what was chosen is still there after a look at the settings", async ({ open }) => {
    const { page } = await open(userOpen());
    await field(page, words.nickname).fill("Front desk");
    await button(page, text.frame.settings).click();
    await expect(heading(page, text.settings.heading)).toBeFocused();
    await button(page, text.back).click();
    await expect(heading(page, "Ada Lovelace")).toBeFocused();
    await expect(page).toHaveTitle(text.title("Ada Lovelace"));
    await expect(field(page, words.nickname)).toHaveValue("Front desk");
  });
});

test.describe("pairing", () => {
  test("a disabled user cannot be paired, and the button says why", async ({ open }) => {
    const { page, calls } = await open(userOpen({ user: { ...ada, enabled: false } }));
    const pair = button(page, words.pairDesktop);
    await expect(pair).toHaveAttribute("aria-disabled", "true");
    await expect(pair).toHaveAccessibleDescription(words.disabledNotice);
    await pair.focus();
    await expect(pair).toBeFocused();
    await page.keyboard.press("Enter");
    await pair.click({ force: true });
    expect(await calls()).toEqual([]);
  });

  test("a desktop device that the user has already is shown before another is added", async ({ open }) => {
    const { page, reply, calls } = await open(userOpen({ devices: [adasLaptop, adasKey] }));
    await reply("pairing.start", { snapshots: [pairing()] });
    await button(page, words.pairDesktop).press("Enter");
    const question = page.getByRole("alertdialog", { name: words.existingHeading("Ada Lovelace", 1) });
    await expect(question).toContainText("LT-0417");
    await expect(question).not.toContainText("Blue key");
    await page.keyboard.press("Escape");
    await expect(button(page, words.pairDesktop)).toBeFocused();
    expect(await calls()).toEqual([]);
    await page.keyboard.press("Enter");
    await expect(button(question, words.existingConfirm)).toBeFocused();
    await page.keyboard.press("Enter");
    await expect(heading(page, text.pairing.heading)).toBeFocused();
    expect(await calls()).toEqual([
      expect.objectContaining({ input: expect.objectContaining({ despiteExisting: true }) }),
    ]);
  });

  test("one that only main has seen brings up the same question", async ({ open }) => {
    const { page, fail, reply, calls } = await open(userOpen());
    await fail("pairing.start", { code: "existing-devices", count: 1 });
    await button(page, words.pairDesktop).click();
    const question = page.getByRole("alertdialog", { name: words.existingHeading("Ada Lovelace", 1) });
    await expect(question).toBeVisible();
    await reply("pairing.start", { snapshots: [pairing()] });
    await button(question, words.existingConfirm).click();
    await expect(heading(page, text.pairing.heading)).toBeVisible();
    expect((await calls()).map(({ input }) => input)).toEqual([
      expect.objectContaining({ despiteExisting: false }),
      expect.objectContaining({ despiteExisting: true }),
    ]);
  });

  test("a refusal to start stands at the button", async ({ open }) => {
    const { page, fail, alarmed } = await open(userOpen());
    await fail("pairing.start", { code: "not-now", doing: "a pairing is running" });
    await button(page, words.pairDesktop).click();
    await expect(page.getByRole("main").getByText("DeskPair is busy: a pairing is running.")).toBeVisible();
    await expect(alarmed).toContainText("DeskPair is busy: a pairing is running.");
  });
});

test("in a simulation: the banner, and a fault to rehearse", async ({ open }) => {
  const first = userOpen();
  const { page, push, calls, spoken } = await open(inSimulation(first));
  const banner = page.getByRole("complementary", { name: text.frame.simulation });
  await expect(banner).toContainText(text.frame.simulation);
  const fault = field(banner, text.frame.rehearse);
  await expect(fault).toHaveValue("");
  await fault.selectOption("agent-refuses");
  expect(await calls()).toEqual([{ name: "simulator.rehearse", input: { fault: "agent-refuses" } }]);
  await push(inSimulation(first, "agent-refuses"));
  await expect(fault).toHaveValue("agent-refuses");
  await expect(spoken).toHaveText(
    text.frame.rehearsing("The user cancels at the agent, or the fingerprint is not recognised."),
  );
  await fault.selectOption({ label: text.frame.rehearseNothing });
  expect((await calls()).at(-1)).toEqual({ name: "simulator.rehearse", input: { fault: null } });
});

test("the list of faults opens, is read and closed with the keyboard", async ({ open }) => {
  const { page, calls } = await open(inSimulation(userOpen()));
  const fault = field(page, text.frame.rehearse);
  await fault.focus();
  await page.keyboard.press("Space");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  expect(await calls()).toEqual([{ name: "simulator.rehearse", input: { fault: "agent-refuses" } }]);
  await expect(fault).toBeFocused();
});

test("dates are told from this moment", async ({ open }) => {
  const ages = [60_000 * 3, 3_600_000 * 5, 86_400_000, -60_000].map((age, index) => ({
    ...adasKey,
    id: String(index),
    createdAt: new Date(moment - age).toISOString(),
  }));
  const { page } = await open(userOpen({ devices: ages }));
  const rows = page.getByRole("region", { name: text.devices.heading }).getByRole("listitem");
  await expect(rows.nth(0)).toContainText("3 minutes ago");
  await expect(rows.nth(1)).toContainText("5 hours ago");
  await expect(rows.nth(2)).toContainText("yesterday");
  // The server's clock runs ahead of ours.
  await expect(rows.nth(3)).toContainText("just now");
});
