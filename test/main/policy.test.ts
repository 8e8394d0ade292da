import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, onTestFinished, test } from "vitest";
import type { Outcome } from "../../src/contract/errors.ts";
import { defaultProfileSettings } from "../../src/contract/settings.ts";
import type { Snapshot } from "../../src/contract/views.ts";
import { createApp } from "../../src/core/app.ts";
import { refreshPolicy } from "../../src/core/policy/refresh.ts";
import { compose } from "../../src/main/compose.ts";
import { watchIdle } from "../../src/main/idle.ts";
import { watchPolicy } from "../../src/main/policy-watch.ts";
import { createLinuxPolicy } from "../../src/node/policy-linux.ts";
import { startSimulator } from "../../src/simulator/index.ts";
import { pretendPingOne } from "../core/pretend-pingone.ts";
import { done, tenant, withSecret } from "../core/window.ts";
import { soundComputer } from "../fakes/doctor-ports.ts";
import { Events } from "../fakes/electron-events.ts";
import { recordingLog } from "../fakes/log.ts";
import { manualClock } from "../fakes/manual-clock.ts";
import { managedComputer } from "../fakes/policy.ts";
import { fakePorts } from "../fakes/ports.ts";
import { runApp } from "./running-app.ts";

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const each of undo.splice(0).toReversed()) await each();
});

/** Real files of a machine policy, as an administrator writes them; and the reader of the product on them. */
function policyFolder() {
  const base = mkdtempSync(join(tmpdir(), "deskpair-window-policy-"));
  undo.push(() => rmSync(base, { recursive: true, force: true }));
  const folder = join(base, "deskpair");
  mkdirSync(folder, { mode: 0o755 });
  const put = (values: object | string): void => {
    const file = join(folder, "policies.json");
    writeFileSync(file, typeof values === "string" ? values : JSON.stringify(values));
    chmodSync(file, 0o644);
  };
  const source = createLinuxPolicy({ folder, ownerId: process.getuid?.() ?? 0 });
  return { source, put, remove: () => rmSync(join(folder, "policies.json")) };
}

describe("while the window runs", () => {
  /** The real core, signed in, with both watches on it, on a clock that only the test moves. */
  async function desk(first: object) {
    const policy = policyFolder();
    policy.put(first);
    const server = pretendPingOne();
    const time = manualClock();
    const { ports } = fakePorts({ pingOne: server.pingOne, agent: server.agent });
    const known = await refreshPolicy(policy.source, null);
    const app = createApp(
      { ...ports, clock: time },
      { doctor: soundComputer, version: "1", rehearsal: null, policy: { source: policy.source, known } },
    );
    await app.start();
    const power = new Events();
    const ends = [watchIdle(app, power, time), watchPolicy(app, power, time, ports.log)];
    onTestFinished(() => {
      for (const end of ends) end();
    });
    const settings = () => app.snapshot().settings;
    expect(await app.commands["profile.save"](tenant)).toEqual(done);
    expect(await app.commands["session.signIn"](withSecret)).toEqual(done);
    const ended = () => app.snapshot().phase.name === "signed-out";
    return { ...policy, app, time, power, ends, settings, ended };
  }

  test("a shorter idle time counts within a minute, and ends the session that is there", async () => {
    const { put, time, settings, ended } = await desk({ IdleMinutes: 10 });
    put({ IdleMinutes: 2 });
    time.advance(50_000);
    await expect.poll(() => settings().idleMinutes).toBe(2);
    time.advance(119_000);
    expect(ended()).toBe(false);
    time.advance(1_000);
    await expect.poll(ended).toBe(true);
  });

  test("a shorter one never lets a session last longer than the one before", async () => {
    const { put, time, app, settings, ended } = await desk({ IdleMinutes: 3 });
    time.advance(149_000);
    put({ IdleMinutes: 2 });
    await app.lookAtPolicy();
    expect(settings().idleMinutes).toBe(2);
    time.advance(31_000);
    await expect.poll(ended).toBe(true);
  });

  test("a longer one counts from the last touch", async () => {
    const { put, time, app, ended } = await desk({ IdleMinutes: 3 });
    time.advance(120_000);
    put({ IdleMinutes: 5 });
    await app.lookAtPolicy();
    expect(app.idleLeftMs()).toBe(180_000);
    time.advance(60_000);
    expect(ended()).toBe(false);
    time.advance(120_000);
    await expect.poll(ended).toBe(true);
  });

  test("a computer that wakes up looks at once; and a lock then ends what the policy wants ended", async () => {
    const { put, power, settings, ended } = await desk({});
    put({ SignOutOnLock: true });
    power.emit("resume");
    await expect.poll(() => settings().signOutOnLock).toBe(true);
    power.emit("lock-screen");
    await expect.poll(ended).toBe(true);
  });

  test("a file that breaks says still what it said; one that is gone says nothing", async () => {
    const { put, remove, app, settings } = await desk({ IdleMinutes: 4 });
    put("{ not JSON");
    await app.lookAtPolicy();
    expect(settings().idleMinutes).toBe(4);
    const explained = await app.commands["policy.explain"](null);
    expect(explained).toMatchObject({ ok: true, value: { sound: false, policies: [{ state: "unreadable" }, {}] } });
    remove();
    await app.lookAtPolicy();
    expect([settings().idleMinutes, app.snapshot().management.managed]).toEqual([10, false]);
  });

  test("a look that fails is written down, and the next one comes", async () => {
    const { log, lines } = recordingLog();
    const time = manualClock();
    const power = new Events();
    let looks = 0;
    const lookAtPolicy = async (): Promise<void> => {
      looks += 1;
      if (looks < 3) throw new RangeError("too deep");
    };
    onTestFinished(watchPolicy({ lookAtPolicy }, power, time, log));
    for (const expected of [1, 2, 3]) {
      await expect.poll(() => time.waiting()).toBe(1);
      time.advance(50_000);
      await expect.poll(() => looks).toBe(expected);
    }
    looks = 0;
    power.emit("resume");
    await expect.poll(() => lines.length).toBe(3);
    expect(lines[0]).toMatchObject({ level: "error", event: "policy.look-failed" });
  });

  test("looks no more often than every half minute, and not at all when it is over", async () => {
    const { put, time, power, ends, settings } = await desk({ IdleMinutes: 9 });
    put({ IdleMinutes: 8 });
    time.advance(30_000);
    await new Promise((resolve) => setImmediate(resolve));
    expect(settings().idleMinutes).toBe(9);
    for (const end of ends) end();
    time.advance(600_000);
    power.emit("resume");
    await new Promise((resolve) => setImmediate(resolve));
    expect([settings().idleMinutes, time.waiting()]).toEqual([9, 0]);
  });
});

describe("the demo", () => {
  test.each([
    ["a policy forbids it", { SimulatorAllowed: false, HelpText: "Call 555 0100." }, "Call 555 0100."],
    ["what a policy says about it is not understood", { SimulatorAllowed: "perhaps" }, "SimulatorAllowed"],
    ["the policy cannot be read", "it is not JSON", "SimulatorAllowed"],
  ] as const)("does not start when %s, and says why", async (_when, policy, words) => {
    const app = await runApp({ arguments: ["--demo"], policySource: managedComputer(policy).source });
    undo.push(app.remove);
    expect(app.electron.ended).toEqual({ how: "exit", code: 11 });
    expect([app.composed, app.electron.windows, app.electron.errorBoxes.length]).toEqual([[], [], 1]);
    expect(app.electron.errorBoxes[0]?.join("\n")).toContain(words);
  });

  test("has nothing to do with the rest of a policy", async () => {
    const policy = managedComputer({ EnvironmentId: "not understood", Profiles: {}, IdleMinutes: 1 });
    const app = await runApp({ arguments: ["--demo"], policySource: policy.source });
    undo.push(app.remove);
    expect([app.electron.ended, app.composed.map((given) => given.policy)]).toEqual([null, [null]]);
    expect(await app.send("app.snapshot", null)).toMatchObject({ value: { management: { managed: false } } });
  });
});

test("the real app under forced profiles: signs in there, and a page that has been taken over changes nothing", async () => {
  const simulator = await startSimulator({ port: 0, agentPort: 0, approvalMs: 0 });
  const { apiUrl, authUrl, environmentId, clientId, clientSecret, agentPort } = simulator;
  const policy = policyFolder();
  const Work = { mode: "worker", apiUrl, authUrl, environmentId, clientId, agentPort };
  policy.put({ Profiles: { Work }, IdleMinutes: 5, HelpUrl: "https://help.example.com/" });
  const app = await runApp({ compose, policySource: policy.source });
  undo.push(simulator.close, app.remove, async () => {
    app.electron.app.quit();
    await app.electron.whenEnded();
  });
  const command = (name: string, input: unknown = null) => app.send(name, input) as Promise<Outcome<unknown>>;
  const blocked = (setting: string) => ({ ok: false, error: { code: "blocked-by-policy", setting } });
  const settings = {
    ...defaultProfileSettings,
    mode: "worker",
    apiUrl: "https://evil.example",
    authUrl,
    environmentId,
  };
  expect(await command("profile.save", { name: "Evil", formerName: null, settings })).toEqual(blocked("Profiles"));
  expect(await command("profile.save", { name: "Work", formerName: "Work", settings })).toEqual(blocked("Profiles"));
  expect(await command("profile.remove", { name: "Work" })).toEqual(blocked("Profiles"));
  expect(await command("settings.change", { idleMinutes: 480 })).toEqual(blocked("IdleMinutes"));
  expect(await command("settings.change", { relyingPartyId: "evil.example" })).toEqual(blocked("Profiles"));
  expect(await command("session.signIn", { way: "secret", clientSecret, keep: false })).toEqual(done);
  const { value } = (await app.send("app.snapshot", null)) as { readonly value: Snapshot };
  expect(value.operator).toMatchObject({ profile: "Work", apiHost: new URL(apiUrl).host });
  expect(value.settings.idleMinutes).toBe(5);
  expect(await command("policy.explain")).toMatchObject({ ok: true, value: { sound: true } });
  expect(await command("link.open", { name: "help.organisation" })).toEqual(done);
  expect(app.electron.opened).toEqual(["https://help.example.com/"]);
});

test("another level of the log counts without a restart, another place only after one", async () => {
  const computer = managedComputer({ LogLevel: "warn", LogDirectory: "/var/log/deskpair" });
  const app = await runApp({ policySource: computer.source });
  undo.push(app.remove);
  computer.say({ LogLevel: "debug", LogDirectory: "/elsewhere" });
  await app.send("policy.explain", null);
  expect(app.logs[0]?.followed.map(({ level, directory }) => [level, directory])).toEqual([
    ["warn", "/var/log/deskpair"],
    ["debug", "/var/log/deskpair"],
  ]);
});

test("the menu opens what is in force on the page", async () => {
  const app = await runApp();
  undo.push(app.remove);
  const help = app.electron.applicationMenu.find(({ role }) => role === "help");
  const items = Array.isArray(help?.submenu) ? help.submenu : [];
  items.find(({ label }) => label === "What Is in Force")?.click?.({} as Electron.MenuItem, undefined, {});
  expect(app.window().webContents.received).toEqual([["app.show", { screen: "policy" }]]);
});
