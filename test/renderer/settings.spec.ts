import { after, findingUser, signedOut, userOpen } from "../fakes/snapshots.ts";
import { button, expect, field, heading, test, text } from "./page-under-test.ts";

const words = text.settings;

test("open and close with the keyboard, and the focus comes along", async ({ open }) => {
  const { page } = await open(findingUser());
  await button(page, text.frame.settings).press("Enter");
  await expect(heading(page, words.heading)).toBeFocused();
  await expect(page).toHaveTitle(text.title(words.heading));
  await button(page, text.back).press("Enter");
  await expect(field(page, text.findUser.query)).toBeFocused();
  await expect(page).toHaveTitle(text.title(text.findUser.heading));
});

test("the theme, with the arrow keys", async ({ open }) => {
  const { page, calls, spoken } = await open(findingUser());
  await button(page, text.frame.settings).click();
  const themes = page.getByRole("group", { name: words.theme });
  await expect(themes.getByRole("radio", { name: words.themes.system })).toBeChecked();
  await themes.getByRole("radio", { name: words.themes.system }).focus();
  await page.keyboard.press("ArrowRight");
  await expect.poll(calls).toEqual([{ name: "settings.change", input: { theme: "light" } }]);
  await expect(spoken).toHaveText(words.saved);
});

test("the language", async ({ open }) => {
  const { page, calls } = await open(findingUser());
  await button(page, text.frame.settings).click();
  await field(page, words.language).selectOption("pseudo");
  expect(await calls()).toEqual([{ name: "settings.change", input: { language: "pseudo" } }]);
});

test("two changes in a row are both sent", async ({ open }) => {
  const { page, reply, calls } = await open(findingUser());
  await reply("settings.change", { hold: true });
  await button(page, text.frame.settings).click();
  await field(page, words.language).selectOption("pseudo");
  await page.getByText(words.themes.dark, { exact: true }).click();
  expect((await calls()).map(({ input }) => input)).toEqual([{ language: "pseudo" }, { theme: "dark" }]);
});

test("a field is saved on Enter and on leaving it, unless it is unchanged", async ({ open }) => {
  const { page, calls } = await open(findingUser());
  await button(page, text.frame.settings).click();
  await field(page, words.agentPort).fill(" 9500 ");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await field(page, words.policyId).fill("p-1");
  await page.keyboard.press("Tab");
  await field(page, words.relyingParty).fill("example.com");
  await button(page, text.back).click();
  expect((await calls()).map(({ input }) => input)).toEqual([
    { agentPort: 9_500 },
    { policyId: "p-1" },
    { relyingPartyId: "example.com" },
  ]);
});

test("an emptied field means not set", async ({ open }) => {
  const first = findingUser();
  const { page, calls } = await open(
    after(first, { settings: { ...first.settings, policyId: "p-1", relyingPartyId: "example.com" } }),
  );
  await button(page, text.frame.settings).click();
  await field(page, words.policyId).fill("");
  await field(page, words.relyingParty).fill(" ");
  await page.keyboard.press("Enter");
  expect((await calls()).map(({ input }) => input)).toEqual([{ policyId: null }, { relyingPartyId: null }]);
});

for (const port of ["0", "65536", "9410x", "", "-1", "1e3"]) {
  test(`“${port}” is no port: said at the field, not sent`, async ({ open }) => {
    const { page, calls } = await open(findingUser());
    await button(page, text.frame.settings).click();
    await field(page, words.agentPort).fill(port);
    await page.keyboard.press("Enter");
    await expect(field(page, words.agentPort)).toHaveAccessibleDescription(words.agentPortInvalid);
    await expect(field(page, words.agentPort)).toHaveAttribute("aria-invalid", "true");
    expect(await calls()).toEqual([]);
  });
}

test("minutes of idleness, and the lock", async ({ open }) => {
  const { page, calls } = await open(findingUser());
  await button(page, text.frame.settings).click();
  const minutes = field(page, words.idleMinutes);
  await expect(minutes).toHaveValue("10");
  for (const wrong of ["0", "481", "ten", ""]) {
    await minutes.fill(wrong);
    await page.keyboard.press("Enter");
    await expect(minutes).toHaveAccessibleDescription(words.idleMinutesInvalid);
  }
  await minutes.fill("480");
  await page.keyboard.press("Tab");
  const lock = page.getByRole("checkbox", { name: words.signOutOnLock });
  await expect(lock).toBeFocused();
  await page.keyboard.press("Space");
  expect((await calls()).map(({ input }) => input)).toEqual([{ idleMinutes: 480 }, { signOutOnLock: true }]);
});

test("an address is no relying party", async ({ open }) => {
  const { page, calls } = await open(findingUser());
  await button(page, text.frame.settings).click();
  for (const wrong of [
    "https://example.com",
    "example.com/path",
    "example..com",
    "-a.com",
    "localhost",
    "Example.com",
    "10.0.0.1",
  ]) {
    await field(page, words.relyingParty).fill(wrong);
    await page.keyboard.press("Enter");
    await expect(field(page, words.relyingParty)).toHaveAccessibleDescription(words.relyingPartyInvalid);
  }
  expect(await calls()).toEqual([]);
});

test("the enrolment page, and none again", async ({ open }) => {
  const first = findingUser();
  const { page, push, calls } = await open(first);
  await button(page, text.frame.settings).click();
  const address = field(page, words.enrolmentPage);
  await expect(address).toHaveAccessibleDescription(words.enrolmentPageHint);
  const enrolmentPageUrl = "https://apps.pingone.eu/e-1/myaccount/?tab=devices";
  await address.fill(` ${enrolmentPageUrl} `);
  await page.keyboard.press("Enter");
  await push(after(first, { settings: { ...first.settings, enrolmentPageUrl } }));
  await expect(address).toHaveValue(enrolmentPageUrl);
  await address.fill("");
  await page.keyboard.press("Tab");
  expect((await calls()).map(({ input }) => input)).toEqual([{ enrolmentPageUrl }, { enrolmentPageUrl: null }]);
});

for (const wrong of [
  "http://keys.example.com",
  "keys.example.com",
  "javascript:alert(1)",
  "https://",
  "https://keys.example.com/with a space",
  "https://admin:secret@keys.example.com",
]) {
  test(`“${wrong}” is no enrolment page: said at the field, not sent`, async ({ open }) => {
    const { page, calls } = await open(findingUser());
    await button(page, text.frame.settings).click();
    await field(page, words.enrolmentPage).fill(wrong);
    await page.keyboard.press("Enter");
    await expect(field(page, words.enrolmentPage)).toHaveAccessibleDescription(words.enrolmentPageInvalid);
    await expect(field(page, words.enrolmentPage)).toHaveAttribute("aria-invalid", "true");
    expect(await calls()).toEqual([]);
  });
}

test("what main refuses is said", async ({ open }) => {
  const { page, fail, alarmed } = await open(findingUser());
  const error = { code: "storage-failed", operation: "write", problem: "no space left" } as const;
  await fail("settings.change", error);
  await button(page, text.frame.settings).click();
  await field(page, words.language).selectOption("pseudo");
  await expect(page.getByRole("main").getByText(text.describeError(error).message)).toBeVisible();
  await expect(alarmed).toContainText(text.describeError(error).message);
});

test("the connection can be read but not changed", async ({ open }) => {
  const { page } = await open(findingUser());
  await button(page, text.frame.settings).click();
  const connection = page.getByRole("region", { name: words.connection });
  for (const shown of [
    "Katherine Johnson",
    "abfba8f6-49eb-49f5-a5d9-80ad5c98f9f6",
    "c0ffee00-1234-4abc-8def-0123456789ab",
    "api.pingone.eu",
  ]) {
    await expect(connection.getByText(shown)).toBeVisible();
  }
  await expect(connection.getByRole("textbox")).toHaveCount(0);
  await expect(page.getByText(words.about("0.1.0"))).toBeVisible();
});

test("signed out there is no connection to show", async ({ open }) => {
  const { page } = await open(signedOut());
  await button(page, text.frame.settings).click();
  await expect(page.getByText(words.connectionNone)).toBeVisible();
});

test("give way when main moves on", async ({ open }) => {
  const { page, push } = await open(userOpen());
  await button(page, text.frame.settings).click();
  await expect(heading(page, words.heading)).toBeVisible();
  await push(signedOut());
  await expect(heading(page, text.signIn.heading)).toBeVisible();
  await expect(heading(page, words.heading)).toHaveCount(0);
});
