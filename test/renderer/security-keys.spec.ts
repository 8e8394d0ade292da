import { everyScreen } from "../fakes/screens.ts";
import { ada, keyFailed, paired, pairing, userOpen, watchingBrowser } from "../fakes/snapshots.ts";
import { button, expect, heading, test, text } from "./page-under-test.ts";

/** What is different when the device is a security key. */

const open = (name: string) => everyScreen[name]?.() ?? null;

test("the enrolment window is what the person must look at", async ({ open: openPage }) => {
  const { page, calls } = await openPage(open("pairing-key"));
  await expect(heading(page, text.pairing.keyHeading)).toBeFocused();
  await expect(heading(page, text.pairing.ceremonyHeading)).toBeVisible();
  await expect(page.getByRole("timer")).toHaveText(text.pairing.timeLeft("0:57"));
  await expect(page.getByText(text.pairing.stepWords("register-with-agent").ahead)).toHaveCount(0);
  await page.keyboard.press("Escape");
  expect(await calls()).toEqual([{ name: "pairing.cancel", input: null }]);
});

test("enrolling in the browser: the address to open by hand, the time that is left, and a way out", async ({
  open: openPage,
}) => {
  const { page, push, calls, spoken } = await openPage(userOpen());
  await push(watchingBrowser());
  await expect(heading(page, text.browser.heading)).toBeFocused();
  await expect(spoken).toContainText(text.browser.waitingHeading);
  await expect(page.getByText("https://apps.pingone.eu/abfba8f6-49eb-49f5-a5d9-80ad5c98f9f6/myaccount/")).toBeVisible();
  await expect(page.getByRole("timer")).toHaveText(text.pairing.timeLeft("9:40"));
  await expect(page.getByRole("banner")).toContainText(ada.name ?? "");
  await expect(button(page, text.frame.settings)).toHaveAttribute("aria-disabled", "true");
  await button(page, text.cancel).click();
  expect(await calls()).toEqual([{ name: "pairing.cancel", input: null }]);
});

test("paired: which authenticator it is, and whether it can be copied", async ({ open: openPage }) => {
  const { page, push } = await openPage(open("paired-key"));
  await expect(heading(page, text.paired.keyHeading)).toBeVisible();
  await expect(page.getByText("YubiKey 5 Series")).toBeVisible();
  await expect(page.getByText(text.paired.backup.single)).toBeVisible();
  const authenticator = {
    aaguid: "00000000-0000-0000-0000-000000000000",
    name: null,
    attachment: null,
    transports: [],
    userVerified: false,
    backupEligible: true,
    backedUp: true,
  };
  await push(paired({ kind: "fido2", authenticator, steps: [] }));
  await expect(page.getByText(text.paired.authenticatorUnknown(authenticator.aaguid))).toBeVisible();
  await expect(page.getByText(text.paired.backup.done)).toBeVisible();
  await push(paired({ kind: "fido2", authenticator: { ...authenticator, backedUp: false } }));
  await expect(page.getByText(text.paired.backup.possible)).toBeVisible();
});

test("not paired: nothing that would pair the workstation instead", async ({ open: openPage }) => {
  const { page, push, calls } = await openPage(pairing({ kind: "fido2", steps: [] }));
  await push(keyFailed());
  await expect(heading(page, text.failed.keyHeading)).toBeFocused();
  await expect(button(page, text.failed.toUser)).toBeVisible();
  await button(page, text.failed.retry).click();
  await expect(page.getByRole("alertdialog", { name: text.keys.heading("Ada Lovelace") })).toBeVisible();
  await button(page, text.keys.start).click();
  expect(await calls()).toEqual([
    { name: "pairing.start", input: expect.objectContaining({ kind: "fido2", authenticator: "key" }) },
  ]);
});
