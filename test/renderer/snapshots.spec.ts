import { after, findingUser, signedOut, userOpen } from "../fakes/snapshots.ts";
import { expect, heading, test, text } from "./page-under-test.ts";

/** How the page keeps up with main. */

test("shows each snapshot that main sends", async ({ open }) => {
  const { page, push } = await open(signedOut());
  await expect(heading(page, text.signIn.heading)).toBeVisible();
  await push(findingUser());
  await expect(heading(page, text.findUser.heading)).toBeVisible();
});

test("keeps the newer of two, whichever comes last", async ({ open }) => {
  const first = signedOut();
  const older = findingUser();
  const newer = userOpen();
  const { page, push } = await open(first);
  await push(newer);
  await push(older);
  await push({ ...findingUser(), revision: newer.revision });
  await expect(heading(page, "Ada Lovelace")).toBeVisible();
});

test("keeps a snapshot that arrived before the answer to its question", async ({ open }) => {
  const asked = findingUser();
  const { page, push } = await open(null);
  await push(userOpen());
  await push(asked);
  await expect(heading(page, "Ada Lovelace")).toBeVisible();
});

test("says so when main has no answer at all", async ({ open }) => {
  const error = { code: "internal", incidentId: "a1b2" } as const;
  const { page } = await open({ error });
  await expect(heading(page, text.startFailed)).toBeVisible();
  await expect(page.getByRole("alert")).toHaveText(text.describeError(error).message);
});

test("an answer that never comes is a failure that can be read, not a page that hangs", async ({ open }) => {
  const { page, alarmed } = await open(findingUser());
  await page.evaluate(() => {
    window.fakeMain.replies["user.find"] = {
      get outcome(): never {
        throw new Error("the message could not be carried");
      },
    };
  });
  await page.getByLabel(text.findUser.query).fill("ada");
  await page.keyboard.press("Enter");
  await expect(alarmed).toContainText("Something went wrong inside DeskPair.");
});

test("follows the theme and the language of the settings", async ({ open }) => {
  const first = findingUser();
  const { page, push } = await open(first);
  const root = page.locator("html");
  await expect(root).toHaveAttribute("lang", "en");
  await expect(root).not.toHaveAttribute("data-theme");
  await push(after(first, { settings: { ...first.settings, theme: "dark", language: "pseudo" } }));
  await expect(root).toHaveAttribute("lang", "en-XA");
  await expect(root).toHaveAttribute("data-theme", "dark");
  await expect(root).toHaveCSS("color-scheme", "dark");
  await push(after(first, { settings: { ...first.settings, theme: "light" } }));
  await expect(root).toHaveCSS("color-scheme", "light");
});
