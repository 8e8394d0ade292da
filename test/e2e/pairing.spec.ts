import { once } from "node:events";
import { button, expect, findUser, heading, readLog, sentence, signIn, test, text } from "./running-app.ts";

/** From the start of the app to a paired workstation, against the simulator in this process. */

test("a technician signs in, finds a user, pairs, and serves the next one", async ({ launch, simulate }) => {
  const simulator = await simulate();
  const running = await launch();
  const { page } = running;
  await signIn(page, simulator);
  await findUser(page, "ada@example.com");
  await button(page, text.user.pairDesktop).click();

  await expect(heading(page, text.paired.heading)).toBeVisible();
  await expect(sentence(page, text.paired.lead("Ada Lovelace"))).toBeVisible();
  const ada = simulator.users.find(({ username }) => username === "ada@example.com");
  expect(simulator.world.devicesOf(ada?.id ?? "").map(({ status }) => status)).toEqual(["ACTIVE"]);

  await button(page, text.paired.next).click();
  await findUser(page, "person01@example.com");
  await expect(heading(page, "Person 01")).toBeVisible();

  const log = await readLog(running);
  expect(log.map(({ level, event }) => `${level} ${event}`).filter((line) => /^(warn|error)/.test(line))).toEqual([]);
  expect(JSON.stringify(log)).not.toContain(simulator.clientSecret);
});

test("without an agent nothing is created, and the person is told what to do", async ({ launch, simulate }) => {
  const simulator = await simulate();
  const { page } = await launch();
  await signIn(page, simulator);
  await findUser(page, "ada@example.com");
  await simulator.stopAgent();
  await button(page, text.user.pairDesktop).click();

  await expect(heading(page, text.failed.heading)).toBeVisible();
  const { message, nextStep } = text.describeError({ code: "agent-missing", port: simulator.agentPort });
  await expect(sentence(page, message)).toBeVisible();
  await expect(sentence(page, nextStep)).toBeVisible();
  await expect(sentence(page, text.describeLeft("nothing"))).toBeVisible();
  const ada = simulator.users[0]?.id ?? "";
  expect(simulator.world.devicesOf(ada)).toEqual([]);

  // The agent is started, and the same button finishes the job.
  await simulator.startAgent();
  await button(page, text.failed.retry).click();
  await expect(heading(page, text.paired.heading)).toBeVisible();
  expect(simulator.world.devicesOf(ada)).toHaveLength(1);
});

test("cancelled while the agent waits for a finger, the device is removed", async ({ launch, simulate }) => {
  const simulator = await simulate({ approvalMs: 600_000 });
  const { page } = await launch();
  await signIn(page, simulator);
  await findUser(page, "ada@example.com");
  await button(page, text.user.pairDesktop).click();
  await expect(heading(page, text.pairing.approveHeading)).toBeVisible();
  const ada = simulator.users[0]?.id ?? "";
  expect(simulator.world.devicesOf(ada)).toHaveLength(1);
  await page.keyboard.press("Escape");

  await expect(heading(page, text.failed.cancelledHeading)).toBeVisible();
  await expect(sentence(page, text.describeLeft("nothing"))).toBeVisible();
  expect(simulator.world.devicesOf(ada)).toEqual([]);
});

test("quit while the agent waits for a finger, the device is removed before the app ends", async ({
  launch,
  simulate,
}) => {
  const simulator = await simulate({ approvalMs: 600_000 });
  const { app, page } = await launch();
  await signIn(page, simulator);
  await findUser(page, "ada@example.com");
  await button(page, text.user.pairDesktop).click();
  await expect(heading(page, text.pairing.approveHeading)).toBeVisible();
  const ada = simulator.users[0]?.id ?? "";
  expect(simulator.world.devicesOf(ada)).toHaveLength(1);

  const ended = once(app.process(), "exit");
  // The process may be gone before it has answered.
  await app.evaluate((electron) => electron.app.quit()).catch(() => undefined);
  expect(await ended).toEqual([0, null]);
  expect(simulator.world.devicesOf(ada)).toEqual([]);
});

test("closing the window in the middle of a pairing does the same", async ({ launch, simulate }) => {
  const simulator = await simulate({ approvalMs: 600_000 });
  const { app, page } = await launch();
  await signIn(page, simulator);
  await findUser(page, "ada@example.com");
  await button(page, text.user.pairDesktop).click();
  await expect(heading(page, text.pairing.approveHeading)).toBeVisible();

  const ended = once(app.process(), "exit");
  await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close()).catch(() => undefined);
  expect(await ended).toEqual([0, null]);
  expect(simulator.world.devicesOf(simulator.users[0]?.id ?? "")).toEqual([]);
});

test("a wrong secret is a sentence in the window, and leaves the app where it was", async ({ launch, simulate }) => {
  const simulator = await simulate();
  const { page } = await launch();
  await signIn(page, simulator, "not-the-secret");
  await expect(sentence(page, text.describeError({ code: "sign-in-refused" }).message)).toBeVisible();
  await expect(heading(page, text.signIn.heading)).toBeVisible();
});

test("a link goes out by its name, to the address that main knows", async ({ launch }) => {
  const running = await launch();
  await running.app.evaluate((electron) => {
    const opened: string[] = [];
    Object.assign(globalThis, { opened });
    electron.shell.openExternal = async (address) => {
      opened.push(address);
    };
  });
  await running.page.getByText(text.profile.rolesLink).click();
  const opened = () => running.app.evaluate(() => (globalThis as unknown as { opened: string[] }).opened);
  await expect.poll(opened).toEqual([expect.stringMatching(/^https:\/\/developer\.pingidentity\.com\//)]);
});

test("the theme is the app's, not only the page's, and stays when the page is loaded again", async ({ launch }) => {
  const { app, page } = await launch();
  await button(page, text.frame.settings).click();
  await page.getByText(text.settings.themes.dark, { exact: true }).click();
  await expect.poll(() => app.evaluate(({ nativeTheme }) => nativeTheme.themeSource)).toBe("dark");
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
});
