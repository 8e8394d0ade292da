import { describe, expect, test } from "vitest";
import type { ProfileSave } from "../../src/contract/ipc.ts";
import { defaultProfileSettings, type SettingsChange } from "../../src/contract/settings.ts";
import { createApp } from "../../src/core/app.ts";
import { valueOf } from "../../src/core/policy/precedence.ts";
import { configurationFile } from "../../src/core/profiles/file.ts";
import { settingsFile } from "../../src/core/settings.ts";
import { clock } from "../../src/node/host.ts";
import { soundComputer } from "../fakes/doctor-ports.ts";
import { type FakeFiles, memoryFiles } from "../fakes/files.ts";
import { managedComputer } from "../fakes/policy.ts";
import { fakePorts } from "../fakes/ports.ts";
import { environmentId, policyId, userId } from "./pretend-pingone.ts";
import {
  clientId,
  done,
  openUser,
  openWindow,
  paired,
  profileName,
  start,
  tenant,
  type Window,
  withSecret,
} from "./window.ts";

const blocked = (setting: string) => ({ ok: false, error: { code: "blocked-by-policy", setting } });
const tenantOfPolicy = { EnvironmentId: environmentId, ClientId: clientId, Region: "EU", SignInMode: "worker" };
const lab = { mode: "worker", region: "NA", apiUrl: "https://elsewhere.example", environmentId: "e", color: "teal" };

const configurationWith = (profiles: object, profile?: string): FakeFiles =>
  memoryFiles({ [configurationFile]: JSON.stringify({ version: 1, profile, profiles }) });
const written = ({ configuration }: Pick<Window, "configuration">): unknown =>
  JSON.parse(configuration.contents.get(configurationFile) ?? "null");

/** A window on a computer with this policy, as it is after its start. */
async function managed(
  policy: object | string | null,
  given: Omit<NonNullable<Parameters<typeof openWindow>[0]>, "policy"> = {},
) {
  const computer = managedComputer(policy);
  const window = openWindow({ ...given, policy: computer.atStart });
  await window.app.start();
  const change = async (values: object | string | null): Promise<void> => {
    computer.say(values);
    await window.app.lookAtPolicy();
  };
  return { ...window, computer, change, management: () => window.app.snapshot().management };
}

describe("which profiles there are", () => {
  test("a policy that names the environment is a profile, if nobody has made one", async () => {
    const window = await managed(tenantOfPolicy);
    const { app } = window;
    expect(app.snapshot().profiles).toMatchObject({
      current: "Managed",
      list: [{ name: "Managed", mode: "worker", environmentId, host: "api.pingone.eu", managed: true }],
    });
    expect(await app.commands["session.signIn"](withSecret)).toEqual(done);
    expect(app.snapshot().operator).toMatchObject({ profile: "Managed", apiHost: "api.pingone.eu" });
    expect(written(window)).toBe(null);
  });

  test("what somebody changes in it is written, and nothing of the policy with it", async () => {
    const window = await managed(tenantOfPolicy);
    expect(await window.app.commands["settings.change"]({ agentPort: 9_500 })).toEqual(done);
    expect(written(window)).toEqual({ version: 1, profiles: { Managed: { agentPort: 9_500 } } });
    expect(window.app.snapshot()).toMatchObject({
      profiles: { current: "Managed", list: [{ name: "Managed", managed: false }] },
      settings: { agentPort: 9_500, environmentId, region: "EU" },
    });
  });

  test("forced profiles take the place of all others; one of them can be chosen, and none changed", async () => {
    const Profiles = { Work: { mode: "worker", region: "EU", environmentId, clientId }, Test: { region: "CA" } };
    const configuration = configurationWith({ Lab: lab }, "Lab");
    const before = new Map(configuration.contents);
    const window = await managed({ Profiles }, { configuration });
    const { app } = window;
    expect(app.snapshot().profiles.list.map(({ name, managed }) => [name, managed])).toEqual([
      ["Work", true],
      ["Test", true],
    ]);
    expect(window.management()).toMatchObject({ managed: true, profiles: "forced", profileFixed: false });
    expect(await app.commands["profile.choose"]({ name: "Test" })).toEqual(done);
    expect(app.snapshot().profiles.current).toBe("Test");
    expect(await app.commands["profile.choose"]({ name: "Lab" })).toMatchObject({ error: { code: "profile-unknown" } });
    const save: ProfileSave = { name: "Mine", formerName: null, settings: defaultProfileSettings };
    expect(await app.commands["profile.save"](save)).toEqual(blocked("Profiles"));
    expect(await app.commands["profile.save"]({ ...save, name: "Work", formerName: "Work" })).toEqual(
      blocked("Profiles"),
    );
    expect(await app.commands["profile.remove"]({ name: "Lab" })).toEqual(blocked("Profiles"));
    expect(await app.commands["settings.change"]({ agentPort: 9_500 })).toEqual(blocked("Profiles"));
    expect(configuration.contents).toEqual(before);
  });

  test("the profile that a person chose counts again when the policy is gone", async () => {
    const configuration = configurationWith({ Lab: lab, Home: lab }, "Lab");
    const files = memoryFiles();
    const first = await managed(null, { configuration, files });
    await first.app.commands["profile.choose"]({ name: "Home" });
    const bound = await managed({ Profiles: { Work: { region: "EU" } } }, { configuration, files });
    expect(bound.app.snapshot().profiles.current).toBe("Work");
    expect(await bound.app.commands["settings.change"]({ theme: "dark" })).toEqual(done);
    const free = await managed(null, { configuration, files });
    expect(free.app.snapshot()).toMatchObject({ profiles: { current: "Home" }, settings: { theme: "dark" } });
  });

  test("the profile that a policy has in use is in use, and is neither left, renamed nor removed", async () => {
    const configuration = configurationWith({ Lab: lab, Home: lab }, "Lab");
    const window = await managed({ Profile: "Home" }, { configuration });
    const { commands } = window.app;
    expect(window.app.snapshot().profiles).toMatchObject({ current: "Home", problem: null });
    expect(window.management().profileFixed).toBe(true);
    const settings = { ...defaultProfileSettings, environmentId, clientId };
    expect(await commands["profile.choose"]({ name: "Lab" })).toEqual(blocked("Profile"));
    expect(await commands["profile.remove"]({ name: "Home" })).toEqual(blocked("Profile"));
    expect(await commands["profile.save"]({ name: "House", formerName: "Home", settings })).toEqual(blocked("Profile"));
    expect(await commands["profile.save"]({ name: "Other", formerName: null, settings })).toEqual(done);
    expect(window.app.snapshot().profiles.current).toBe("Home");
    expect(await commands["profile.remove"]({ name: "Lab" })).toEqual(done);
  });

  test("a profile in use that does not exist is said, and no other takes its place", async () => {
    const window = await managed({ Profile: "Production" }, { configuration: configurationWith({ Lab: lab }) });
    expect(window.app.snapshot().profiles).toMatchObject({ current: null, problem: { profile: "Production" } });
    const signedIn = await window.app.commands["session.signIn"](withSecret);
    expect(signedIn).toMatchObject({ ok: false, error: { code: "configuration-missing" } });
    const made: ProfileSave = { ...tenant, name: "Production" };
    expect(await window.app.commands["profile.save"](made)).toEqual(done);
    expect(window.app.snapshot().profiles).toMatchObject({ current: "Production", problem: null });
  });

  test("one that a policy has made cannot be removed", async () => {
    const { app } = await managed(tenantOfPolicy);
    expect(await app.commands["profile.remove"]({ name: "Managed" })).toEqual(blocked("EnvironmentId"));
  });
});

describe("settings that a policy fixes", () => {
  test("are in force, are named, and are not changed by anything that a page can send", async () => {
    const configuration = configurationWith({ Lab: lab });
    const files = memoryFiles();
    const policy = {
      AgentPort: 9_600,
      MfaPolicyId: policyId,
      RelyingPartyId: "login.example.com",
      EnrolmentPageUrl: "https://keys.example.com/",
      IdleMinutes: 5,
      SignOutOnLock: true,
    };
    const window = await managed(policy, { configuration, files });
    const { app } = window;
    const before = [new Map(configuration.contents), new Map(files.contents)];
    const { settings } = app.snapshot();
    expect(settings).toMatchObject({ agentPort: 9_600, policyId, relyingPartyId: "login.example.com", idleMinutes: 5 });
    expect(window.management().locked.toSorted()).toEqual(
      ["agentPort", "enrolmentPageUrl", "idleMinutes", "policyId", "relyingPartyId", "signOutOnLock"].toSorted(),
    );
    const refused: readonly (readonly [SettingsChange, string])[] = [
      [{ agentPort: 9_500 }, "AgentPort"],
      [{ policyId: null }, "MfaPolicyId"],
      [{ relyingPartyId: "evil.example" }, "RelyingPartyId"],
      [{ enrolmentPageUrl: "https://evil.example/" }, "EnrolmentPageUrl"],
      [{ idleMinutes: 480 }, "IdleMinutes"],
      [{ signOutOnLock: false }, "SignOutOnLock"],
      // Even together with what is free: nothing of it is done.
      [{ theme: "dark", idleMinutes: 480 }, "IdleMinutes"],
    ];
    for (const [change, setting] of refused) {
      expect(await app.commands["settings.change"](change)).toEqual(blocked(setting));
    }
    expect([new Map(configuration.contents), new Map(files.contents)]).toEqual(before);
    expect(app.snapshot().settings).toEqual(settings);
    expect(await app.commands["settings.change"]({ theme: "dark" })).toEqual(done);
    expect(JSON.parse(files.contents.get(settingsFile) ?? "")).toMatchObject({
      windowSettings: { theme: "dark", idleMinutes: 10, signOutOnLock: false },
    });
  });

  test("of the connection come back from the page as they were, or nothing is saved", async () => {
    const configuration = configurationWith({ Lab: lab });
    const { app } = await managed({ Region: "EU", EnvironmentId: environmentId }, { configuration });
    const before = new Map(configuration.contents);
    // A policy's region takes the profile's own host away.
    expect(app.snapshot().settings).toMatchObject({ region: "EU", apiUrl: null, environmentId });
    const { theme: _1, language: _2, idleMinutes: _3, signOutOnLock: _4, ...settings } = app.snapshot().settings;
    const save = (changed: object) =>
      app.commands["profile.save"]({ name: "Lab", formerName: "Lab", settings: { ...settings, ...changed } });
    expect(await save({ apiUrl: "https://evil.example" })).toEqual(blocked("ApiUrl"));
    expect(await save({ authDomain: "evil.example" })).toEqual(blocked("AuthDomain"));
    expect(await save({ region: "NA" })).toEqual(blocked("Region"));
    expect(await save({ environmentId: userId })).toEqual(blocked("EnvironmentId"));
    expect(configuration.contents).toEqual(before);
    expect(await save({ clientId, color: "red" })).toEqual(done);
    // The person's own, which counts again one day, and nothing of the policy.
    expect(JSON.parse(configuration.contents.get(configurationFile) ?? "").profiles.Lab).toEqual({
      mode: "worker",
      region: "NA",
      apiUrl: "https://elsewhere.example",
      environmentId: "e",
      clientId,
      color: "red",
    });
  });

  test("do not take the place of a secret away, when something else is saved", async () => {
    const configuration = configurationWith({ Lab: { ...lab, clientId, clientSecretFile: "secret.txt" } });
    const { app } = await managed({ Region: "EU" }, { configuration });
    const { theme: _1, language: _2, idleMinutes: _3, signOutOnLock: _4, ...settings } = app.snapshot().settings;
    const saved = { ...settings, environmentId: userId };
    expect(await app.commands["settings.change"]({ agentPort: 9_500 })).toEqual(done);
    const lab1 = () => JSON.parse(configuration.contents.get(configurationFile) ?? "").profiles.Lab;
    expect(lab1()).toMatchObject({ agentPort: 9_500, clientSecretFile: "secret.txt" });
    // The environment is not fixed, and with another one the secret stays behind.
    expect(await app.commands["profile.save"]({ name: "Lab", formerName: "Lab", settings: saved })).toEqual(done);
    expect(lab1().clientSecretFile).toBeUndefined();
  });

  test("a person's mistake where a policy decides is in nobody's way", async () => {
    const configuration = configurationWith({ Lab: { ...lab, region: "nowhere" } });
    const { app } = await managed({ Region: "EU" }, { configuration });
    expect(app.snapshot().profiles).toMatchObject({ current: "Lab", problem: null });
    expect(await app.commands["settings.change"]({ agentPort: 9_500 })).toEqual(done);
    expect(JSON.parse(configuration.contents.get(configurationFile) ?? "").profiles.Lab).toMatchObject({
      region: "nowhere",
      agentPort: 9_500,
    });
  });

  test("before there is a profile, a new one begins with them", async () => {
    const { app } = await managed({ Region: "EU", AgentPort: 9_600 });
    expect(app.snapshot()).toMatchObject({
      profiles: { list: [] },
      settings: { region: "EU", agentPort: 9_600, mode: "technician" },
    });
    expect(await app.commands["profile.save"](tenant)).toEqual(blocked("AgentPort"));
    const settings = { ...tenant.settings, agentPort: 9_600 };
    expect(await app.commands["profile.save"]({ ...tenant, settings })).toEqual(done);
  });
});

describe("a policy that is not understood", () => {
  test.each([
    ["a value", { EnvironmentId: "Example Corp" }, "EnvironmentId"],
    ["a file", "it is not JSON", "Region"],
    ["profiles", { Profiles: { Work: { region: "nowhere" } } }, "Profiles"],
  ] as const)("%s: nobody signs in, and the setting is named", async (_what, policy, setting) => {
    const configuration = configurationWith({ Lab: { ...lab, clientId } });
    const before = new Map(configuration.contents);
    const { app, management, pingOne } = await managed(policy, { configuration });
    expect(management()).toMatchObject({ managed: true, refused: { setting } });
    expect(management().refused?.problem).not.toBe("");
    expect(app.snapshot().profiles).toEqual({ current: null, list: [], problem: null });
    expect(await app.commands["session.signIn"](withSecret)).toMatchObject({ ok: false });
    expect(await app.commands["profile.save"](tenant)).toEqual(blocked(setting));
    expect(await app.commands["profile.choose"]({ name: "Lab" })).toEqual(blocked(setting));
    expect(await app.commands["profile.remove"]({ name: "Lab" })).toEqual(blocked(setting));
    expect(configuration.contents).toEqual(before);
    expect(pingOne.requests).toEqual([]);
    // How the window looks stays everybody's own.
    expect(await app.commands["settings.change"]({ theme: "dark" })).toEqual(done);
  });

  test("in the middle of a session: no other pairing is begun until it is put right", async () => {
    const computer = managedComputer({});
    const window = await openUser({ policy: computer.atStart });
    const { app } = window;
    computer.say({ RelyingPartyId: "https://login.example.com" });
    await app.lookAtPolicy();
    expect(await app.commands["pairing.start"](start)).toEqual(blocked("RelyingPartyId"));
    expect(await app.commands["pairing.startInBrowser"](null)).toEqual(blocked("RelyingPartyId"));
    expect(window.server.devices.size).toBe(0);
    computer.say({});
    await app.lookAtPolicy();
    expect(await paired(window)).toMatchObject({ name: "paired" });
  });
});

describe("a policy that could not be used at the start", () => {
  test.each([
    ["it could not be read", "it is not JSON"],
    ["a value of it was refused", { ...tenantOfPolicy, EnvironmentId: "Example Corp" }],
    ["the proxy was refused", { ...tenantOfPolicy, ProxyMode: "none" }],
  ] as const)("%s: once it is put right, it counts without a restart", async (_why, first) => {
    const { app, change, management } = await managed(first);
    expect(management().refused).not.toBe(null);
    await change({ ...tenantOfPolicy, ProxyMode: "direct" });
    expect(management()).toMatchObject({ refused: null, waiting: [] });
    expect(app.snapshot().profiles.current).toBe("Managed");
    expect(valueOf(app.policy(), "ProxyMode")).toBe("direct");
    expect(await app.commands["session.signIn"](withSecret)).toEqual(done);
    // Now something has been started on it.
    await change({ ...tenantOfPolicy, Region: "CA", ProxyMode: "system" });
    expect(app.snapshot().settings.region).toBe("EU");
    expect(management().waiting.toSorted()).toEqual(["ProxyMode", "Region"]);
  });

  test("the log goes on where it was begun", async () => {
    const { app, change, management } = await managed("it is not JSON");
    await change({ LogDirectory: "/var/log/deskpair" });
    expect([valueOf(app.policy(), "LogDirectory"), management().waiting]).toEqual([null, ["LogDirectory"]]);
    await change({ LogDirectory: "/elsewhere" });
    expect([valueOf(app.policy(), "LogDirectory"), management().waiting]).toEqual([null, ["LogDirectory"]]);
  });
});

describe("while the window runs", () => {
  test("one look that fails does not end those after it", async () => {
    const computer = managedComputer({ AgentPort: 9_600 });
    let isBroken = true;
    const source = {
      ...computer.source,
      read: () => (isBroken ? Promise.reject(new RangeError("too deep")) : computer.source.read()),
    };
    const { app } = openWindow({ policy: { ...computer.atStart, source } });
    await app.start();
    computer.say({ AgentPort: 9_700 });
    await expect(app.lookAtPolicy()).rejects.toThrow("too deep");
    isBroken = false;
    await app.lookAtPolicy();
    expect(app.snapshot().settings.agentPort).toBe(9_700);
  });

  test("a value that is nested without end is one that is not understood", async () => {
    const deep: unknown = JSON.parse("[".repeat(5_000) + "]".repeat(5_000));
    const { app, change, management } = await managed({ AgentPort: 9_600 });
    await change({ Profiles: deep, Nonsense: deep });
    expect(management().waiting).toEqual(["Profiles"]);
    expect(await app.commands["policy.explain"](null)).toMatchObject({ ok: true, value: { sound: false } });
    await change({ AgentPort: 9_700 });
    expect(app.snapshot().settings.agentPort).toBe(9_700);
  });

  test("a change counts without a restart, and what needs one is named until then", async () => {
    const { app, change, management } = await managed(
      { Region: "EU", AgentPort: 9_600 },
      {
        configuration: configurationWith({ Lab: lab }),
      },
    );
    await change({ Region: "CA", AgentPort: 9_700 });
    expect(app.snapshot().settings).toMatchObject({ region: "EU", agentPort: 9_700 });
    expect(management().waiting).toEqual(["Region"]);
    const explained = await app.commands["policy.explain"](null);
    const settings = explained.ok ? explained.value.settings : [];
    expect(settings.find(({ name }) => name === "Region")).toMatchObject({ shown: "EU", waiting: "CA", locked: true });
    await change({ Region: "EU" });
    expect(app.snapshot().settings).toMatchObject({ region: "EU", agentPort: 9_410 });
    expect([management().waiting, management().locked.includes("agentPort")]).toEqual([[], false]);
  });

  test("another profile is no change of the policy", async () => {
    const { app, management } = await managed(
      { AgentPort: 9_600 },
      {
        configuration: configurationWith({ Lab: lab, Home: { ...lab, region: "EU", apiUrl: undefined } }, "Lab"),
      },
    );
    expect(await app.commands["profile.choose"]({ name: "Home" })).toEqual(done);
    expect([app.snapshot().settings.region, management().waiting]).toEqual(["EU", []]);
  });

  test("one that cannot be read any more still says what it said; one that is gone says nothing", async () => {
    const { app, change, management } = await managed({ AgentPort: 9_600 });
    await change("it is not JSON");
    expect([app.snapshot().settings.agentPort, management().refused]).toEqual([9_600, null]);
    await change(null);
    expect([app.snapshot().settings.agentPort, management().managed]).toEqual([9_410, false]);
  });

  test("the same again is no change, and only a changed stamp is read", async () => {
    const { app, seen, computer, change } = await managed({ AgentPort: 9_600 });
    await app.lookAtPolicy();
    expect(computer.reads()).toBe(0);
    const before = seen.length;
    await change({ AgentPort: 9_600 });
    expect([computer.reads(), seen.length]).toEqual([1, before]);
  });

  test("what a policy marks as production asks those who are signed in already", async () => {
    const computer = managedComputer({});
    const { app, server } = await openUser({ policy: computer.atStart });
    server.devices.set("d9", { id: "d9", type: "FIDO2", status: "ACTIVE" });
    expect(app.snapshot().operator?.production).toBe(false);
    computer.say({ Production: true });
    await app.lookAtPolicy();
    expect(app.snapshot().operator?.production).toBe(true);
    expect(await app.commands["device.remove"]({ deviceId: "d9", confirmed: false })).toMatchObject({
      ok: false,
      error: { code: "confirmation-required", profile: profileName },
    });
  });

  test("the agent that a policy trusts no more gets nothing of a session that began before", async () => {
    const computer = managedComputer({});
    const window = await openUser({ policy: computer.atStart });
    computer.say({ AgentPublishers: ["Somebody Else"] });
    await window.app.lookAtPolicy();
    expect(await paired(window)).toMatchObject({ name: "failed", error: { code: "agent-not-trusted" } });
    expect(window.agent.requests).toEqual([]);
  });

  test("an MFA policy that is fixed is that of every pairing", async () => {
    const computer = managedComputer({ MfaPolicyId: policyId });
    const window = openWindow({ policy: computer.atStart });
    const settings = { ...tenant.settings, policyId };
    await window.app.commands["profile.save"]({ ...tenant, settings });
    await window.app.commands["session.signIn"](withSecret);
    await window.app.commands["session.begin"](null);
    await window.app.commands["user.find"]({ query: "ada" });
    const another = await window.app.commands["pairing.start"]({ ...start, policyId: userId });
    expect(another).toEqual(blocked("MfaPolicyId"));
    expect(await paired(window)).toMatchObject({ name: "paired" });
    const created = window.pingOne.requests.find(({ method, url }) => method === "POST" && url.endsWith("/devices"));
    expect(created?.body).toContain(policyId);
  });
});

describe("what the organisation says and asks for", () => {
  test("help, ways to sign in and the name of workstations reach the page; the address of the help stays in main", async () => {
    const computer = managedComputer({
      HelpText: "Call 555 0100.",
      HelpUrl: "https://help.example.com/deskpair?token=1",
      SignInModesAllowed: ["worker"],
      NicknameTemplate: "{computer} ({user})",
    });
    const { app } = await openUser({ policy: computer.atStart });
    expect(app.snapshot().management).toMatchObject({
      help: { text: "Call 555 0100.", link: "help.example.com" },
      signInModes: ["worker"],
      nickname: "DESK-7 (ada)",
    });
    expect(valueOf(app.policy(), "HelpUrl")).toBe("https://help.example.com/deskpair?token=1");
    expect(JSON.stringify(app.snapshot())).not.toContain("token=1");
  });

  test("of a host that is longer than a message holds, the end is shown, which says whose it is", async () => {
    const { change, management, seen } = await managed({});
    const HelpUrl = `https://${"\u00e4.".repeat(450)}example.com/`;
    await change({ HelpUrl, AgentPort: 9_600 });
    expect(management().help.link).toMatch(/^….*\.example\.com$/);
    expect(management().help.link).toHaveLength(1_023);
    // Each snapshot has been held to what may leave main.
    expect(seen.at(-1)?.settings.agentPort).toBe(9_600);
  });

  test("a way to sign in that is not allowed is refused before anything is sent", async () => {
    const { app, pingOne } = await managed({ ...tenantOfPolicy, SignInModesAllowed: ["self-service"] });
    expect(app.snapshot().profiles.list).toMatchObject([{ name: "Managed", mode: "worker" }]);
    expect(await app.commands["session.signIn"](withSecret)).toEqual(blocked("SignInModesAllowed"));
    expect(pingOne.requests).toEqual([]);
  });

  test("the first-run screens are skipped", async () => {
    const { app, phase } = await managed({ ...tenantOfPolicy, FirstRunSkipped: true });
    expect(await app.commands["session.signIn"](withSecret)).toEqual(done);
    expect(phase().name).toBe("finding-user");
  });
});

test("the doctor asks the agent that a policy names before there is a profile", async () => {
  const asked: number[] = [];
  const probe = async (port: number) => {
    asked.push(port);
    return "listening" as const;
  };
  const identity = async (policy: object) => {
    // On the real clock: the doctor waits for nothing longer than it says.
    const world = { ...fakePorts({ probe }).ports, clock };
    const { atStart } = managedComputer(policy);
    const app = createApp(world, { version: "1", rehearsal: null, doctor: soundComputer, policy: atStart });
    await app.start();
    expect(await app.commands["doctor.run"](null)).toEqual(done);
    const checks = app.snapshot().doctor?.checks ?? [];
    return checks.find(({ name }) => name === "agent-identity")?.state;
  };
  expect(await identity({ AgentPort: 9_600 })).toBe("pass");
  expect(new Set(asked)).toEqual(new Set([9_600]));
  expect(await identity({ AgentPublishers: ["Somebody Else"] })).toBe("fail");
  expect(await identity({ AgentTrust: "warn", AgentPublishers: ["Somebody Else"] })).toBe("warn");
});

test("what is in force is told with source, lock and what was ignored, and is cut to what a message holds", async () => {
  const long = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`Unknown${index}`, "x"]));
  const Profiles = Object.fromEntries(
    Array.from({ length: 200 }, (_, index) => [`Work ${index}`, { region: "EU", environmentId }]),
  );
  const { app } = await managed(
    { ...long, Profiles, SignOutOnLock: "yes" },
    { configuration: configurationWith({ Lab: lab }) },
  );
  const explained = await app.commands["policy.explain"](null);
  if (!explained.ok) throw new Error("It was refused.");
  const { sound, policies, settings } = explained.value;
  expect([sound, policies[0]?.unknown.length, policies[0]?.unknownCount]).toEqual([false, 50, 300]);
  const profiles = settings.find(({ name }) => name === "Profiles");
  expect(profiles).toMatchObject({ locked: true, origin: "machine policy (/etc/deskpair/policies.json)" });
  expect(profiles?.shown.length).toBe(2_000);
  expect(settings.find(({ name }) => name === "SignOutOnLock")).toMatchObject({
    shown: "true",
    locked: true,
    problem: "It must be true or false.",
  });
});
