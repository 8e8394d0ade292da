import { describeBrowserReason, describeRouteNote } from "../../src/contract/enrolment-words.ts";
import { after, browserRoutes, pairing, simulatedRoutes, userOpen, watchingBrowser } from "../fakes/snapshots.ts";
import { button, expect, field, heading, test, text } from "./page-under-test.ts";

/** The question that comes before a security key: which, what it is called, and what will happen here. */

const words = text.keys;
const question = words.heading("Ada Lovelace");
const standardPolicy = "11111111-2222-4333-8444-555555555555";

test("a key with a name, with the keyboard alone", async ({ open }) => {
  const { page, reply, calls } = await open(userOpen());
  await reply("pairing.start", { snapshots: [pairing({ kind: "fido2" })] });
  await button(page, words.pair).press("Enter");
  const dialog = page.getByRole("alertdialog", { name: question });
  await expect(button(dialog, words.start)).toBeFocused();
  // What is going to happen is read with the button.
  await expect(button(dialog, words.start)).toHaveAccessibleDescription(
    [words.window, describeRouteNote("windows-will-ask"), describeRouteNote("choose-the-key")].join(" "),
  );
  await field(dialog, words.name).focus();
  await page.keyboard.type(" Blue key 2 ");
  await page.keyboard.press("Enter");
  await expect(heading(page, text.pairing.keyHeading)).toBeFocused();
  expect(await calls()).toEqual([
    {
      name: "pairing.start",
      input: { kind: "fido2", policyId: standardPolicy, nickname: "Blue key 2", authenticator: "key" },
    },
  ]);
});

test("this computer's own authenticator, with the arrow keys, and what is said changes", async ({ open }) => {
  const { page, calls } = await open(userOpen());
  await button(page, words.pair).click();
  const dialog = page.getByRole("alertdialog");
  await dialog.getByRole("radio", { name: words.key }).focus();
  await page.keyboard.press("ArrowRight");
  await expect(dialog.getByRole("radio", { name: words.platform })).toBeChecked();
  await expect(dialog).toContainText(describeRouteNote("use-windows-hello"));
  await expect(dialog).not.toContainText(describeRouteNote("choose-the-key"));
  await button(dialog, words.start).click();
  expect(await calls()).toEqual([
    {
      name: "pairing.start",
      input: { kind: "fido2", policyId: standardPolicy, nickname: null, authenticator: "platform" },
    },
  ]);
  await expect(dialog).toBeHidden();
});

test("Escape leaves it, from a field as well, and the choices stay", async ({ open }) => {
  const { page, calls } = await open(userOpen());
  await button(page, words.pair).click();
  await field(page, words.name).fill("Front desk");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("alertdialog")).toHaveCount(0);
  await expect(button(page, words.pair)).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(field(page, words.name)).toHaveValue("Front desk");
  expect(await calls()).toEqual([]);
});

for (const route of ["tools", "simulated"] as const) {
  test(`says what happens by the way “${route}”`, async ({ open }) => {
    const routes =
      route === "simulated" ? simulatedRoutes : { ...simulatedRoutes, usual: { key: { route }, platform: { route } } };
    const { page } = await open(userOpen({ routes }));
    await button(page, words.pair).click();
    await expect(page.getByRole("alertdialog")).toContainText(words[route]);
  });
}

test("the chosen policy decides the way", async ({ open }) => {
  const other = "22222222-3333-4444-8555-666666666666";
  const { page } = await open(
    userOpen({ routes: { ...simulatedRoutes, byPolicy: [{ policyId: other, routes: browserRoutes.usual }] } }),
  );
  await button(page, words.pair).click();
  await expect(page.getByRole("alertdialog")).toContainText(words.simulated);
  await page.keyboard.press("Escape");
  await field(page, text.user.policy).selectOption(other);
  await button(page, words.pair).click();
  await expect(page.getByRole("alertdialog")).toContainText(
    words.notHere(describeBrowserReason("key-pin-cannot-be-asked")),
  );
});

test("a policy that does not allow keys is said, and can be tried", async ({ open }) => {
  const { page } = await open(userOpen({ routes: simulatedRoutes }));
  await field(page, text.user.policy).selectOption({ index: 2 });
  await button(page, words.pair).click();
  const dialog = page.getByRole("alertdialog");
  await expect(dialog).toContainText(words.policyDisabled("Phones only"));
  await expect(button(dialog, words.start)).not.toHaveAttribute("aria-disabled");
});

test("what cannot be done here says why, and how it can; without an address nothing can be pressed", async ({
  open,
}) => {
  const { page, calls } = await open(userOpen({ routes: browserRoutes }));
  await button(page, words.pair).click();
  const dialog = page.getByRole("alertdialog");
  const start = button(dialog, words.openPage);
  await expect(start).toHaveAttribute("aria-disabled", "true");
  await expect(start).toHaveAccessibleDescription(
    `${words.notHere(describeBrowserReason("key-pin-cannot-be-asked"))} ${words.pageNotSet}`,
  );
  await start.click({ force: true });
  await expect(dialog.getByText(`deskpair pair fido2 --user ada.lovelace --policy ${standardPolicy}`)).toBeVisible();
  // The command line has no way to Touch ID either.
  await dialog.getByText(words.platform, { exact: true }).click();
  await expect(dialog.getByText("deskpair pair fido2")).toHaveCount(0);
  expect(await calls()).toEqual([]);
});

test("the organisation's own page is opened, and the key awaited", async ({ open }) => {
  const first = userOpen({ routes: browserRoutes });
  const settings = { ...first.settings, enrolmentPageUrl: "https://keys.example.com/enrol" };
  const { page, reply, calls } = await open(after(first, { settings }));
  await reply("pairing.startInBrowser", { snapshots: [watchingBrowser()] });
  await button(page, words.pair).click();
  const dialog = page.getByRole("alertdialog");
  await expect(dialog).toContainText(words.pageInstead);
  await button(dialog, words.openPage).click();
  await expect(heading(page, text.browser.heading)).toBeFocused();
  expect(await calls()).toEqual([{ name: "pairing.startInBrowser", input: null }]);
});

test("a name cannot become a second command where it is pasted", async ({ open, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const username = "ada'; rm -rf ~\n#";
  const first = userOpen({ routes: browserRoutes });
  const phase = first.phase.name === "user" ? { ...first.phase, user: { ...first.phase.user, username } } : first.phase;
  const { page } = await open(after(first, { phase }));
  await button(page, words.pair).click();
  await button(page, text.copyOf(text.copy, words.command)).click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(
    `deskpair pair fido2 --user $'ada\\'; rm -rf ~\\012#' --policy ${standardPolicy}`,
  );
});

test("while it starts the question cannot be left, and a refusal stays in it", async ({ open }) => {
  const { page, reply, release, calls } = await open(userOpen());
  await reply("pairing.start", { hold: true });
  await button(page, words.pair).click();
  const dialog = page.getByRole("alertdialog");
  await button(dialog, words.start).click();
  await expect(button(dialog, text.busy["pairing.start"])).toHaveAttribute("aria-disabled", "true");
  await page.keyboard.press("Escape");
  await expect(dialog).toBeVisible();
  await reply("pairing.start", { outcome: { ok: false, error: { code: "rate-limited", retryAfterSeconds: 4 } } });
  await release("pairing.start");
  await expect(dialog.getByText("Wait 4 seconds and try again.")).toBeVisible();
  // Another choice is another attempt.
  await dialog.getByText(words.platform, { exact: true }).click();
  await expect(dialog.getByText("Wait 4 seconds and try again.")).toHaveCount(0);
  expect(await calls()).toHaveLength(1);
});
