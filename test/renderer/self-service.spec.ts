import { languageFor } from "../../src/renderer/language.ts";
import {
  ada,
  adasKey,
  adasLaptop,
  asAda,
  browserRoutes,
  failed,
  paired,
  pairing,
  ready,
  userOpen,
  watchingBrowser,
} from "../fakes/snapshots.ts";
import { button, expect, heading, text as served, test } from "./page-under-test.ts";

/** A user who signed in for the own devices is spoken to, and serves nobody. */

const { text } = languageFor("en", true);

test("the devices come first, and there is no way to anybody else", async ({ open }) => {
  const { page, reply, spoken } = await open(asAda(ready()));
  await reply("session.begin", { snapshots: [asAda(userOpen())] });
  await button(page, text.ready.begin).press("Enter");
  await expect(heading(page, "Ada Lovelace")).toBeFocused();
  await expect(heading(page, "Your devices")).toBeVisible();
  await expect(spoken).toHaveText(text.changes.userOpened("", text.devices.count(1)));
  await expect(button(page, served.user.another)).toHaveCount(0);
  // Operator and user are one, and stand there once.
  await expect(page.getByRole("banner").getByText("Ada Lovelace")).toHaveCount(1);
});

test("every question is put to the reader", async ({ open }) => {
  const { page, push } = await open(asAda(userOpen({ user: { ...ada, mfaEnabled: false }, devices: [adasLaptop] })));
  await expect(page.getByText("MFA is off for you.")).toBeVisible();
  await button(page, text.user.switchMfaOn).click();
  await expect(page.getByRole("alertdialog", { name: "Switch MFA on?" })).toBeVisible();
  await page.keyboard.press("Escape");
  await button(page, text.devices.removeOne("LT-0417")).click();
  await expect(page.getByRole("alertdialog")).toContainText("You can no longer sign in with it.");
  await page.keyboard.press("Escape");
  await button(page, text.user.pairDesktop).click();
  await expect(page.getByRole("alertdialog", { name: "You already have a PingID Desktop device" })).toBeVisible();
  await page.keyboard.press("Escape");
  await push(asAda(userOpen({ routes: browserRoutes })));
  await button(page, text.keys.pair).click();
  await expect(page.getByRole("alertdialog", { name: "Pair a security key" })).toContainText("You can enrol it");
});

test("nobody but the reader has to approve", async ({ open }) => {
  const { page, push } = await open(asAda(pairing()));
  await expect(page.getByText("The PingID Desktop app asks for your fingerprint, face or PIN.")).toBeVisible();
  await expect(page.getByText("must be the user")).toHaveCount(0);
  await push(asAda(watchingBrowser()));
  await expect(
    page.getByText("Sign in on your organisation's own page and enrol the key there.", { exact: true }),
  ).toBeVisible();
});

test("paired: done, and back to the devices", async ({ open }) => {
  const { page, reply, calls } = await open(asAda(paired({ warnings: [{ code: "mfa-disabled", detail: null }] })));
  await expect(button(page, "Done")).toBeFocused();
  await expect(button(page, served.paired.next)).toHaveCount(0);
  await expect(button(page, served.paired.showDevices)).toHaveCount(0);
  await expect(page.getByText("MFA is switched off for you")).toBeVisible();
  await reply("pairing.close", { snapshots: [asAda(userOpen({ devices: [adasLaptop, adasKey] }))] });
  await page.keyboard.press("Enter");
  await expect(heading(page, "Your devices")).toBeVisible();
  expect(await calls()).toEqual([{ name: "pairing.close", input: null }]);
});

test("not paired: back to the devices", async ({ open }) => {
  const { page, calls } = await open(asAda(failed()));
  await button(page, "Back to your devices").click();
  expect(await calls()).toEqual([{ name: "pairing.close", input: null }]);
});

test("the stretched language is spoken to the reader as well", async ({ open }) => {
  const made = asAda(userOpen());
  const { page } = await open({ ...made, settings: { ...made.settings, language: "pseudo" } });
  await expect(heading(page, languageFor("pseudo", true).text.devices.heading)).toBeVisible();
  expect(languageFor("pseudo", true).text.devices.heading).not.toBe(languageFor("pseudo").text.devices.heading);
});
