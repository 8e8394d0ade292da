import { ada, findingUser, inSimulation, signedOut, userOpen } from "../fakes/snapshots.ts";
import { button, expect, field, heading, test, text } from "./page-under-test.ts";

const words = text.findUser;
const reception = [
  { ...ada, id: "u1", username: "reception.morning", name: "Grace Hopper" },
  { ...ada, id: "u2", username: "reception.evening", name: null, enabled: false },
];

test("finds one user with the keyboard alone", async ({ open }) => {
  const { page, reply, calls, spoken } = await open(findingUser());
  await reply("user.find", { snapshots: [userOpen()] });
  await expect(page).toHaveTitle(text.title(words.heading));
  await expect(field(page, words.query)).toBeFocused();
  await page.keyboard.type("  ada@example.com ");
  await page.keyboard.press("Enter");
  await expect(heading(page, "Ada Lovelace")).toBeFocused();
  await expect(spoken).toHaveText(text.changes.userOpened("Ada Lovelace", text.devices.count(1)));
  expect(await calls()).toEqual([{ name: "user.find", input: { query: "ada@example.com" } }]);
});

test("several users: says how many, and opens the one that is chosen", async ({ open }) => {
  const { page, reply, calls, spoken } = await open(findingUser());
  await reply("user.find", { snapshots: [findingUser({ query: "reception", matches: reception })] });
  await page.keyboard.type("reception");
  await page.keyboard.press("Enter");
  await expect(heading(page, words.matches(2))).toBeVisible();
  await expect(spoken).toHaveText(words.matches(2));
  // What was typed stays, and so does the place.
  await expect(field(page, words.query)).toHaveValue("reception");
  await expect(field(page, words.query)).toBeFocused();
  const second = page.getByRole("button", { name: "reception.evening" });
  await expect(second).toContainText(words.disabled);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await expect(second).toBeFocused();
  await page.keyboard.press("Enter");
  await expect.poll(calls).toContainEqual({ name: "user.open", input: { userId: "u2" } });
});

test("nobody: says it in words and lets the search go on", async ({ open }) => {
  const { page, reply, spoken } = await open(findingUser());
  const nobody = text.describeError({ code: "user-not-found", query: "adda" });
  await reply("user.find", { snapshots: [findingUser({ query: "adda", matches: [] })] });
  await page.keyboard.type("adda");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("main").getByText(nobody.message)).toBeVisible();
  await expect(page.getByRole("main").getByText(nobody.nextStep)).toBeVisible();
  await expect(spoken).toHaveText(`${nobody.message} ${nobody.nextStep}`);
  await expect(field(page, words.query)).toBeFocused();
});

test("nobody, told as a failure: the same words, once", async ({ open }) => {
  const { page, fail } = await open(findingUser());
  const nobody = text.describeError({ code: "user-not-found", query: "adda" });
  await fail("user.find", { code: "user-not-found", query: "adda" });
  await page.keyboard.type("adda");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("main").getByText(nobody.message)).toHaveCount(1);
  await expect(page.getByRole("main").getByText(text.code("user-not-found"))).toHaveCount(0);
});

test("a failure stands at the search, with its code, and is spoken at once", async ({ open }) => {
  const { page, fail, alarmed } = await open(findingUser());
  await fail("user.find", { code: "not-allowed", action: "read users", correlationId: "c-1" });
  await page.keyboard.type("ada");
  await page.keyboard.press("Enter");
  const main = page.getByRole("main");
  const said = text.describeError({ code: "not-allowed", action: "read users" });
  await expect(main.getByText(said.message)).toBeVisible();
  await expect(main.getByText(text.code("not-allowed"))).toBeVisible();
  await expect(main.getByText("c-1")).toBeVisible();
  await expect(alarmed).toHaveText(`${said.message} ${said.nextStep}`);
});

test("asks for something to look for", async ({ open }) => {
  const { page, calls } = await open(findingUser());
  await page.keyboard.type("   ");
  await page.keyboard.press("Enter");
  await expect(field(page, words.query)).toHaveAccessibleDescription(words.missing);
  await expect(field(page, words.query)).toBeFocused();
  expect(await calls()).toEqual([]);
});

test("says that it is looking", async ({ open }) => {
  const { page, reply, release } = await open(findingUser());
  await reply("user.find", { hold: true });
  await page.keyboard.type("ada");
  await page.keyboard.press("Enter");
  await expect(button(page, text.busy["user.find"])).toHaveAttribute("aria-disabled", "true");
  await release("user.find");
  await expect(button(page, words.submit)).toBeVisible();
});

test("in a simulation the pretend users are at hand", async ({ open }) => {
  const { page, calls } = await open(inSimulation(findingUser()));
  await expect(heading(page, words.pretendUsers)).toBeVisible();
  await page.getByRole("button", { name: /grace@example.com/ }).click();
  expect(await calls()).toEqual([{ name: "user.find", input: { query: "grace@example.com" } }]);
  await expect(field(page, words.query)).toHaveValue("grace@example.com");
});

test("outside of a simulation there is neither banner nor pretend user", async ({ open }) => {
  const { page } = await open(findingUser());
  await expect(page.getByRole("complementary")).toHaveCount(0);
  await expect(heading(page, words.pretendUsers)).toHaveCount(0);
});

test("signs out, and says so", async ({ open }) => {
  const { page, reply, calls, spoken } = await open(findingUser());
  await reply("session.signOut", { snapshots: [signedOut()] });
  await button(page, text.frame.signOut).click();
  await expect(heading(page, text.signIn.heading)).toBeVisible();
  await expect(spoken).toHaveText(text.changes.signedOut);
  expect(await calls()).toEqual([{ name: "session.signOut", input: null }]);
});
