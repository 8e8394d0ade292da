import { once } from "node:events";
import type { Page } from "@playwright/test";
import type { Simulator } from "../../src/simulator/index.ts";
import { button, expect, findUser, heading, type Running, signIn, test, text } from "./running-app.ts";

/** The app is killed in the middle of a pairing, and started again on what it has left. */

/** Ends the process as a power cut would: it gets no chance to undo anything. */
async function kill({ app }: Running): Promise<void> {
  const ended = once(app.process(), "exit");
  app.process().kill("SIGKILL");
  await ended;
}

const devicesOfAda = (simulator: Simulator) => simulator.world.devicesOf(simulator.users[0]?.id ?? "");

async function signInAgain(page: Page, simulator: Simulator): Promise<void> {
  await page.getByLabel(text.signIn.clientSecret, { exact: true }).fill(simulator.clientSecret);
  await button(page, text.signIn.submit).click();
  await expect(heading(page, text.findUser.heading)).toBeVisible();
}

test("killed while the agent waits for a finger: told before the next sign-in, removed after it", async ({
  launch,
  relaunch,
  simulate,
}) => {
  const simulator = await simulate({ approvalMs: 600_000 });
  const first = await launch();
  await signIn(first.page, simulator);
  await findUser(first.page, "ada@example.com");
  await button(first.page, text.user.pairDesktop).click();
  await expect(heading(first.page, text.pairing.approveHeading)).toBeVisible();
  await kill(first);
  expect(devicesOfAda(simulator).map(({ status }) => status)).toEqual(["ACTIVATION_REQUIRED"]);

  const { page } = await relaunch(first.userData);
  await expect(page.getByText(text.recovery.unfinished(1, ["“Simulator”"]))).toBeVisible();
  await signInAgain(page, simulator);
  const card = page.getByRole("region", { name: text.recovery.heading });
  await expect(card.getByRole("listitem")).toContainText("ada@example.com");
  await expect(card.getByRole("listitem")).toContainText(text.recovery.outcomes.undone.words);
  expect(devicesOfAda(simulator)).toEqual([]);

  await button(page, text.recovery.dismiss).click();
  await expect(card).toHaveCount(0);
  await button(page, text.frame.signOut).click();
  await expect(heading(page, text.signIn.heading)).toBeVisible();
  await expect(page.getByText(/unfinished/)).toHaveCount(0);
});

test("a workstation that is paired already is left as it is, and paired again when asked for", async ({
  launch,
  simulate,
}) => {
  const simulator = await simulate();
  const { page } = await launch();
  await signIn(page, simulator);
  await findUser(page, "ada@example.com");
  await button(page, text.user.pairDesktop).click();
  await expect(heading(page, text.paired.heading)).toBeVisible();
  await button(page, text.paired.showDevices).click();
  await button(page, text.user.pairDesktop).click();
  await expect(heading(page, text.paired.alreadyHeading)).toBeVisible();
  expect(devicesOfAda(simulator)).toHaveLength(1);
  await button(page, text.paired.again).click();
  await expect(heading(page, text.paired.heading)).toBeVisible();
  expect(devicesOfAda(simulator).map(({ status }) => status)).toEqual(["ACTIVE", "ACTIVE"]);
});
