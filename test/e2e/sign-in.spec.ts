import { readdir, readFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { join } from "node:path";
import { type Browser, chromium, type ElectronApplication, type Page } from "@playwright/test";
import type { Simulator } from "../../src/simulator/index.ts";
import { findChromium } from "../electron-stand-in/chromium.ts";
import {
  test as base,
  button,
  expect,
  findUser,
  heading,
  type ProfileInput,
  readLog,
  saveProfile,
  sentence,
  text,
} from "./running-app.ts";

/** A person signs in: in a browser of their own, which is another Chromium, or with a code on another device. */

type Fixtures = { readonly browser: Browser };
const test = base.extend<Fixtures>({
  browser: async ({}, use) => {
    const browser = await chromium.launch({ executablePath: await findChromium() });
    await use(browser);
    await browser.close();
  },
});

/** A port that nothing uses now; the redirect address has to name one. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** What the app would have opened in the system's browser. */
async function watchBrowser(app: ElectronApplication): Promise<() => Promise<readonly string[]>> {
  await app.evaluate((electron) => {
    const opened: string[] = [];
    Object.assign(globalThis, { opened });
    electron.shell.openExternal = async (address) => {
      opened.push(address);
    };
  });
  return () => app.evaluate(() => (globalThis as unknown as { opened: string[] }).opened);
}

async function lastOpened(opened: () => Promise<readonly string[]>): Promise<string> {
  await expect.poll(opened).not.toEqual([]);
  return (await opened()).at(-1) ?? "";
}

async function answer(browser: Browser, address: string, username: string, decision: "Sign in" | "Deny") {
  const page = await browser.newPage();
  await page.goto(address);
  await page.getByLabel("User name").fill(username);
  await page.getByRole("button", { name: decision, exact: true }).click();
  return page;
}

async function start(
  {
    launch,
    simulate,
  }: {
    launch: (...args: string[]) => Promise<{ app: ElectronApplication; page: Page; userData: string }>;
    simulate: (options?: object) => Promise<Simulator>;
  },
  mode: ProfileInput["mode"] = "technician",
) {
  const simulator = await simulate({ redirectPorts: "any", pollingSeconds: 0.2 });
  const running = await launch();
  const redirectPort = await freePort();
  const clientId = mode === "self-service" ? simulator.selfServiceClientId : simulator.technicianClientId;
  await saveProfile(running.page, simulator, { mode, clientId, redirectPort });
  return { ...running, simulator, redirectPort, opened: await watchBrowser(running.app) };
}

/** Everything that the app has written, as one text. */
async function allFiles(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.parentPath.includes("Default"));
  return (await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name), "latin1")))).join("\n");
}

test("a technician signs in with the browser, pairs, and signs out", async ({ launch, simulate, browser }) => {
  const { page, app, userData, simulator, opened } = await start({ launch, simulate });
  await button(page, text.signIn.browser).click();
  await expect(heading(page, text.signingIn.browserHeading)).toBeVisible();
  const address = await lastOpened(opened);
  expect(new URL(address).searchParams.get("code_challenge_method")).toBe("S256");
  const back = await answer(browser, address, "admin", "Sign in");
  await expect(back.getByRole("heading", { name: "Back to DeskPair" })).toBeVisible();

  await expect(heading(page, text.ready.heading)).toBeVisible();
  await button(page, text.ready.begin).click();
  await findUser(page, "ada@example.com");
  await button(page, text.user.pairDesktop).click();
  await expect(heading(page, text.paired.heading)).toBeVisible();

  // Nothing that the sign-in brought is on the disk, in the log or in the page.
  const grants = [...simulator.world.signIn.grants.values()];
  expect(grants).toHaveLength(1);
  const written = await allFiles(userData);
  const seen = `${written}${JSON.stringify(await readLog({ app, page, userData }))}${await page.content()}`;
  for (const token of simulator.world.signIn.refreshTokens.keys()) expect(seen).not.toContain(token);
  expect(seen).not.toMatch(/eyJ[\w-]{10,}\.eyJ/);

  await button(page, text.frame.signOut).click();
  await expect(heading(page, text.signIn.heading)).toBeVisible();
  await expect.poll(() => [...simulator.world.signIn.grants.values()].every(({ revoked }) => revoked)).toBe(true);
});

test("declined in the browser: says so, and can be tried again", async ({ launch, simulate, browser }) => {
  const { page, opened } = await start({ launch, simulate });
  await button(page, text.signIn.browser).click();
  await answer(browser, await lastOpened(opened), "admin", "Deny");
  await expect(sentence(page, text.describeError({ code: "sign-in-denied" }).message)).toBeVisible();
  await button(page, text.signIn.browser).click();
  await expect.poll(async () => (await opened()).length).toBe(2);
  await answer(browser, await lastOpened(opened), "admin", "Sign in");
  await expect(heading(page, text.ready.heading)).toBeVisible();
});

test("cancelled in the window: nobody listens any more, and the port is free again", async ({ launch, simulate }) => {
  const { page, opened, redirectPort } = await start({ launch, simulate });
  await button(page, text.signIn.browser).click();
  await lastOpened(opened);
  await button(page, text.cancel).click();
  await expect(heading(page, text.signIn.heading)).toBeVisible();
  await expect(fetch(`http://127.0.0.1:${redirectPort}/callback`)).rejects.toThrow();
});

test("the port is taken: says by what", async ({ launch, simulate }) => {
  const { page, redirectPort } = await start({ launch, simulate });
  const squatter = createServer();
  await new Promise<void>((resolve) => squatter.listen(redirectPort, "127.0.0.1", resolve));
  await button(page, text.signIn.browser).click();
  await expect(page.locator(".notice-message", { hasText: `uses port ${redirectPort}` })).toBeVisible();
  await new Promise((resolve) => squatter.close(resolve));
});

test("a technician signs in with a code on another device", async ({ launch, simulate, browser }) => {
  const { page } = await start({ launch, simulate });
  await button(page, text.signIn.deviceCode).click();
  await expect(heading(page, text.signingIn.codeHeading)).toBeVisible();
  await expect(page.getByRole("img", { name: text.signingIn.qr })).toBeVisible();
  const shown = await page
    .getByText(/^[A-Z0-9]{4}-[A-Z0-9]{4}$/)
    .first()
    .textContent();
  const address = await page
    .getByText(/^http:\/\/127\.0\.0\.1:\d+\/[0-9a-f-]{36}\/device\//)
    .first()
    .textContent();
  const phone = await browser.newPage();
  await phone.goto(address ?? "");
  await phone.getByLabel("Code").fill(shown ?? "");
  await phone.getByLabel("User name").fill("admin");
  await phone.locator("button.main").click();
  await expect(heading(page, text.ready.heading)).toBeVisible();
});

test("an account without roles is told which, and cannot pair", async ({ launch, simulate, browser }) => {
  const { page, opened } = await start({ launch, simulate });
  await button(page, text.signIn.browser).click();
  await answer(browser, await lastOpened(opened), "no.roles", "Sign in");
  await expect(heading(page, text.ready.heading)).toBeVisible();
  await expect(page.getByText("Identity Data Admin").first()).toBeVisible();
  await expect(page.getByText(text.ready.blocked)).toBeVisible();
});

test("a user signs in for the own devices: known already, and no administrator's endpoint is asked", async ({
  launch,
  simulate,
  browser,
}) => {
  const { page, simulator, opened } = await start({ launch, simulate }, "self-service");
  await button(page, text.signIn.browser).click();
  await answer(browser, await lastOpened(opened), "ada@example.com", "Sign in");
  await button(page, text.ready.begin).click();
  await expect(heading(page, "Ada Lovelace")).toBeVisible();
  await button(page, text.user.pairDesktop).click();
  await expect(heading(page, text.paired.heading)).toBeVisible();
  expect(simulator.world.log.filter(({ status }) => status === 403)).toEqual([]);
  const asked = new Set(simulator.world.log.map(({ path }) => path.replace(/^\/v1\/environments\/[^/]+/, "")));
  for (const path of asked) expect(path).not.toMatch(/^$|[pP]olicies|mfaSettings|^\/users$/);
});

test.describe("where the computer keeps secrets", () => {
  test.use({ keyring: "secret-service" });

  test("stays signed in over a restart where the computer keeps it, and asks nobody", async ({
    launch,
    relaunch,
    simulate,
    browser,
  }) => {
    const { page, app, simulator, opened, userData } = await start({ launch, simulate });
    await page.getByText(text.signIn.keep, { exact: true }).click();
    await button(page, text.signIn.browser).click();
    await answer(browser, await lastOpened(opened), "admin", "Sign in");
    await expect(heading(page, text.ready.heading)).toBeVisible();
    await button(page, text.ready.begin).click();
    const written = await allFiles(userData);
    for (const token of simulator.world.signIn.refreshTokens.keys()) expect(written).not.toContain(token);
    await app.close();
    expect([...simulator.world.signIn.grants.values()].some(({ revoked }) => revoked)).toBe(false);

    const next = await relaunch(userData);
    const openedAgain = await watchBrowser(next.app);
    await button(next.page, text.signIn.kept).click();
    await expect(heading(next.page, text.findUser.heading)).toBeVisible();
    expect(await openedAgain()).toEqual([]);
  });
});
