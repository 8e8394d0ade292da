import {
  findingUser,
  manyProfiles,
  ready,
  signedOut,
  signedOutOf,
  signingIn,
  withManyProfiles,
} from "../fakes/snapshots.ts";
import { button, expect, field, heading, test, text } from "./page-under-test.ts";

/** The profile in use, and every way to sign in to it. */

const words = text.signIn;
const planted = "S3cret~planted-in-the-test";

test.describe("a person", () => {
  test("signs in with the browser, with one key", async ({ open }) => {
    const { page, reply, calls, spoken } = await open(signedOut());
    await reply("session.signIn", { snapshots: [signingIn({ way: "none" }), ready()] });
    await expect(page).toHaveTitle(text.title(words.heading));
    await expect(button(page, words.browser)).toBeFocused();
    await page.keyboard.press("Enter");
    await expect(heading(page, text.ready.heading)).toBeVisible();
    await expect(spoken).toHaveText(text.changes.ready("Katherine Johnson"));
    expect(await calls()).toEqual([{ name: "session.signIn", input: { way: "browser", keep: false } }]);
  });

  test("signs in with a code, and stays signed in, with the keyboard alone", async ({ open }) => {
    const { page, calls } = await open(signedOut());
    await page.keyboard.press("Tab");
    await expect(button(page, words.deviceCode)).toBeFocused();
    await page.keyboard.press("Tab");
    const keep = page.getByRole("checkbox", { name: words.keep });
    await expect(keep).toBeFocused();
    await expect(keep).toHaveAccessibleDescription(words.keepWhere.system);
    await page.keyboard.press("Space");
    await page.keyboard.press("Shift+Tab");
    await page.keyboard.press("Enter");
    expect(await calls()).toEqual([{ name: "session.signIn", input: { way: "device-code", keep: true } }]);
  });

  test("goes on as before, where something is kept", async ({ open }) => {
    const { page, calls } = await open(signedOutOf({ kept: true }));
    await expect(button(page, words.kept)).toBeFocused();
    await expect(page.getByRole("checkbox", { name: words.keep })).toBeChecked();
    await page.keyboard.press("Enter");
    await button(page, words.browser).click();
    expect((await calls()).map(({ input }) => input)).toEqual([{ way: "kept" }, { way: "browser", keep: true }]);
  });

  test("keeps nothing where there is no key store, and is told so", async ({ open }) => {
    const { page, calls } = await open(signedOutOf({ kept: true }, {}, { secretStore: "memory" }));
    await expect(page.getByText(words.nothingKept)).toBeVisible();
    await expect(page.getByRole("checkbox")).toHaveCount(0);
    await button(page, words.browser).click();
    expect((await calls())[0]?.input).toEqual({ way: "browser", keep: false });
  });

  test("is told where it is kept when that is a file", async ({ open }) => {
    const { page } = await open(signedOut({ secretStore: "file" }));
    await expect(page.getByRole("checkbox", { name: words.keep })).toHaveAccessibleDescription(words.keepWhere.file);
  });

  for (const reason of ["expired", "idle", "locked"] as const) {
    test(`is told why the last session ended: ${reason}`, async ({ open }) => {
      const { page, push, spoken } = await open(findingUser());
      await push(signedOut({}, reason));
      const { message } = text.describeError({ code: "sign-in-required", reason });
      await expect(page.getByRole("main").getByText(message)).toBeVisible();
      await expect(spoken).toHaveText(message);
    });
  }

  test("signing out needs no reason", async ({ open }) => {
    const { page, push, spoken } = await open(findingUser());
    await push(signedOut());
    await expect(spoken).toHaveText(text.changes.signedOut);
    await expect(page.locator(".notice")).toHaveCount(0);
  });
});

test("says what it is doing where it was pressed, and takes no second press", async ({ open }) => {
  const { page, reply, release, calls } = await open(signedOut());
  await reply("session.signIn", { hold: true });
  await button(page, words.deviceCode).click();
  const doing = button(page, text.busy["session.signIn"]);
  await expect(doing).toHaveAttribute("aria-disabled", "true");
  await expect(doing).toBeFocused();
  await expect(button(page, words.browser)).toHaveAttribute("aria-disabled", "true");
  await doing.click({ force: true });
  await button(page, words.browser).click({ force: true });
  await release("session.signIn");
  await expect(button(page, words.deviceCode)).not.toHaveAttribute("aria-disabled");
  expect(await calls()).toHaveLength(1);
});

test("a failure that comes after the sign-in screen was left is shown on the one that comes back", async ({ open }) => {
  const { page, reply, release, push, alarmed } = await open(signedOut());
  const error = { code: "sign-in-timed-out", seconds: 300 } as const;
  await reply("session.signIn", { hold: true });
  await button(page, words.browser).click();
  await push(signingIn({ way: "none" }));
  await expect(heading(page, text.signingIn.heading)).toBeVisible();
  await reply("session.signIn", { snapshots: [signedOut()], outcome: { ok: false, error } });
  await release("session.signIn");
  const said = text.describeError(error);
  await expect(page.getByRole("main").getByText(said.message)).toBeVisible();
  await expect(alarmed).toHaveText(`${said.message} ${said.nextStep}`);
  await expect(button(page, words.browser)).toBeFocused();
});

test("what was cancelled is no failure", async ({ open }) => {
  const { page, reply, release, push, alarmed, spoken } = await open(signedOut());
  await reply("session.signIn", { hold: true });
  await button(page, words.browser).click();
  await push(signingIn({ way: "none" }));
  await reply("session.signIn", { snapshots: [signedOut()], outcome: { ok: false, error: { code: "cancelled" } } });
  await release("session.signIn");
  await expect(button(page, words.browser)).toBeFocused();
  await expect(spoken).toHaveText(text.changes.notSignedIn);
  await expect(alarmed).toHaveText("");
  await expect(page.locator(".notice-failure")).toHaveCount(0);
});

test.describe("a worker application", () => {
  test("signs in with its secret, which is gone from the page with the submit", async ({ open }) => {
    const { page, fail, alarmed, calls } = await open(signedOutOf({ mode: "worker" }));
    await fail("session.signIn", { code: "sign-in-refused", serverMessage: "Invalid client credentials" });
    const secret = field(page, words.clientSecret);
    await expect(secret).toBeFocused();
    await expect(secret).toHaveAttribute("type", "password");
    await page.keyboard.type(` ${planted} `);
    await page.keyboard.press("Enter");

    const refused = text.describeError({ code: "sign-in-refused" });
    await expect(alarmed).toHaveText(`${refused.message} ${refused.nextStep}`);
    await expect(page.getByText("Invalid client credentials")).toBeVisible();
    await expect(page.getByText(text.code("sign-in-refused"))).toBeVisible();
    await expect(secret).toHaveValue("");
    await expect(secret).toBeFocused();
    expect(await calls()).toEqual([
      { name: "session.signIn", input: { way: "secret", clientSecret: planted, keep: false } },
    ]);
    expect(await page.content()).not.toContain(planted);
    // Neither on any object that React hangs on the elements.
    const found = await page.evaluate((planted) => {
      const seen = new Set<unknown>();
      const holds = (value: unknown, depth: number): boolean => {
        if (typeof value === "string") return value.includes(planted);
        if (typeof value !== "object" || value === null || seen.has(value) || depth > 60) return false;
        seen.add(value);
        return Object.keys(value).some((key) => {
          if (value === window.fakeMain) return false;
          return holds((value as Record<string, unknown>)[key], depth + 1);
        });
      };
      return Array.from(document.querySelectorAll("*")).some((element) =>
        Object.keys(element).some((key) => holds((element as unknown as Record<string, unknown>)[key], 0)),
      );
    }, planted);
    expect(found).toBe(false);
  });

  test("asks for the secret before anything is sent", async ({ open }) => {
    const { page, calls } = await open(signedOutOf({ mode: "worker" }));
    await button(page, words.submit).click();
    const secret = field(page, words.clientSecret);
    await expect(secret).toHaveAttribute("aria-invalid", "true");
    await expect(secret).toHaveAccessibleDescription(words.secretMissing);
    await expect(secret).toBeFocused();
    expect(await calls()).toEqual([]);
    await page.keyboard.type("a");
    await expect(secret).not.toHaveAttribute("aria-invalid");
  });

  test("keeps the secret when that is wanted, and uses the kept one", async ({ open }) => {
    const { page, calls } = await open(signedOutOf({ mode: "worker", kept: true }));
    await expect(button(page, words.kept)).toBeFocused();
    await expect(page.getByRole("checkbox", { name: words.keepSecret })).toBeChecked();
    await page.keyboard.press("Enter");
    await field(page, words.clientSecret).fill(planted);
    await page.keyboard.press("Enter");
    expect((await calls()).map(({ input }) => input)).toEqual([
      { way: "kept" },
      { way: "secret", clientSecret: planted, keep: true },
    ]);
  });

  test("with a key has nothing to type and nothing to keep", async ({ open }) => {
    const { page, calls } = await open(signedOutOf({ mode: "worker" }, { clientAuthentication: "private-key-jwt" }));
    await expect(button(page, words.submit)).toBeFocused();
    await expect(page.getByRole("textbox")).toHaveCount(0);
    await expect(page.getByRole("checkbox")).toHaveCount(0);
    await page.keyboard.press("Enter");
    expect(await calls()).toEqual([
      { name: "session.signIn", input: { way: "secret", clientSecret: null, keep: false } },
    ]);
  });
});

test.describe("the profile", () => {
  test("is named, with what tells it from others", async ({ open }) => {
    const { page } = await open(signedOutOf({ production: true, color: "red" }));
    const card = page.getByRole("region", { name: words.heading });
    for (const shown of ["Example Corp", text.modes.technician.name, "api.pingone.eu", text.frame.production]) {
      await expect(card.getByText(shown, { exact: true })).toBeVisible();
    }
    // The only one there is cannot be exchanged.
    await expect(button(page, words.otherProfile)).toHaveCount(0);
  });

  test("is removed after a question", async ({ open }) => {
    const { page, reply, calls, spoken } = await open(withManyProfiles(signedOut()));
    const next = manyProfiles.slice(1);
    await reply("profile.remove", {
      snapshots: [signedOut({ profiles: { current: next[0]?.name ?? null, list: next, problem: null } })],
    });
    await button(page, words.remove).press("Enter");
    const question = page.getByRole("alertdialog", { name: words.removeHeading("Example Corp") });
    await expect(button(question, text.cancel)).toBeFocused();
    await page.keyboard.press("Escape");
    await expect(button(page, words.remove)).toBeFocused();
    expect(await calls()).toEqual([]);
    await page.keyboard.press("Enter");
    await button(question, words.removeConfirm).click();
    await expect(question).toBeHidden();
    await expect(page.getByText("Example Corp (live)", { exact: true })).toBeVisible();
    await expect(spoken).toHaveText(text.changes.profile("Example Corp (live)"));
    await expect(button(page, words.browser)).toBeFocused();
    expect(await calls()).toEqual([{ name: "profile.remove", input: { name: "Example Corp" } }]);
  });

  test("that may not be removed stays, and the question says why", async ({ open }) => {
    const { page, fail } = await open(signedOut());
    await fail("profile.remove", { code: "blocked-by-policy", setting: "profiles" });
    await button(page, words.remove).click();
    const question = page.getByRole("alertdialog");
    await button(question, words.removeConfirm).click();
    await expect(question.getByText(text.code("blocked-by-policy"))).toBeVisible();
    await button(question, text.cancel).click();
    await expect(question).toBeHidden();
  });
});
