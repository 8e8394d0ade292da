import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { test as base, type ElectronApplication, expect, type Page } from "@playwright/test";
import { logFolder } from "../../src/node/host.ts";
import { english as text } from "../../src/renderer/text.ts";
import { type Simulator, type SimulatorOptions, startSimulator } from "../../src/simulator/index.ts";
import { launchApp } from "../electron-stand-in/launch.ts";

/** The built app in its host, as a person uses it: found by role and name, in a profile of its own. */

export type Running = { readonly app: ElectronApplication; readonly page: Page; readonly userData: string };

/** A server that must not be reached, and what reached it all the same. */
type Stranger = { readonly url: string; readonly requests: readonly string[] };

type Fixtures = {
  /** Starts the app; at the end of the test it is closed and its profile removed. */
  readonly launch: (...args: readonly string[]) => Promise<Running>;
  /** What kind of key store the computer has, where the stand-in is the host; see its `safe-storage.ts`. */
  readonly keyring: "secret-service" | "basic" | undefined;
  /** Starts the app once more on the profile of an earlier one, which has ended. */
  readonly relaunch: (userData: string) => Promise<Running>;
  readonly simulate: (options?: Partial<SimulatorOptions>) => Promise<Simulator>;
  readonly stranger: Stranger;
};

export const test = base.extend<Fixtures>({
  // The empty braces are Playwright's: it reads from them which fixtures a fixture needs.
  keyring: [undefined, { option: true }],
  launch: async ({ keyring }, use) => {
    const undo: (() => Promise<unknown>)[] = [];
    await use(async (...args) => {
      const userData = await mkdtemp(join(tmpdir(), "deskpair-e2e-"));
      undo.push(() => rm(userData, { recursive: true, force: true }));
      const app = await launchApp({ args, userData, env: { DESKPAIR_KEYRING: keyring } });
      undo.push(() => app.close());
      const page = await app.firstWindow();
      // The first screen is there: before, the window may still be between its empty document and the page.
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      return { app, page, userData };
    });
    for (const each of undo.toReversed()) await each();
  },

  relaunch: async ({ keyring }, use) => {
    const running: ElectronApplication[] = [];
    await use(async (userData) => {
      const app = await launchApp({ userData, env: { DESKPAIR_KEYRING: keyring } });
      running.push(app);
      const page = await app.firstWindow();
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      return { app, page, userData };
    });
    for (const app of running) await app.close();
  },

  simulate: async ({}, use) => {
    const running: Simulator[] = [];
    await use(async (options) => {
      const simulator = await startSimulator({ port: 0, agentPort: 0, ...options });
      running.push(simulator);
      return simulator;
    });
    for (const simulator of running) await simulator.close();
  },

  stranger: async ({}, use) => {
    const requests: string[] = [];
    const server = createServer((request, response) => {
      requests.push(`${request.method} ${request.url}`);
      response.writeHead(200, { "access-control-allow-origin": "*", "content-type": "text/html" });
      response.end("<title>Somewhere else</title>");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    await use({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  },
});

export const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });
export const heading = (page: Page, name: string) => page.getByRole("heading", { name, exact: true });

/** A sentence on the screen; the same words, spoken, are part of a longer text. */
export const sentence = (page: Page, words: string) => page.getByText(words, { exact: true });

export type ProfileInput = {
  readonly mode: "technician" | "self-service" | "worker";
  readonly clientId: string;
  readonly redirectPort?: number;
  readonly production?: boolean;
};

/** Fills in the first profile that there is, for the simulator, and saves it. */
export async function saveProfile(page: Page, simulator: Simulator, input: ProfileInput): Promise<void> {
  const words = text.profile;
  const fill = (label: string, value: string) => page.getByLabel(label, { exact: true }).fill(value);
  await expect(heading(page, words.firstHeading)).toBeVisible();
  await fill(words.name, "Simulator");
  await page.getByText(text.modes[input.mode].name, { exact: true }).click();
  await fill(words.environmentId, simulator.environmentId);
  await fill(words.clientId, input.clientId);
  await button(page, words.more).click();
  await fill(words.apiUrl, simulator.apiUrl);
  await fill(words.authUrl, simulator.authUrl);
  if (input.redirectPort !== undefined) await fill(words.redirectPort, String(input.redirectPort));
  await fill(text.settings.agentPort, String(simulator.agentPort));
  if (input.production === true) await page.getByText(words.production, { exact: true }).click();
  await button(page, words.save).click();
  await expect(heading(page, text.signIn.heading)).toBeVisible();
}

/** From the first start to the search, with the secret of a worker application. */
export async function signIn(page: Page, simulator: Simulator, secret = simulator.clientSecret): Promise<void> {
  await saveProfile(page, simulator, { mode: "worker", clientId: simulator.clientId });
  await page.getByLabel(text.signIn.clientSecret, { exact: true }).fill(secret);
  await button(page, text.signIn.submit).click();
  if (secret !== simulator.clientSecret) return;
  await button(page, text.ready.begin).click();
  await expect(heading(page, text.findUser.heading)).toBeVisible();
}

export async function findUser(page: Page, query: string): Promise<void> {
  await page.getByLabel(text.findUser.query, { exact: true }).fill(query);
  await button(page, text.findUser.submit).click();
  await expect(button(page, text.user.pairDesktop)).toBeVisible();
}

/** What main has written down so far. */
export async function readLog({
  app,
  userData,
}: Running): Promise<readonly { readonly level: string; readonly event: string }[]> {
  const own = await app.evaluate((electron) => electron.app.getPath("userData"));
  const isDemo = basename(own) === "demo";
  const folder = isDemo ? join(own, "logs") : logFolder({ ...process.env, XDG_STATE_HOME: join(userData, "state") });
  // Two, when midnight was meanwhile.
  const files = (await readdir(folder)).toSorted();
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), "utf8")));
  return texts
    .join("")
    .split("\n")
    .flatMap((line) => (line === "" ? [] : [JSON.parse(line)]));
}

/** Resolves when main has written this event down, which it does when it has refused something. */
export async function untilLogged(running: Running, event: string): Promise<void> {
  await expect.poll(async () => (await readLog(running)).map((line) => line.event)).toContain(event);
}

export { expect, text };
