import { defaultProfileSettings } from "../../src/contract/settings.ts";
import { after, firstRun, manyProfiles, signedOut, signedOutOf, withManyProfiles } from "../fakes/snapshots.ts";
import { button, expect, field, heading, test, text } from "./page-under-test.ts";

/** Making a profile, changing one, and what is wrong with one. */

const words = text.profile;
const problems = words.problems;
const environmentId = "abfba8f6-49eb-49f5-a5d9-80ad5c98f9f6";
const clientId = "c0ffee00-1234-4abc-8def-0123456789ab";

test.describe("the first start", () => {
  test("a profile with the keyboard alone, and on to the sign-in", async ({ open }) => {
    const { page, reply, calls } = await open(firstRun());
    await reply("profile.save", { snapshots: [signedOut()] });
    await expect(heading(page, words.firstHeading)).toBeVisible();
    await expect(page).toHaveTitle(text.title(words.firstHeading));
    await expect(field(page, words.name)).toBeFocused();
    await page.keyboard.type(" Example Corp ");
    await page.keyboard.press("Tab");
    await expect(page.getByRole("radio", { name: text.modes.technician.name })).toBeFocused();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("Tab");
    await page.keyboard.type("Europe");
    await page.keyboard.press("Tab");
    await page.keyboard.type(environmentId);
    await page.keyboard.press("Tab");
    await page.keyboard.type(clientId);
    await page.keyboard.press("Enter");
    await expect(button(page, text.signIn.browser)).toBeFocused();
    expect(await calls()).toEqual([
      {
        name: "profile.save",
        input: {
          name: "Example Corp",
          formerName: null,
          settings: { ...defaultProfileSettings, region: "EU", environmentId, clientId },
        },
      },
    ]);
  });

  test("a complete profile needs no form", async ({ open }) => {
    const { page } = await open(signedOut());
    await expect(heading(page, text.signIn.heading)).toBeVisible();
  });

  test("of an incomplete one only the rest is asked for", async ({ open }) => {
    const { page, calls } = await open(signedOutOf({}, { clientId: "" }));
    await expect(heading(page, words.unfinishedHeading("Example Corp"))).toBeVisible();
    await expect(field(page, words.environmentId)).toHaveValue(environmentId);
    await expect(field(page, words.clientId)).toBeFocused();
    await page.keyboard.type(clientId);
    await page.keyboard.press("Enter");
    expect(await calls()).toEqual([
      {
        name: "profile.save",
        input: expect.objectContaining({
          name: "Example Corp",
          formerName: "Example Corp",
          settings: expect.objectContaining({ environmentId, clientId }),
        }),
      },
    ]);
  });
});

test("everything that a profile has", async ({ open }) => {
  const { page, calls } = await open(withManyProfiles(signedOut()));
  await button(page, text.signIn.add).click();
  await expect(heading(page, words.newHeading)).toBeVisible();
  await field(page, words.name).fill("New tenant");
  const worker = page.getByRole("radio", { name: text.modes.worker.name });
  await expect(worker).toHaveAccessibleDescription(text.modes.worker.lead);
  await worker.check();
  await field(page, words.region).selectOption("CA");
  await field(page, words.environmentId).fill(environmentId);
  await field(page, words.clientId).fill(clientId);
  await field(page, words.clientAuthentication).selectOption("private-key-jwt");
  await page.getByRole("radio", { name: text.colors.purple }).focus();
  await page.keyboard.press("Space");
  await page.getByRole("checkbox", { name: words.production }).check();
  await button(page, words.more).click();
  await field(page, words.apiUrl).fill("api.example.com/v1/");
  await field(page, words.authUrl).fill("http://127.0.0.1:4711");
  await expect(page.getByText(words.regionUnused)).toBeVisible();
  await field(page, words.authDomain).fill("Login.example.com");
  await expect(field(page, words.redirectPort)).toHaveCount(0);
  await field(page, text.settings.agentPort).fill("9500");
  await field(page, text.settings.relyingParty).fill("example.com");
  await field(page, text.settings.policyId).fill("11111111-2222-4333-8444-555555555555");
  await field(page, text.settings.enrolmentPage).fill("https://keys.example.com/enrol");
  await button(page, words.save).click();
  expect(await calls()).toEqual([
    {
      name: "profile.save",
      input: {
        name: "New tenant",
        formerName: null,
        settings: {
          mode: "worker",
          region: "CA",
          apiUrl: "api.example.com/v1/",
          authUrl: "http://127.0.0.1:4711",
          authDomain: "Login.example.com",
          environmentId,
          clientId,
          clientAuthentication: "private-key-jwt",
          redirectPort: 7464,
          agentPort: 9500,
          policyId: "11111111-2222-4333-8444-555555555555",
          relyingPartyId: "example.com",
          enrolmentPageUrl: "https://keys.example.com/enrol",
          color: "purple",
          production: true,
        },
      },
    },
  ]);
});

test("the redirect address to register follows the port, and is copied", async ({ open, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const { page } = await open(firstRun());
  await expect(page.getByText("http://127.0.0.1:7464/callback")).toBeVisible();
  await button(page, words.more).click();
  await field(page, words.redirectPort).fill("8123");
  await expect(page.getByText("http://127.0.0.1:8123/callback")).toBeVisible();
  await button(page, text.copyOf(text.copy, words.redirect)).click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe("http://127.0.0.1:8123/callback");
  await page.getByRole("radio", { name: text.modes.worker.name }).check();
  await expect(page.getByText("/callback")).toHaveCount(0);
});

test("what is missing is said at each field, and nothing is sent", async ({ open }) => {
  const { page, calls } = await open(firstRun());
  await button(page, words.save).click();
  for (const [name, problem] of [
    [words.name, problems.nameMissing],
    [words.environmentId, problems.environmentIdMissing],
    [words.clientId, problems.clientIdMissing],
  ] as const) {
    await expect(field(page, name)).toHaveAttribute("aria-invalid", "true");
    await expect(field(page, name)).toHaveAccessibleDescription(problem);
  }
  await expect(field(page, words.name)).toBeFocused();
  await page.keyboard.type("a");
  await expect(field(page, words.name)).not.toHaveAttribute("aria-invalid");
  expect(await calls()).toEqual([]);
});

const nonsense: readonly (readonly [label: string, typed: string, problem: string])[] = [
  [words.name, " example corp (LIVE) ", problems.nameTaken],
  [words.environmentId, "Example Corp", problems.environmentIdInvalid],
  [words.environmentId, `${environmentId}0`, problems.environmentIdInvalid],
  [words.clientId, "my application", problems.clientIdInvalid],
  [words.clientId, environmentId.toUpperCase(), problems.clientIdIsEnvironment],
  [words.apiUrl, "http://api.pingone.eu", problems.addressInvalid],
  [words.apiUrl, "https://api.pingone.eu/v2", problems.addressInvalid],
  [words.authUrl, "https://user:password@auth.pingone.eu", problems.addressInvalid],
  [words.authUrl, "two words", problems.addressInvalid],
  [words.authDomain, "https://login.example.com", problems.domainInvalid],
  [words.authDomain, "localhost", problems.domainInvalid],
  [words.redirectPort, "65536", problems.portInvalid],
  [words.redirectPort, "", problems.portInvalid],
  [words.redirectPort, "9410", problems.portOfAgent],
  [text.settings.agentPort, "0", problems.portInvalid],
  [text.settings.relyingParty, "Example.com", text.settings.relyingPartyInvalid],
  [text.settings.relyingParty, "localhost", text.settings.relyingPartyInvalid],
  [text.settings.relyingParty, "192.168.0.1", text.settings.relyingPartyInvalid],
  [text.settings.policyId, "Standard MFA", problems.policyIdInvalid],
  [text.settings.enrolmentPage, "http://keys.example.com", text.settings.enrolmentPageInvalid],
];
for (const [label, typed, problem] of nonsense) {
  test(`“${typed}” is no ${label}: said at the field, not sent`, async ({ open }) => {
    const { page, calls } = await open(withManyProfiles(signedOut()));
    await button(page, text.signIn.add).click();
    await field(page, words.name).fill("New tenant");
    await field(page, words.environmentId).fill(environmentId);
    await field(page, words.clientId).fill(clientId);
    await button(page, words.more).click();
    await field(page, label).fill(typed);
    // Folded away again: the problem has to unfold it.
    await button(page, words.more).click();
    await button(page, words.save).click();
    await expect(field(page, label)).toHaveAccessibleDescription(problem);
    await expect(field(page, label)).toHaveAttribute("aria-invalid", "true");
    await expect(field(page, label)).toBeFocused();
    expect(await calls()).toEqual([]);
  });
}

test("a change begins with what is there, keeps the name free, and can be left", async ({ open }) => {
  const { page, reply, calls } = await open(
    signedOutOf({}, { relyingPartyId: "example.com", redirectPort: 8123, color: "teal" }),
  );
  await button(page, text.signIn.change).press("Enter");
  await expect(heading(page, words.changeHeading("Example Corp"))).toBeVisible();
  await expect(field(page, words.name)).toHaveValue("Example Corp");
  await expect(page.getByRole("radio", { name: text.colors.teal })).toBeChecked();
  await button(page, words.cancel).press("Enter");
  await expect(heading(page, text.signIn.heading)).toBeVisible();
  expect(await calls()).toEqual([]);

  await button(page, text.signIn.change).click();
  await reply("profile.save", { snapshots: [signedOutOf({ name: "Example Ltd" })] });
  await field(page, words.name).fill("Example Ltd");
  await page.keyboard.press("Enter");
  await expect(heading(page, text.signIn.heading)).toBeVisible();
  await expect(page.getByText("Example Ltd", { exact: true })).toBeVisible();
  expect(await calls()).toEqual([
    {
      name: "profile.save",
      input: expect.objectContaining({
        name: "Example Ltd",
        formerName: "Example Corp",
        settings: expect.objectContaining({ relyingPartyId: "example.com", redirectPort: 8123, color: "teal" }),
      }),
    },
  ]);
});

test("what main finds wrong is said at its field, also at one that is folded away", async ({ open }) => {
  const { page, fail } = await open(signedOut());
  await button(page, text.signIn.change).click();
  await fail("profile.save", {
    code: "configuration-invalid",
    setting: "sign-in address",
    problem: "it must begin with https://",
  });
  await button(page, words.save).click();
  await expect(field(page, words.authUrl)).toHaveAccessibleDescription("It must begin with https://.");
  await expect(field(page, words.authUrl)).toBeFocused();
});

test("a file that cannot be read is told, and that it is kept", async ({ open }) => {
  const problem = { profile: null, problem: "it is not JSON" };
  const { page } = await open(after(firstRun(), { profiles: { current: null, list: [], problem } }));
  await expect(heading(page, words.firstHeading)).toBeVisible();
  await expect(page.getByText(text.profiles.problem(null), { exact: true })).toBeVisible();
  await expect(page.getByText("it is not JSON", { exact: true })).toBeVisible();
  await expect(page.getByText(text.profiles.setAside, { exact: true })).toBeVisible();
});

test("a profile that cannot be used is told, and hides no other", async ({ open }) => {
  const problem = { profile: "Old", problem: "region: it must be one of NA, EU" };
  const { page } = await open(after(signedOut(), { profiles: { ...signedOut().profiles, problem } }));
  await expect(heading(page, text.signIn.heading)).toBeVisible();
  await expect(page.getByText(text.profiles.problem("Old"), { exact: true })).toBeVisible();
  await expect(page.getByText(text.profiles.setAside)).toHaveCount(0);
});

test("what main refuses is said at the button", async ({ open }) => {
  const { page, fail, alarmed } = await open(
    after(signedOut(), { profiles: { current: null, list: manyProfiles, problem: null } }),
  );
  await button(page, text.profiles.add).click();
  await fail("profile.save", { code: "blocked-by-policy", setting: "profiles" });
  await field(page, words.name).fill("New tenant");
  await field(page, words.environmentId).fill(environmentId);
  await field(page, words.clientId).fill(clientId);
  await page.keyboard.press("Enter");
  await expect(page.locator("form").getByText(text.code("blocked-by-policy"))).toBeVisible();
  await expect(alarmed).toContainText("Your organisation does not allow this");
});

test("help is asked for by name", async ({ open }) => {
  const { page, calls } = await open(firstRun());
  await button(page, words.rolesLink).click();
  expect(await calls()).toEqual([{ name: "link.open", input: { name: "help.roles" } }]);
});
