import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import type { Outcome } from "../../src/contract/errors.ts";
import type { PairingStart } from "../../src/contract/ipc.ts";
import { defaultProfileSettings } from "../../src/contract/settings.ts";
import type { Phase, Snapshot } from "../../src/contract/views.ts";
import { compose } from "../../src/main/compose.ts";
import { startSimulator } from "../../src/simulator/index.ts";
import { runApp } from "./running-app.ts";

/** The real composition: real core, real sockets, real files, and the simulator of the product. */

/** Everything that lies in a folder and below, as one text. */
async function allFiles(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return (await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name), "latin1")))).join("\n");
}

const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const each of undo.splice(0).toReversed()) await each();
});

async function run(...args: readonly string[]) {
  const app = await runApp({ arguments: args, compose });
  undo.push(app.remove, async () => {
    app.electron.app.quit();
    await app.electron.whenEnded();
  });
  return {
    ...app,
    snapshot: async () => ((await app.send("app.snapshot", null)) as { readonly value: Snapshot }).value,
    command: (name: string, input: unknown = null) => app.send(name, input) as Promise<Outcome<unknown>>,
  };
}

const done = { ok: true, value: null };
const pairing: PairingStart = { kind: "desktop", policyId: null, nickname: null, despiteExisting: false };
const phaseIs =
  (...names: readonly Phase["name"][]) =>
  ({ phase }: Snapshot): boolean =>
    names.includes(phase.name);

describe("the demo", () => {
  test("opens on the first user, signed in, and says that it is a simulation", async () => {
    const { snapshot, folder } = await run("--demo");
    const { simulator, operator, phase } = await snapshot();
    expect(phase).toMatchObject({ name: "user", user: { username: "ada@example.com", enabled: true }, devices: [] });
    expect(operator?.apiHost).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(simulator?.active).toBeNull();
    expect(simulator?.users.map(({ username }) => username)).toContain("ada@example.com");
    expect(simulator?.faults.length).toBeGreaterThan(10);
    // Nothing of it is in the real profile.
    expect(existsSync(join(folder, "data"))).toBe(false);
    const configuration = await readFile(join(folder, "user-data/demo/data/configuration/config.json"), "utf8");
    expect(JSON.parse(configuration)).toMatchObject({
      profiles: { Simulator: { apiUrl: expect.stringContaining("127.0.0.1") } },
    });
    expect(existsSync(join(folder, "configuration"))).toBe(false);
  });

  test("pairs to an ACTIVE device with one command", async () => {
    const { command, until } = await run("--demo");
    const paired = until(phaseIs("paired", "failed"));
    expect(await command("pairing.start", pairing)).toEqual(done);
    expect((await paired).phase).toMatchObject({
      name: "paired",
      device: { type: "PINGID_DESKTOP_GEN2", status: "ACTIVE" },
    });
  });

  test("rehearses a fault, names it, and is healthy again when it is switched off", async () => {
    const { command, snapshot, until } = await run("--demo");
    const fault = "activate-refused";
    expect(await command("simulator.rehearse", { fault })).toEqual(done);
    expect((await snapshot()).simulator?.active).toBe(fault);
    const failed = until(phaseIs("paired", "failed"));
    await command("pairing.start", pairing);
    expect((await failed).phase).toMatchObject({ name: "failed", left: "nothing" });
    expect(await command("simulator.rehearse", { fault: null })).toEqual(done);
    expect((await snapshot()).simulator?.active).toBeNull();
  });

  test("knows no other faults than its own", async () => {
    const { command, snapshot } = await run("--demo");
    expect(await command("simulator.rehearse", { fault: "toString" })).toMatchObject({
      ok: false,
      error: { code: "usage-invalid" },
    });
    expect((await snapshot()).simulator?.active).toBeNull();
  });

  test("25, 32: its client secret is in no snapshot, no file and no line of the log", async () => {
    const { electron, lines, folder } = await run("--demo");
    const simulator = await startSimulator({ port: 0, agentPort: 0 });
    undo.push(simulator.close);
    const settings = await allFiles(join(folder, "user-data"));
    expect(JSON.stringify([electron.windows[0]?.webContents.received, lines, settings])).not.toContain(
      simulator.clientSecret,
    );
  });

  test("starts every time as it did the first time", async () => {
    const first = await runApp({ compose, arguments: ["--demo"] });
    undo.push(first.remove);
    first.electron.app.quit();
    await first.electron.whenEnded();
    // What an earlier demo, or a broken one, has left.
    const data = join(first.folder, "user-data/demo/data");
    await mkdir(data, { recursive: true });
    await writeFile(join(data, "settings.json"), JSON.stringify({ version: 1, settings: { theme: "dark" } }));
    await writeFile(join(data, "left-over.json"), "{}");
    const second = await runApp({ compose, arguments: ["--demo"], folder: first.folder });
    undo.push(async () => {
      second.electron.app.quit();
      await second.electron.whenEnded();
    });
    expect(second.electron.nativeTheme.themeSource).toBe("system");
    expect(existsSync(join(data, "left-over.json"))).toBe(false);
  });

  test("takes its servers with it when it is closed", async () => {
    const { electron, snapshot } = await run("--demo");
    const api = `http://${(await snapshot()).operator?.apiHost}/`;
    await expect(fetch(api)).resolves.toBeDefined();
    electron.app.quit();
    await electron.whenEnded();
    await expect
      .poll(() =>
        fetch(api).then(
          () => "answers",
          () => "gone",
        ),
      )
      .toBe("gone");
  });
});

describe("the real app", () => {
  async function signedIn(approvalMs: number) {
    const simulator = await startSimulator({ port: 0, agentPort: 0, approvalMs });
    undo.push(simulator.close);
    const app = await run();
    const { apiUrl, authUrl, environmentId, clientId, clientSecret, agentPort } = simulator;
    const connection = { mode: "worker", apiUrl, authUrl, environmentId, clientId, agentPort };
    const settings = { ...defaultProfileSettings, ...connection };
    expect(await app.command("profile.save", { name: "Simulator", formerName: null, settings })).toEqual(done);
    expect(await app.command("session.signIn", { way: "secret", clientSecret, keep: true })).toEqual(done);
    expect(await app.command("session.begin")).toEqual(done);
    expect(await app.command("user.find", { query: "ada@example.com" })).toEqual(done);
    const { phase } = await app.snapshot();
    if (phase.name !== "user") throw new Error(`The user is not open: ${phase.name}.`);
    return { ...app, simulator, userId: phase.user.id };
  }

  test("is no simulation, and starts signed out", async () => {
    const { snapshot } = await run();
    expect(await snapshot()).toMatchObject({ simulator: null, operator: null, phase: { name: "signed-out" } });
  });

  test("25, 32: a secret that was typed is in no snapshot, no file and no line of the log", async () => {
    const { electron, lines, folder, simulator, snapshot } = await signedIn(0);
    const settings = await allFiles(folder);
    const seen = JSON.stringify([electron.windows[0]?.webContents.received, await snapshot(), lines, settings]);
    expect(seen).toContain(simulator.clientId);
    expect(seen).not.toContain(simulator.clientSecret);
  });

  test("quit in the middle of a pairing removes the device before it ends", async () => {
    const { command, until, electron, simulator, userId } = await signedIn(600_000);
    const waiting = until(
      ({ phase }) =>
        phase.name === "pairing" &&
        phase.steps.some(({ name, outcome }) => name === "register-with-agent" && outcome === "running"),
    );
    await command("pairing.start", pairing);
    await waiting;
    expect(simulator.world.devicesOf(userId)).toHaveLength(1);
    electron.app.quit();
    expect(electron.ended).toBeNull();
    await electron.whenEnded();
    expect(electron.ended).toEqual({ how: "quit", code: 0 });
    expect(simulator.world.devicesOf(userId)).toEqual([]);
  });

  test("closing the window in the middle of a pairing does the same", async () => {
    const { command, until, electron, window, simulator, userId } = await signedIn(600_000);
    const waiting = until(({ phase }) => phase.name === "pairing" && phase.steps.length > 1);
    await command("pairing.start", pairing);
    await waiting;
    expect(window().close()).toBe(false);
    await electron.whenEnded();
    expect([electron.ended?.how, simulator.world.devicesOf(userId)]).toEqual(["quit", []]);
  });
});
