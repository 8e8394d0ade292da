import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ProfileSave } from "../../../src/contract/ipc.ts";
import { defaultProfileSettings } from "../../../src/contract/settings.ts";
import { type Snapshot, snapshotSchema } from "../../../src/contract/views.ts";
import { createApp } from "../../../src/core/app.ts";
import { journalFile } from "../../../src/core/pairing/journal.ts";
import type { JournalLine } from "../../../src/core/pairing/record.ts";
import { settingsFile } from "../../../src/core/settings.ts";
import { createHttp as createNodeHttp } from "../../../src/node/http-node.ts";
import { createHttp as createUndiciHttp } from "../../../src/node/http-undici.ts";
import { type Simulator, startSimulator } from "../../../src/simulator/index.ts";
import { soundComputer } from "../../fakes/doctor-ports.ts";
import { pairOnce, requests, workplace } from "./workplace.ts";

let simulator: Simulator;
const starting = async (options: Partial<Parameters<typeof startSimulator>[0]> = {}): Promise<void> => {
  await simulator.close();
  simulator = await startSimulator({ port: 0, agentPort: 0, ...options });
};
beforeEach(async () => {
  simulator = await startSimulator({ port: 0, agentPort: 0 });
});
afterEach(() => simulator.close());

const devicesOf = (username: string) =>
  simulator.world.devicesOf([...simulator.world.users.values()].find((user) => user.username === username)?.id ?? "");

describe.each([
  ["node:http", createNodeHttp],
  ["undici", createUndiciHttp],
] as const)("through %s", (_name, http) => {
  test("a workstation is paired from the name of the user to the ACTIVE device", async () => {
    const at = workplace(simulator, { http });
    const end = await pairOnce(at, "ada@example.com", { nickname: "Büro 1" });
    if (end.stage !== "pairing" || !end.result.ok) throw new Error(JSON.stringify(end));
    const { result } = end;
    expect(result.device).toMatchObject({
      type: "PINGID_DESKTOP_GEN2",
      status: "ACTIVE",
      nickname: "Büro 1",
      relyingPartyId: "pingone.eu",
      locked: false,
      blocked: false,
    });
    expect(devicesOf("ada@example.com")).toMatchObject([{ id: result.device.id, nickname: "Büro 1" }]);

    // Each step that went to PingOne can be found there by its correlation id.
    const known = new Set(simulator.world.log.map((entry) => entry.correlationId));
    for (const step of result.steps) {
      if (step.correlationId !== null) expect(known).toContain(step.correlationId);
    }
    expect(result.steps.filter((step) => step.correlationId !== null)).toHaveLength(3);

    // The agent was reached as it wants to be: by this name, once, and it saw one request.
    const agent = simulator.world.log.filter((entry) => entry.server === "agent");
    expect(agent).toMatchObject([{ method: "POST", path: "/register", host: `localhost:${simulator.agentPort}` }]);

    const journal = (at.files.contents.get(journalFile) ?? "").trimEnd().split("\n");
    expect(
      journal.map((line): JournalLine => JSON.parse(line)).map(({ moment, state }) => [moment, state.name]),
    ).toEqual([
      ["before", "creating"],
      ["before", "proving"],
      ["before", "activating"],
      ["before", "naming"],
      ["after", "paired"],
    ]);
  });
});

describe("the users that a technician meets", () => {
  test.each([
    ["grace@example.com", "pairing", ["mfa-disabled"]],
    ["hedy@example.com", "pairing", ["existing-desktop-devices"]],
    ["margaret@example.com", "pairing", []],
    ["reception.morning", "pairing", []],
  ] as const)("%s is paired", async (username, stage, warnings) => {
    const end = await pairOnce(workplace(simulator), username);
    expect(end).toMatchObject({ stage, result: { ok: true } });
    if (end.stage === "pairing") expect(end.result.warnings.map(({ code }) => code)).toEqual(warnings);
  });

  test.each([
    [
      "alan@example.com",
      { stage: "pairing", result: { ok: false, error: { code: "user-disabled" }, left: "nothing" } },
      0,
    ],
    [
      "katherine@example.com",
      { stage: "pairing", result: { ok: false, error: { code: "device-limit-reached" }, left: "nothing" } },
      0,
    ],
    ["reception@example.com", { stage: "before", error: { code: "user-ambiguous", count: 2 } }, 0],
    ["nobody@example.com", { stage: "before", error: { code: "user-not-found" } }, 0],
  ])("%s is not", async (username, expected, creates) => {
    expect(await pairOnce(workplace(simulator), username)).toMatchObject(expected);
    expect(requests(simulator, "create-device")).toBe(creates);
    expect(simulator.world.pendingDevices()).toEqual([]);
  });
});

describe("the relying party", () => {
  test("of the customer's own policy is taken as it is", async () => {
    await starting({ relyingPartyId: "login.example.co.uk" });
    const end = await pairOnce(workplace(simulator), "ada@example.com");
    expect(end).toMatchObject({ result: { ok: true, device: { relyingPartyId: "login.example.co.uk" } } });
  });

  test("may be another one than the policy's", async () => {
    const end = await pairOnce(workplace(simulator), "ada@example.com", { relyingPartyId: "example.com" });
    expect(end).toMatchObject({ result: { ok: true, device: { relyingPartyId: "example.com" } } });
  });
});

test("no agent: nothing is created", async () => {
  await simulator.stopAgent();
  expect(await pairOnce(workplace(simulator), "ada@example.com")).toMatchObject({
    result: { ok: false, error: { code: "agent-missing", port: simulator.agentPort }, left: "nothing" },
  });
  expect(requests(simulator, "create-device")).toBe(0);
});

test("an agent that goes away meanwhile: what was created is removed", async () => {
  const at = workplace(simulator, {
    around: (send) => async (request) => {
      const result = await send(request);
      if (request.method === "POST" && request.url.endsWith("/devices")) await simulator.stopAgent();
      return result;
    },
  });
  expect(await pairOnce(at, "ada@example.com")).toMatchObject({
    result: { ok: false, error: { code: "agent-missing" }, left: "nothing" },
  });
  expect(requests(simulator, "create-device")).toBe(1);
  expect(simulator.world.pendingDevices()).toEqual([]);
});

test("a wrong secret", async () => {
  const wrong = { ...simulator, clientSecret: "another-secret" };
  const at = workplace(wrong);
  expect(await pairOnce(at, "ada@example.com")).toMatchObject({
    stage: "before",
    error: { code: "sign-in-refused", reason: "invalid_client" },
  });
  expect(JSON.stringify(at.logged)).not.toContain("another-secret");
});

test("PingOne is not there", async () => {
  const at = workplace(simulator);
  await simulator.close();
  expect(await pairOnce(at, "ada@example.com")).toMatchObject({
    stage: "before",
    error: { code: "network-failed", reason: "refused" },
  });
});

test("a dry run writes nothing anywhere", async () => {
  const { session, files } = workplace(simulator);
  const user = await session.resolveUser("ada@example.com");
  if (!user.ok) throw new Error(JSON.stringify(user));
  const choice = { kind: "desktop", policyId: null, relyingPartyId: null, nickname: null, force: false } as const;
  expect(await session.planPairing(user.value, choice)).toMatchObject({ ok: true });
  expect(simulator.world.log.filter((entry) => entry.wrote)).toEqual([]);
  expect(simulator.world.log.filter((entry) => entry.server === "agent")).toEqual([]);
  expect(files.contents.size).toBe(0);
});

test.each(["check-prerequisites", "create-device", "register-with-agent", "activate-device", "name-device"] as const)(
  "cancelled as soon as %s begins: nothing is left",
  async (name) => {
    const end = await pairOnce(workplace(simulator), "ada@example.com", {}, ({ steps }, cancel) => {
      if (steps.some((step) => step.name === name)) cancel();
    });
    expect(end).toMatchObject({ result: { ok: false, error: { code: "cancelled" }, left: "nothing" } });
    expect(devicesOf("ada@example.com")).toEqual([]);
  },
);

describe("the window's application", () => {
  const profile = (): ProfileSave => ({
    name: "Simulator",
    formerName: null,
    settings: {
      ...defaultProfileSettings,
      mode: "worker",
      apiUrl: simulator.apiUrl,
      authUrl: simulator.authUrl,
      environmentId: simulator.environmentId,
      clientId: simulator.clientId,
      agentPort: simulator.agentPort,
    },
  });
  const start = { kind: "desktop", policyId: null, nickname: null, despiteExisting: false } as const;

  /** Signed in, with Ada on the screen and the simulator's agent behind the settings. */
  async function opened() {
    const { ports, files } = workplace(simulator);
    const app = createApp(ports, { doctor: soundComputer, version: "1.2.3", rehearsal: null });
    const seen: Snapshot[] = [];
    app.subscribe((snapshot) => seen.push(structuredClone(snapshot)));
    const done = { ok: true, value: null };
    expect(await app.commands["profile.save"](profile())).toEqual(done);
    const { clientSecret } = simulator;
    expect(await app.commands["session.signIn"]({ way: "secret", clientSecret, keep: false })).toEqual(done);
    expect(await app.commands["session.begin"](null)).toEqual(done);
    expect(await app.commands["user.find"]({ query: "ada@example.com" })).toEqual({ ok: true, value: null });
    const reaches = (step: string): Promise<Snapshot> =>
      new Promise((resolve) => {
        app.subscribe((snapshot) => {
          const { phase } = snapshot;
          const names = phase.name === "pairing" ? phase.steps.map(({ name }) => name) : [phase.name];
          if (names.some((name) => name === step)) resolve(snapshot);
        });
      });
    const looksClean = (): void => {
      expect(seen.length).toBeGreaterThan(5);
      for (const snapshot of seen) expect(snapshotSchema.safeParse(snapshot).error?.issues).toBeUndefined();
      const text = JSON.stringify([seen, [...files.contents.values()]]);
      expect(text).not.toContain(simulator.clientSecret);
      expect(text).not.toMatch(/eyJ[A-Za-z0-9_-]{5,}\./);
    };
    return { app, files, reaches, looksClean };
  }

  test("pairs, shows the device, and remembers where it was", async () => {
    const { app, files, reaches, looksClean } = await opened();
    const ended = reaches("paired");
    expect(await app.commands["pairing.start"](start)).toEqual({ ok: true, value: null });
    expect((await ended).phase).toMatchObject({ name: "paired", device: { status: "ACTIVE", nickname: "DESK-7" } });
    expect(await app.commands["pairing.close"](null)).toEqual({ ok: true, value: null });
    expect(app.snapshot().phase).toMatchObject({ name: "user", devices: [{ status: "ACTIVE", nickname: "DESK-7" }] });
    const again = reaches("paired");
    const before = simulator.world.log.filter(({ wrote }) => wrote).length;
    expect(await app.commands["pairing.start"](start)).toEqual({ ok: true, value: null });
    expect((await again).phase).toMatchObject({ name: "paired", changed: false });
    expect(simulator.world.log.filter(({ wrote }) => wrote)).toHaveLength(before);
    expect(JSON.parse(files.contents.get(settingsFile) ?? "")).toMatchObject({ version: 2, profile: "Simulator" });
    looksClean();
  });

  test("is stopped while the person is asked: the device is removed before it is over", async () => {
    await starting({ approvalMs: 60_000 });
    const { app, reaches, looksClean } = await opened();
    const asked = reaches("register-with-agent");
    await app.commands["pairing.start"](start);
    await asked;
    expect(simulator.world.pendingDevices()).toHaveLength(1);
    await app.stop();
    expect(simulator.world.pendingDevices()).toEqual([]);
    looksClean();
  });
});
