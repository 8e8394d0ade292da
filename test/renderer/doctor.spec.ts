import { AxeBuilder } from "@axe-core/playwright";
import { type DoctorCheck, type DoctorReport, doctorCheckNames } from "../../src/contract/doctor.ts";
import { examined, networkDown } from "../fakes/doctor.ts";
import { after, failed, findingUser, signedOut } from "../fakes/snapshots.ts";
import { button, expect, heading, test, text } from "./page-under-test.ts";

const words = text.doctor;
const report: DoctorReport = examined();
const check = (name: DoctorCheck["name"]): DoctorCheck => {
  const found = report.checks.find((each) => each.name === name);
  if (found === undefined) throw new Error(`There is no check ${name}.`);
  return found;
};

test("from the settings: it examines at once, and shows every check in its group", async ({ open }) => {
  const first = findingUser();
  const { page, reply, calls, spoken } = await open(first);
  await reply("doctor.run", { snapshots: [after(first, { doctor: report })] });
  await button(page, text.frame.settings).click();
  await button(page, words.open).press("Enter");
  await expect(heading(page, words.heading)).toBeFocused();
  await expect(page).toHaveTitle(text.title(words.heading));
  expect((await calls()).map(({ name }) => name)).toEqual(["doctor.run"]);
  for (const [group, count] of Object.entries({ computer: 9, pingOne: 6, agent: 5, user: 2 } as const)) {
    const list = page.getByRole("list", { name: words.groups[group as keyof typeof words.groups], exact: true });
    await expect(list.getByRole("listitem")).toHaveCount(count);
  }
  await expect(page.getByText(words.result.fail, { exact: true })).toBeVisible();
  await expect(spoken).toContainText(words.result.fail);
});

test("a check tells its state in words, what was seen, and what to do", async ({ open }) => {
  const { page } = await open(findingUser(undefined, { doctor: report }));
  await button(page, text.frame.settings).click();
  await button(page, words.open).click();
  const clock = page.getByRole("listitem").filter({ hasText: words.names.clock });
  await expect(clock).toContainText(`${words.names.clock} (${words.states.warn})`);
  await expect(clock).toContainText(check("clock").evidence);
  await expect(clock).toContainText(`${words.fix}: ${check("clock").fix}`);
  const proxy = page.getByRole("listitem").filter({ hasText: words.names.proxy });
  await expect(proxy).toContainText(`(${words.states.pass})`);
  await expect(proxy).not.toContainText(words.fix);
});

test("while it runs the old report is gone, and it cannot be started twice", async ({ open }) => {
  const first = findingUser(undefined, { doctor: report });
  const { page, reply, release, calls } = await open(first);
  await reply("doctor.run", { hold: true });
  await button(page, text.frame.settings).click();
  await button(page, words.open).click();
  await expect(button(page, words.running)).toHaveAttribute("aria-disabled", "true");
  await expect(page.getByRole("listitem")).toHaveCount(0);
  await button(page, words.running).press("Enter");
  await release("doctor.run");
  await expect(button(page, words.again)).toBeVisible();
  expect(await calls()).toHaveLength(1);
  await reply("doctor.run", { snapshots: [after(first, { doctor: examined(networkDown) })] });
  await button(page, words.again).click();
  await expect(page.getByText(check("network").evidence)).toHaveCount(0);
  expect(await calls()).toHaveLength(2);
});

test("the report is copied as text, with the names of the documentation", async ({ open }) => {
  const { page, spoken } = await open(findingUser(undefined, { doctor: report }));
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await button(page, text.frame.settings).click();
  await button(page, words.open).click();
  await button(page, text.copyOf(text.copy, words.report)).click();
  await expect(spoken).toHaveText(text.copied);
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied.split("\n")[0]).toBe("DeskPair 0.1.0 on LT-0931, 2026-11-20T10:00:00.000Z, 1234 ms");
  expect(copied).toContain(`[warn] clock: ${check("clock").evidence}\n    Fix: ${check("clock").fix}`);
  expect(copied.match(/^\[/gm)).toHaveLength(doctorCheckNames.length);
});

test("from a pairing that failed, and back", async ({ open }) => {
  const { page, calls } = await open(failed());
  await button(page, words.open).first().click();
  await expect(heading(page, words.heading)).toBeVisible();
  expect((await calls()).map(({ name }) => name)).toEqual(["doctor.run"]);
  await button(page, text.back).click();
  await expect(heading(page, text.failed.heading)).toBeVisible();
});

test("from a failure whose cause may lie elsewhere, and not from one that says it all", async ({ open }) => {
  const { page, fail } = await open(findingUser());
  await fail("user.find", { code: "network-failed", host: "api.pingone.eu", reason: "refused" });
  await page.getByLabel(text.findUser.query).fill("ada");
  await page.keyboard.press("Enter");
  await expect(button(page, words.open)).toBeVisible();
  await fail("user.find", { code: "user-not-found", query: "ada" });
  await page.getByLabel(text.findUser.query).press("Enter");
  await expect(button(page, words.open)).toHaveCount(0);
});

test("a main process that cannot examine says why", async ({ open }) => {
  const { page, fail } = await open(signedOut());
  const error = { code: "internal", incidentId: "i-1" } as const;
  await fail("doctor.run", error);
  await button(page, text.frame.settings).click();
  await button(page, words.open).click();
  await expect(page.getByText(text.describeError(error).message, { exact: true })).toBeVisible();
  await expect(button(page, words.again)).toBeVisible();
});

for (const scheme of ["light", "dark"] as const) {
  test(`no barrier, ${scheme}`, async ({ open, page }) => {
    await page.emulateMedia({ colorScheme: scheme });
    await open(findingUser(undefined, { doctor: report }));
    await button(page, text.frame.settings).click();
    await button(page, words.open).click();
    await expect(page.getByRole("listitem")).toHaveCount(doctorCheckNames.length);
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  });
}

test("fits a narrow window, with words that never end", async ({ open, page }) => {
  const endless = { evidence: `the host ${"x".repeat(500)} is reached.`, fix: "y".repeat(300) };
  await open(findingUser(undefined, { doctor: examined({ tls: { state: "warn", ...endless } }) }));
  await page.setViewportSize({ width: 320, height: 480 });
  await button(page, text.frame.settings).click();
  await button(page, words.open).click();
  await expect(page.getByRole("listitem")).toHaveCount(doctorCheckNames.length);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
});
