import {
  after,
  findingUser,
  inProduction,
  manyProfiles,
  pairing,
  signedOut,
  withManyProfiles,
} from "../fakes/snapshots.ts";
import { button, expect, field, heading, test, text } from "./page-under-test.ts";

/** Twenty tenants, and the way from one to another. */

const words = text.profiles;

test("one is found by typing and taken with the arrow keys", async ({ open }) => {
  const { page, reply, calls, spoken } = await open(withManyProfiles(signedOut()));
  await reply("profile.choose", {
    snapshots: [signedOut({ profiles: { current: "Adventure Works", list: manyProfiles, problem: null } })],
  });
  await button(page, text.signIn.otherProfile).press("Enter");
  await expect(heading(page, words.heading)).toBeVisible();
  await expect(page).toHaveTitle(text.title(words.heading));
  await expect(field(page, words.search)).toBeFocused();
  await expect(page.getByRole("list", { name: words.list }).getByRole("listitem")).toHaveCount(20);

  await page.keyboard.type("WOR");
  const rows = page.getByRole("list", { name: words.list }).getByRole("button");
  await expect(rows).toHaveCount(2);
  await expect(spoken).toHaveText(words.count(2));
  await page.keyboard.press("ArrowDown");
  await expect(rows.nth(0)).toBeFocused();
  await page.keyboard.press("End");
  await expect(rows.nth(1)).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await expect(rows.nth(1)).toBeFocused();
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowUp");
  await expect(field(page, words.search)).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");

  await expect(heading(page, text.signIn.heading)).toBeVisible();
  await expect(page.getByText("Adventure Works", { exact: true })).toBeVisible();
  await expect(spoken).toHaveText(text.changes.profile("Adventure Works"));
  expect(await calls()).toEqual([{ name: "profile.choose", input: { name: "Adventure Works" } }]);
});

test("the only one that is left is taken with Enter; none says so", async ({ open }) => {
  const { page, calls } = await open(withManyProfiles(signedOut()));
  await button(page, text.signIn.otherProfile).click();
  await page.keyboard.type("nobody");
  await expect(page.getByText(words.none("nobody"))).toBeVisible();
  await page.keyboard.press("Enter");
  expect(await calls()).toEqual([]);
  await field(page, words.search).fill("litware");
  await page.keyboard.press("Enter");
  await expect.poll(calls).toEqual([{ name: "profile.choose", input: { name: "Litware" } }]);
});

test("one is told from another by more than its colour", async ({ open }) => {
  const { page } = await open(withManyProfiles(signedOut()));
  await button(page, text.signIn.otherProfile).click();
  const live = page.getByRole("button", { name: /^Example Corp \(live\)/u });
  await expect(live).toContainText(text.frame.production);
  await expect(live).toContainText("api.pingone.eu");
  const used = page.getByRole("button", { name: /^Example Corp In use/u });
  await expect(used).toHaveAttribute("aria-current", "true");
});

test("a refusal is said, and the list stays", async ({ open }) => {
  const { page, fail, alarmed } = await open(withManyProfiles(signedOut()));
  await fail("profile.choose", { code: "profile-unknown", profile: "Litware" });
  await button(page, text.signIn.otherProfile).click();
  await page.getByRole("button", { name: /^Litware/u }).click();
  const said = text.describeError({ code: "profile-unknown", profile: "Litware" });
  await expect(page.getByRole("main").getByText(said.message)).toBeVisible();
  await expect(alarmed).toContainText(said.message);
  await expect(heading(page, words.heading)).toBeVisible();
});

test("from a session: it says that it ends the session, and the one in use does nothing", async ({ open }) => {
  const first = withManyProfiles(findingUser());
  const { page, reply, calls } = await open(first);
  await page.getByRole("button", { name: text.frame.switchProfile }).press("Enter");
  await expect(page.getByText(words.leadSignedIn("Example Corp"))).toBeVisible();
  // A profile is made before somebody signs in, not beside a session.
  await expect(button(page, words.add)).toHaveCount(0);
  await page.getByRole("button", { name: /^Example Corp In use/u }).click();
  await expect(heading(page, text.findUser.heading)).toBeVisible();
  expect(await calls()).toEqual([]);

  await reply("profile.choose", {
    snapshots: [signedOut({ profiles: { current: "Litware", list: manyProfiles, problem: null } })],
  });
  await page.getByRole("button", { name: text.frame.switchProfile }).click();
  await page.getByRole("button", { name: /^Litware/u }).click();
  await expect(heading(page, text.signIn.heading)).toBeVisible();
  await expect(page.getByText("Litware", { exact: true })).toBeVisible();
});

test("not while a pairing runs", async ({ open }) => {
  const { page } = await open(withManyProfiles(pairing()));
  await expect(page.getByRole("button", { name: text.frame.switchProfile })).toHaveCount(0);
  await expect(page.getByRole("banner")).toContainText("Example Corp");
});

test("without one in use the list is the first screen", async ({ open }) => {
  const { page } = await open(after(signedOut(), { profiles: { current: null, list: manyProfiles, problem: null } }));
  await expect(heading(page, words.heading)).toBeVisible();
  await expect(field(page, words.search)).toBeFocused();
  await expect(button(page, text.back)).toHaveCount(0);
  await button(page, words.add).click();
  await expect(heading(page, text.profile.newHeading)).toBeVisible();
});

test("where one is stays in sight: who, where, and whether it is real", async ({ open }) => {
  const { page, push } = await open(findingUser());
  const bar = page.getByRole("banner");
  for (const shown of ["Example Corp", "Katherine Johnson", "api.pingone.eu"]) {
    await expect(bar.getByText(shown, { exact: true })).toBeVisible();
  }
  await expect(bar).toHaveAttribute("data-color", "teal");
  await expect(page.getByRole("complementary")).toHaveCount(0);
  await push(inProduction(findingUser()));
  await expect(bar).toHaveAttribute("data-color", "red");
  await expect(bar.getByText(text.frame.production)).toBeVisible();
  await expect(page.getByRole("complementary", { name: text.frame.production })).toHaveText(
    text.frame.productionBanner("Example Corp"),
  );
});
