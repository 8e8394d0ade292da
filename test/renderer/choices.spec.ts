import { ada, adasKey, adasLaptop, after, inSimulation, pairing, policies, userOpen } from "../fakes/snapshots.ts";
import { button, expect, field, heading, test, text } from "./page-under-test.ts";

/** What is chosen before a pairing, and how one is started. */

const words = text.user;

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
    await policy.selectOption({ label: words.policyDisabled.both("Phones only") });
    await expect(policy).toHaveAccessibleDescription(words.policyDisabledNotice.both);
    await expect(button(page, words.pairDesktop)).not.toHaveAttribute("aria-disabled");
    await expect(button(page, text.keys.pair)).not.toHaveAttribute("aria-disabled");
  });

  for (const [refused, differences] of [
    ["desktop", { desktopPairing: "disabled", fido2Pairing: "allowed" }],
    ["keys", { desktopPairing: "unknown", fido2Pairing: "disabled" }],
  ] as const) {
    test(`what a policy does not allow is named: ${refused}`, async ({ open }) => {
      const first = policies.state === "readable" ? policies.policies.slice(0, 1) : [];
      const { page } = await open(
        userOpen({
          policies: { state: "readable", policies: first.map((policy) => ({ ...policy, ...differences })) },
        }),
      );
      const policy = field(page, words.policy);
      await expect(policy.locator("option:checked")).toHaveText(words.policyDisabled[refused]("Standard MFA"));
      await expect(policy).toHaveAccessibleDescription(words.policyDisabledNotice[refused]);
    });
  }

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
