import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { launchFixture, seen } from "./fixture-app.ts";

const executable = join(import.meta.dirname, "electron");
const fixture = join(import.meta.dirname, "fixture");

let folder: string;
test.beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "stand-in-test-"));
});
test.afterEach(() => rmSync(folder, { recursive: true, force: true }));

type Ended = { readonly code: number | null; readonly output: string; readonly errors: string };

/** Runs the stand-in without Playwright, to its end. */
function run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const started = spawn(executable, args, {
      env: { ...process.env, DESKPAIR_NODE: process.execPath, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    let errors = "";
    started.stdout.on("data", (part: Buffer) => {
      output += part.toString();
    });
    started.stderr.on("data", (part: Buffer) => {
      errors += part.toString();
    });
    started.on("close", (code) => resolve({ code, output, errors }));
  });
}

/** Processes that use this temporary folder, which the stand-in hands to Chromium for its profile. */
function processesIn(temporary: string): number {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((id) => {
      try {
        return readFileSync(`/proc/${id}/cmdline`, "utf8").includes(temporary);
      } catch {
        return false;
      }
    }).length;
}

const profilesIn = (temporary: string): string[] =>
  readdirSync(temporary).filter((name) => name.startsWith("electron-stand-in-"));

test("a second start hands over to the first and leaves", async () => {
  const app = await launchFixture({ userData: folder });
  const second = await run([fixture, `--user-data-dir=${folder}`, "--page=two"]);
  expect(second).toEqual({ code: 0, output: "event before-quit\nevent will-quit\nevent quit\n", errors: "" });
  await expect
    .poll(() => seen(app, "second-instance"))
    .toEqual([["second-instance", "--page=two", process.cwd(), { kind: "fixture" }]]);
  await app.close();
});

test("quitting goes through its events in Electron's order, and a prevented close keeps the app", async () => {
  const app = await launchFixture({ userData: folder });
  let output = "";
  app.process().stdout?.on("data", (part: Buffer) => {
    output += part.toString();
  });
  const kept = await app.evaluate(({ app: electronApp, BrowserWindow }) => {
    const window = BrowserWindow.getAllWindows()[0];
    window?.once("close", (event) => event.preventDefault());
    electronApp.quit();
    return BrowserWindow.getAllWindows().length;
  });
  expect(kept).toBe(1);
  await app.close();
  expect(output.split("\n").filter(Boolean)).toEqual([
    "event before-quit",
    "event before-quit",
    "event will-quit",
    "event quit",
  ]);
});

test("closing the last window ends the app", async () => {
  const app = await launchFixture({ userData: folder });
  const electron = app.process();
  const page = await app.firstWindow();
  const closed = app.waitForEvent("close");
  await page.close();
  await closed;
  expect(electron.exitCode).toBe(0);
});

for (const signal of ["SIGTERM", "SIGKILL"] as const) {
  test(`after ${signal} neither Chromium nor its profile is left`, async () => {
    const app = await launchFixture({ userData: join(folder, "data"), env: { TMPDIR: folder } });
    await app.firstWindow();
    expect(profilesIn(folder)).toHaveLength(1);
    expect(processesIn(join(folder, "electron-stand-in-"))).toBeGreaterThan(0);
    const closed = app.waitForEvent("close");
    app.process().kill(signal);
    await closed;
    await expect.poll(() => profilesIn(folder)).toEqual([]);
    await expect.poll(() => processesIn(join(folder, "electron-stand-in-"))).toBe(0);
  });
}

test("the lock of a killed process can be taken again", async () => {
  // What it leaves behind, of a process that cannot be there any more.
  writeFileSync(join(folder, "SingletonLock"), "4194305");
  writeFileSync(join(folder, "SingletonSocket"), "");
  const app = await launchFixture({ userData: folder });
  expect(await app.evaluate(({ app: electronApp }) => electronApp.hasSingleInstanceLock())).toBe(true);
  await app.close();
  expect(readdirSync(folder).filter((name) => name.startsWith("Singleton"))).toEqual([]);
});

test("an app that throws while it runs ends with its error and leaves nothing", async () => {
  const app = await launchFixture({ userData: join(folder, "data"), env: { TMPDIR: folder } });
  const electron = app.process();
  const closed = app.waitForEvent("close");
  await app.evaluate(() => {
    setImmediate(() => {
      throw new Error("a bug of the app");
    });
  });
  await closed;
  expect(electron.exitCode).toBe(1);
  await expect.poll(() => profilesIn(folder)).toEqual([]);
});

test("a Chromium that ends by itself ends the app, as one program would", async () => {
  const app = await launchFixture({ userData: join(folder, "data"), env: { TMPDIR: folder } });
  const electron = app.process();
  await app.firstWindow();
  const closed = app.waitForEvent("close");
  await app
    .evaluate(async ({ BrowserWindow }) => {
      const own = BrowserWindow.getAllWindows()[0]?.webContents.debugger;
      own?.attach("1.3");
      await own?.sendCommand("Browser.crash");
    })
    .catch(() => undefined);
  await closed;
  expect(electron.exitCode).toBe(1);
  await expect.poll(() => profilesIn(folder)).toEqual([]);
});

test("what is missing is named: Chromium, the app, its bundle, a new enough Node", async () => {
  expect(await run([fixture, `--user-data-dir=${folder}`], { DESKPAIR_CHROMIUM: "/nowhere/chromium" })).toMatchObject({
    code: 1,
    errors: expect.stringContaining("DESKPAIR_CHROMIUM names /nowhere/chromium, which does not exist"),
  });
  expect(await run([join(folder, "nothing")])).toMatchObject({
    code: 1,
    errors: expect.stringContaining(`unable to find an app at ${folder}/nothing`),
  });
  expect(await run([folder])).toMatchObject({
    code: 1,
    errors: expect.stringContaining("index.js is missing. Is the app built?"),
  });
  // Only what the start script itself needs, and no Node.
  for (const tool of ["dirname", "readlink"]) symlinkSync(`/usr/bin/${tool}`, join(folder, tool));
  expect(await run([fixture], { DESKPAIR_NODE: "", PATH: folder })).toEqual({
    code: 1,
    output: "",
    errors: "electron stand-in: no Node 22.18 or newer was found on PATH. Set DESKPAIR_NODE to the path of one.\n",
  });
});
