import {
  ada,
  adasKey,
  adasLaptop,
  adasPhone,
  after,
  findingUser,
  inProduction,
  moment,
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
    await expect(spoken).toHaveText(text.changes.findUser);
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
    await expect(question.getByText("The signed-in account or application may not switch MFA on.")).toBeVisible();
    await expect(alarmed).toContainText("The signed-in account or application may not switch MFA on.");
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
    expect(await calls()).toEqual([{ name: "device.remove", input: { deviceId: adasKey.id, confirmed: true } }]);
  });

  test("in production it takes a tick as well, and the environment is named", async ({ open }) => {
    const { page, calls } = await open(inProduction(userOpen()));
    await button(page, text.devices.removeOne("Blue key")).click();
    const question = page.getByRole("alertdialog");
    const remove = button(question, text.devices.removeConfirm);
    await expect(remove).toHaveAttribute("aria-disabled", "true");
    await expect(remove).toHaveAccessibleDescription(text.devices.production("Example Corp"));
    await remove.click({ force: true });
    await remove.focus();
    await page.keyboard.press("Enter");
    expect(await calls()).toEqual([]);
    const tick = question.getByRole("checkbox", { name: text.devices.productionConfirm("Example Corp") });
    await tick.focus();
    await page.keyboard.press("Space");
    await expect(remove).not.toHaveAttribute("aria-disabled");
    await page.keyboard.press("Escape");
    // The next question is another one.
    await button(page, text.devices.removeOne("Blue key")).click();
    await expect(tick).not.toBeChecked();
    await tick.check();
    await remove.click();
    await expect(question).toBeHidden();
    expect(await calls()).toEqual([{ name: "device.remove", input: { deviceId: adasKey.id, confirmed: true } }]);
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
