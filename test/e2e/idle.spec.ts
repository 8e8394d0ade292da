import { button, expect, heading, signIn, test, text } from "./running-app.ts";

/** The times are tested in `test/main/idle.test.ts`, without waiting for them. */

test("a locked computer ends the session where the settings say so, and the screen says why", async ({
  launch,
  simulate,
}) => {
  const simulator = await simulate();
  const { app, page } = await launch();
  await signIn(page, simulator);
  const lock = () => app.evaluate(({ powerMonitor }) => void powerMonitor.emit("lock-screen"));

  await lock();
  await expect(heading(page, text.findUser.heading)).toBeVisible();
  await button(page, text.frame.settings).click();
  await page.getByText(text.settings.signOutOnLock, { exact: true }).click();
  await expect(page.getByLabel(text.settings.signOutOnLock, { exact: true })).toBeChecked();

  await lock();
  await expect(heading(page, text.signIn.heading)).toBeVisible();
  const { message } = text.describeError({ code: "sign-in-required", reason: "locked" });
  await expect(page.getByRole("main").getByText(message, { exact: true })).toBeVisible();
});
