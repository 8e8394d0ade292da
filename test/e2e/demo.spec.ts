import { existsSync } from "node:fs";
import { join } from "node:path";
import { button, expect, heading, sentence, test, text } from "./running-app.ts";

test("the demo says what it is, and pairs at the press of one button", async ({ launch }) => {
  const { page, userData } = await launch("--demo");
  await expect(page.getByRole("complementary", { name: text.frame.simulation })).toBeVisible();
  await expect(heading(page, "Ada Lovelace")).toBeVisible();
  await button(page, text.user.pairDesktop).click();

  await expect(heading(page, text.pairing.heading)).toBeVisible();
  await expect(heading(page, text.paired.heading)).toBeVisible();
  await expect(sentence(page, text.devices.status("ACTIVE"))).toBeVisible();
  // The real profile was not even opened.
  expect(existsSync(join(userData, "data"))).toBe(false);
});

test("the demo rehearses what goes wrong, with the keyboard alone", async ({ launch }) => {
  const { page } = await launch("--demo");
  await page.getByLabel(text.frame.rehearse).selectOption("activate-refused");
  await button(page, text.user.pairDesktop).focus();
  await page.keyboard.press("Enter");

  await expect(heading(page, text.failed.heading)).toBeVisible();
  await expect(sentence(page, text.describeLeft("nothing"))).toBeVisible();
  // Focus has moved with the screen, so that it is read out.
  await expect(heading(page, text.failed.heading)).toBeFocused();
});
