import { findingUser, signedOut } from "../fakes/snapshots.ts";
import { button, expect, field, heading, test, text } from "./page-under-test.ts";

const words = text.signIn;
const typed = {
  environmentId: "abfba8f6-49eb-49f5-a5d9-80ad5c98f9f6",
  clientId: "c0ffee00-1234-4abc-8def-0123456789ab",
  clientSecret: "S3cret~planted-in-the-test",
};

test("signs in with the keyboard alone", async ({ open }) => {
  const { page, reply, calls, spoken } = await open(signedOut());
  await reply("session.signIn", { snapshots: [findingUser()] });
  await expect(page).toHaveTitle(text.title(words.heading));
  // The first field to fill has the focus; the region is above it.
  await expect(field(page, words.environmentId)).toBeFocused();
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Shift+Tab");
  await expect(field(page, words.region)).toBeFocused();
  await page.keyboard.type("Europe");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.type(typed.environmentId);
  await page.keyboard.press("Tab");
  await page.keyboard.type(` ${typed.clientId} `);
  await page.keyboard.press("Tab");
  await page.keyboard.type(typed.clientSecret);
  await page.keyboard.press("Enter");

  await expect(heading(page, text.findUser.heading)).toBeVisible();
  await expect(spoken).toHaveText(text.changes.findUser);
  expect(await calls()).toEqual([
    { name: "session.signIn", input: { region: "EU", apiUrl: null, authUrl: null, ...typed } },
  ]);
});

test("says what it is doing, and takes no second press", async ({ open }) => {
  const first = signedOut({ settings: findingUser().settings });
  const { page, reply, release, calls } = await open(first);
  await reply("session.signIn", { hold: true });
  await field(page, words.clientSecret).fill(typed.clientSecret);
  await page.keyboard.press("Enter");
  const submit = button(page, text.busy["session.signIn"]);
  await expect(submit).toHaveAttribute("aria-disabled", "true");
  await submit.click({ force: true });
  await page.keyboard.press("Enter");
  await release("session.signIn");
  await expect(button(page, words.submit)).not.toHaveAttribute("aria-disabled");
  expect(await calls()).toHaveLength(1);
});

test("remembers the connection, and goes to what is missing", async ({ open }) => {
  const { page } = await open(
    signedOut({ settings: { ...findingUser().settings, apiUrl: "http://127.0.0.1:4711", authUrl: null } }),
  );
  await expect(field(page, words.region)).toHaveValue("EU");
  await expect(field(page, words.environmentId)).toHaveValue(typed.environmentId);
  await expect(field(page, words.apiUrl)).toHaveValue("http://127.0.0.1:4711");
  await expect(field(page, words.clientSecret)).toBeFocused();
});

test("the secret is gone from the page with the submit, also after a refusal", async ({ open }) => {
  const { page, fail, alarmed } = await open(signedOut({ settings: findingUser().settings }));
  await fail("session.signIn", { code: "sign-in-refused", serverMessage: "Invalid client credentials" });
  const secret = field(page, words.clientSecret);
  await expect(secret).toHaveAttribute("type", "password");
  await secret.fill(typed.clientSecret);
  await page.keyboard.press("Enter");

  const refused = text.describeError({ code: "sign-in-refused" });
  await expect(alarmed).toHaveText(`${refused.message} ${refused.nextStep}`);
  await expect(page.locator("form").getByText("Invalid client credentials")).toBeVisible();
  await expect(page.locator("form").getByText(text.code("sign-in-refused"))).toBeVisible();
  await expect(secret).toHaveValue("");
  await expect(secret).toBeFocused();
  expect(await page.content()).not.toContain(typed.clientSecret);
  // Neither on any object that React hangs on the elements.
  const found = await page.evaluate((planted) => {
    const seen = new Set<unknown>();
    const holds = (value: unknown, depth: number): boolean => {
      if (typeof value === "string") return value.includes(planted);
      if (typeof value !== "object" || value === null || seen.has(value) || depth > 60) return false;
      seen.add(value);
      return Object.keys(value).some((key) => {
        if (value === window.fakeMain) return false;
        return holds((value as Record<string, unknown>)[key], depth + 1);
      });
    };
    return Array.from(document.querySelectorAll("*")).some((element) =>
      Object.keys(element).some((key) => holds((element as unknown as Record<string, unknown>)[key], 0)),
    );
  }, typed.clientSecret);
  expect(found).toBe(false);
});

test("what is missing is said at each field, before anything is sent", async ({ open }) => {
  const { page, calls } = await open(signedOut());
  await button(page, words.submit).click();
  for (const name of ["environmentId", "clientId", "clientSecret"] as const) {
    await expect(field(page, words[name])).toHaveAttribute("aria-invalid", "true");
    await expect(field(page, words[name])).toHaveAccessibleDescription(words.missing[name]);
  }
  await expect(field(page, words.environmentId)).toBeFocused();
  await page.keyboard.type("a");
  await expect(field(page, words.environmentId)).not.toHaveAttribute("aria-invalid");
  expect(await calls()).toEqual([]);
});

test("a wrong environment id is said at its field", async ({ open }) => {
  const { page, fail } = await open(signedOut({ settings: findingUser().settings }));
  await fail("session.signIn", {
    code: "configuration-invalid",
    setting: "environment id",
    problem: "it must be a UUID, as shown in the PingOne console",
  });
  await field(page, words.clientSecret).fill(typed.clientSecret);
  await page.keyboard.press("Enter");
  await expect(field(page, words.environmentId)).toHaveAccessibleDescription(
    "It must be a UUID, as shown in the PingOne console.",
  );
  await expect(field(page, words.environmentId)).toBeFocused();
});

test("a wrong address opens the part of the form that it is in", async ({ open }) => {
  const { page, fail } = await open(signedOut({ settings: findingUser().settings }));
  await fail("session.signIn", {
    code: "configuration-invalid",
    setting: "sign-in address",
    problem: "it must begin with https://",
  });
  await field(page, words.clientSecret).fill(typed.clientSecret);
  await page.keyboard.press("Enter");
  await expect(field(page, words.authUrl)).toHaveAccessibleDescription("It must begin with https://.");
  await expect(field(page, words.authUrl)).toBeFocused();
});

test("own addresses go along only while they are in sight", async ({ open }) => {
  const { page, calls, release } = await open(signedOut({ settings: findingUser().settings }));
  const toggle = button(page, words.ownAddresses);
  await expect(toggle).toHaveAttribute("aria-expanded", "false");
  await expect(field(page, words.apiUrl)).toBeHidden();
  await toggle.press("Enter");
  await field(page, words.apiUrl).fill("https://api.example.com/v1");
  await field(page, words.authUrl).fill("https://login.example.com");
  await expect(page.getByText(words.regionUnused)).toBeVisible();
  await field(page, words.clientSecret).fill("one");
  await page.keyboard.press("Enter");
  await release("session.signIn");
  await expect(button(page, words.submit)).toBeVisible();
  await toggle.press("Space");
  await field(page, words.clientSecret).fill("two");
  await page.keyboard.press("Enter");
  await expect
    .poll(async () => (await calls()).map(({ input }) => input))
    .toEqual([
      expect.objectContaining({ apiUrl: "https://api.example.com/v1", authUrl: "https://login.example.com" }),
      expect.objectContaining({ apiUrl: null, authUrl: null }),
    ]);
});

test("help is asked for by name", async ({ open }) => {
  const { page, calls } = await open(signedOut());
  await button(page, words.rolesLink).click();
  expect(await calls()).toEqual([{ name: "link.open", input: { name: "help.roles" } }]);
});
