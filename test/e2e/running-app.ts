import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test as base, type ElectronApplication, expect, type Page } from "@playwright/test";
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
  readonly simulate: (options?: Partial<SimulatorOptions>) => Promise<Simulator>;
  readonly stranger: Stranger;
};

export const test = base.extend<Fixtures>({
  // The empty braces are Playwright's: it reads from them which fixtures a fixture needs.
  launch: async ({}, use) => {
    const undo: (() => Promise<unknown>)[] = [];
    await use(async (...args) => {
      const userData = await mkdtemp(join(tmpdir(), "deskpair-e2e-"));
      undo.push(() => rm(userData, { recursive: true, force: true }));
      const app = await launchApp({ args, userData });
      undo.push(() => app.close());
      const page = await app.firstWindow();
      // The first screen is there: before, the window may still be between its empty document and the page.
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      return { app, page, userData };
    });
    for (const each of undo.toReversed()) await each();
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

export async function signIn(page: Page, simulator: Simulator): Promise<void> {
  await expect(heading(page, text.signIn.heading)).toBeVisible();
  await button(page, text.signIn.ownAddresses).click();
  await page.getByLabel(text.signIn.apiUrl, { exact: true }).fill(simulator.apiUrl);
  await page.getByLabel(text.signIn.authUrl, { exact: true }).fill(simulator.authUrl);
  await page.getByLabel(text.signIn.environmentId, { exact: true }).fill(simulator.environmentId);
  await page.getByLabel(text.signIn.clientId, { exact: true }).fill(simulator.clientId);
  await page.getByLabel(text.signIn.clientSecret, { exact: true }).fill(simulator.clientSecret);
  await button(page, text.signIn.submit).click();
  await expect(heading(page, text.findUser.heading)).toBeVisible();
}

/** As a person would who was told that the agent listens somewhere else. */
export async function useAgentPort(page: Page, port: number): Promise<void> {
  await button(page, text.frame.settings).click();
  const field = page.getByLabel(text.settings.agentPort, { exact: true });
  await field.fill(String(port));
  await field.press("Enter");
  await expect(page.getByText(text.settings.saved)).toBeAttached();
  await button(page, text.back).click();
}

export async function findUser(page: Page, query: string): Promise<void> {
  await page.getByLabel(text.findUser.query, { exact: true }).fill(query);
  await button(page, text.findUser.submit).click();
  await expect(button(page, text.user.pairDesktop)).toBeVisible();
}

/** What main has written down so far. */
export async function readLog({
  app,
}: Running): Promise<readonly { readonly level: string; readonly event: string }[]> {
  const folder = await app.evaluate((electron) => electron.app.getPath("logs"));
  const lines = await readFile(join(folder, "deskpair.log"), "utf8");
  return lines.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line)]));
}

/** Resolves when main has written this event down, which it does when it has refused something. */
export async function untilLogged(running: Running, event: string): Promise<void> {
  await expect.poll(async () => (await readLog(running)).map((line) => line.event)).toContain(event);
}

export { expect, text };
