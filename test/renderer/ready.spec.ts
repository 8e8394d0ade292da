import { asAda, findingUser, ready, rights, signedOut, signingIn } from "../fakes/snapshots.ts";
import { button, expect, field, heading, test, text } from "./page-under-test.ts";

/** The last screen before work: proof of the sign-in, and the rights that are missing. */

const words = text.ready;

test("who, where, every right, and on with one key", async ({ open }) => {
  const { page, reply, calls } = await open(ready());
  await expect(page).toHaveTitle(text.title(words.heading));
  await expect(button(page, words.begin)).toBeFocused();
  const main = page.getByRole("main");
  for (const shown of ["Katherine Johnson", text.modes.technician.name, "Example Corp", "api.pingone.eu"]) {
    await expect(main.getByText(shown, { exact: true })).toBeVisible();
  }
  const list = page.getByRole("list", { name: words.rightsHeading }).getByRole("listitem");
  await expect(list).toHaveCount(8);
  await expect(list.nth(0)).toHaveText(`${words.right("read-environment")} (${words.states.granted})`);
  await expect(list.nth(4)).toHaveText(
    `${words.right("create-devices")} (${words.states["not-tested"]})${words.notTested}`,
  );
  await expect(page.locator(".notice")).toHaveCount(0);
  await reply("session.begin", { snapshots: [findingUser()] });
  await page.keyboard.press("Enter");
  await expect(field(page, text.findUser.query)).toBeFocused();
  expect(await calls()).toEqual([{ name: "session.begin", input: null }]);
});

test("what is missing is named with the role that gives it, and is a note where pairing is possible", async ({
  open,
}) => {
  const { page, push, spoken, calls } = await open(signedOut());
  await push(signingIn({ way: "none" }));
  await push(ready(rights({ "read-policies": { kind: "role", name: "Environment Admin" } })));
  await expect(spoken).toHaveText(`${text.changes.ready("Katherine Johnson")} ${text.changes.rightsMissing(1)}`);
  const right = page.getByRole("listitem").filter({ hasText: words.right("read-policies") });
  await expect(right).toContainText(words.states.missing);
  await expect(right).toContainText(words.needs({ kind: "role", name: "Environment Admin" }));
  await expect(page.getByText(words.partly)).toBeVisible();
  await expect(page.getByText(words.blocked)).toHaveCount(0);
  await button(page, words.rolesLink).click();
  expect(await calls()).toEqual([{ name: "link.open", input: { name: "help.roles" } }]);
});

test("what makes pairing impossible is said first, by name", async ({ open }) => {
  const role = { kind: "role", name: "Identity Data Admin" } as const;
  const { page } = await open(ready(rights({ "read-users": role, "read-devices": null, "enable-mfa": role })));
  const notice = page.locator(".notice-caution");
  await expect(notice).toContainText(words.blocked);
  await expect(notice.getByRole("listitem")).toHaveText([
    words.blockedBy(words.right("read-users"), words.needs(role)),
    words.blockedBy(words.right("read-devices"), words.needs(null)),
  ]);
  await expect(page.getByText(words.partly)).toHaveCount(0);
  // A new role can have arrived by now, so nobody is locked out.
  await expect(button(page, words.begin)).not.toHaveAttribute("aria-disabled");
});

test("for a user it is the scope that is named", async ({ open }) => {
  const scope = { kind: "scope", name: "p1:create:device" } as const;
  const { page } = await open(asAda(ready(rights({ "create-devices": scope }))));
  await expect(page.locator(".notice-caution")).toContainText("needs the scope p1:create:device");
  await expect(page.getByText("Read your devices")).toBeVisible();
});

test("a refusal to go on is said at the button", async ({ open }) => {
  const { page, fail } = await open(ready());
  await fail("session.begin", { code: "sign-in-required", reason: "expired" });
  await button(page, words.begin).click();
  await expect(page.getByRole("main").getByText(text.code("sign-in-required"))).toBeVisible();
  await expect(heading(page, words.heading)).toBeVisible();
});
