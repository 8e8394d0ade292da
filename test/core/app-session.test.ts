import { describe, expect, test } from "vitest";
import { defaultProfileSettings } from "../../src/contract/settings.ts";
import { configurationFile } from "../../src/core/profiles/file.ts";
import { settingsFile } from "../../src/core/settings.ts";
import { memorySecrets } from "../../src/node/memory-secrets.ts";
import { memoryFiles } from "../fakes/files.ts";
import { answer, failure, gate } from "../fakes/http.ts";
import { environmentId, secrets } from "./pretend-pingone.ts";
import { clientId, done, enter, openUser, openWindow, profileName, tenant, withSecret } from "./window.ts";

const keptWithSecret = { way: "secret", clientSecret: secrets.clientSecret, keep: true } as const;

/** A key store that outlives the window. */
const systemSecrets = () => ({ ...memorySecrets(), kind: async () => "system" as const });
const minutes = 60_000;

describe("signing in as a worker", () => {
  test("shows what the session may do, then leads to the search", async () => {
    const { app, phase, seen } = openWindow();
    await app.commands["profile.save"](tenant);
    expect(await app.commands["session.signIn"](withSecret)).toEqual(done);
    expect(phase()).toMatchObject({
      name: "ready",
      rights: [
        { right: "read-environment", state: "granted", needs: null },
        { right: "read-users", state: "granted", needs: null },
        { right: "read-policies", state: "granted", needs: null },
        { right: "read-devices", state: "granted", needs: null },
        { right: "create-devices", state: "not-tested", needs: null },
        { right: "activate-devices", state: "not-tested", needs: null },
        { right: "remove-devices", state: "not-tested", needs: null },
        { right: "enable-mfa", state: "not-tested", needs: null },
      ],
    });
    expect(app.snapshot().operator).toMatchObject({
      profile: profileName,
      mode: "worker",
      actor: clientId,
      clientId,
      environmentId,
      environmentName: "Test",
      apiHost: "api.pingone.eu",
      production: false,
      kept: false,
    });
    expect(seen.some(({ phase: at }) => at.name === "signing-in" && at.step.way === "none")).toBe(true);
    expect(await app.commands["session.begin"](null)).toEqual(done);
    expect(phase()).toEqual({ name: "finding-user", query: "", matches: null });
    expect(app.snapshot().busy).toBeNull();
  });

  test("names the role that is missing", async () => {
    const { app, server, phase } = openWindow();
    for (const operation of ["environment", "policies", "list"] as const) server.bend(operation, () => answer(403));
    await app.commands["profile.save"](tenant);
    expect(await app.commands["session.signIn"](withSecret)).toEqual(done);
    const data = { kind: "role", name: "Identity Data Admin" };
    const at = phase();
    const rights = at.name === "ready" ? at.rights : [];
    expect(rights.find(({ right }) => right === "read-environment")).toMatchObject({
      state: "missing",
      needs: { kind: "role", name: expect.stringContaining("Configuration Read Only") },
    });
    expect(rights.find(({ right }) => right === "create-devices")).toMatchObject({ state: "missing", needs: data });
    expect(app.snapshot().operator?.environmentName).toBeNull();
  });

  test("a server that stumbles says nothing about rights", async () => {
    const { app, server, phase } = openWindow();
    server.bend("policies", () => answer(500));
    await app.commands["profile.save"](tenant);
    expect(await app.commands["session.signIn"](withSecret)).toEqual(done);
    expect(phase()).toMatchObject({
      rights: expect.arrayContaining([expect.objectContaining({ right: "read-policies", state: "not-tested" })]),
    });
  });

  test("what was seen once is not shown again, until the profile changes", async () => {
    const { app, phase, server } = openWindow();
    await enter({ app });
    await app.commands["session.signOut"](null);
    const before = server.count("policies");
    expect(await app.commands["session.signIn"](withSecret)).toEqual(done);
    expect(phase().name).toBe("finding-user");
    expect(server.count("policies")).toBe(before);
    await app.commands["profile.save"]({ ...tenant, formerName: profileName });
    expect(await app.commands["session.signIn"](withSecret)).toEqual(done);
    expect(phase().name).toBe("ready");
  });

  test("refused: stays signed out, and says why", async () => {
    const { app, server, phase } = openWindow();
    await app.commands["profile.save"](tenant);
    server.bend("token", () => answer(401, { error: "invalid_client" }));
    expect(await app.commands["session.signIn"](withSecret)).toMatchObject({
      ok: false,
      error: { code: "sign-in-refused", reason: "invalid_client" },
    });
    expect(phase()).toEqual({ name: "signed-out", reason: null });
    expect(app.snapshot()).toMatchObject({ busy: null, operator: null });
  });

  test("guessing is slowed: three tries at once, then longer and longer waits, until one succeeds", async () => {
    const { app, server, clock } = openWindow();
    await app.commands["profile.save"](tenant);
    server.bend("token", () => answer(401));
    for (let attempt = 0; attempt < 9; attempt += 1) await app.commands["session.signIn"](withSecret);
    expect(clock.waits).toEqual([1_000, 2_000, 4_000, 8_000, 8_000, 8_000]);
    server.bend("token", (healthy) => healthy());
    expect(await app.commands["session.signIn"](withSecret)).toEqual(done);
    await app.commands["session.signOut"](null);
    server.bend("token", () => answer(401));
    await app.commands["session.signIn"](withSecret);
    expect(clock.waits).toHaveLength(7);
  });

  test("a network that fails is not guessing", async () => {
    const { app, server, clock } = openWindow();
    await app.commands["profile.save"](tenant);
    server.bend("token", () => failure("refused", false));
    for (let attempt = 0; attempt < 6; attempt += 1) await app.commands["session.signIn"](withSecret);
    expect(clock.waits).toEqual([]);
  });

  test("without a profile nobody is asked", async () => {
    const { app, server } = openWindow();
    expect(await app.commands["session.signIn"](withSecret)).toMatchObject({
      error: { code: "configuration-missing" },
    });
    expect(server.journal).toEqual([]);
  });

  test("a person's profile takes no secret, and a worker's no browser", async () => {
    const { app, server } = openWindow();
    await app.commands["profile.save"](tenant);
    for (const way of ["browser", "device-code"] as const) {
      expect(await app.commands["session.signIn"]({ way, keep: false })).toMatchObject({
        error: { code: "usage-invalid" },
      });
    }
    const settings = { ...tenant.settings, mode: "technician" as const };
    await app.commands["profile.save"]({ ...tenant, formerName: profileName, settings });
    expect(await app.commands["session.signIn"](withSecret)).toMatchObject({ error: { code: "usage-invalid" } });
    expect(server.journal).toEqual([]);
  });
});

describe("what is kept", () => {
  const kept = keptWithSecret;

  test("lets the next start continue, and is nowhere but in the key store", async () => {
    const shared = { files: memoryFiles(), configuration: memoryFiles(), secrets: systemSecrets() };
    const first = openWindow(shared);
    await first.app.start();
    await first.app.commands["profile.save"](tenant);
    expect(await first.app.commands["session.signIn"](kept)).toEqual(done);
    expect(first.app.snapshot()).toMatchObject({ secretStore: "system", operator: { kept: true } });
    await first.app.stop();

    const next = openWindow(shared);
    await next.app.start();
    expect(next.app.snapshot().profiles).toMatchObject({ current: profileName, list: [{ kept: true }] });
    expect(await next.app.commands["session.signIn"]({ way: "kept" })).toEqual(done);
    expect(next.app.snapshot().operator?.kept).toBe(true);
    const written = JSON.stringify([...shared.files.contents, ...shared.configuration.contents]);
    expect(written).toContain(clientId);
    expect(written).not.toContain(secrets.clientSecret);
  });

  test("is nothing on a machine without a key store", async () => {
    const { app } = openWindow();
    await app.start();
    await app.commands["profile.save"](tenant);
    expect(await app.commands["session.signIn"](kept)).toEqual(done);
    expect(app.snapshot()).toMatchObject({ secretStore: "memory", operator: { kept: false } });
    await app.commands["session.signOut"](null);
    expect(await app.commands["session.signIn"]({ way: "kept" })).toMatchObject({
      error: { code: "sign-in-required" },
    });
  });

  test("goes with signing out", async () => {
    const { app } = openWindow({ secrets: systemSecrets() });
    await app.commands["profile.save"](tenant);
    await app.commands["session.signIn"](kept);
    await app.commands["session.signOut"](null);
    expect(app.snapshot().profiles.list[0]?.kept).toBe(false);
    expect(await app.commands["session.signIn"]({ way: "kept" })).toMatchObject({
      error: { code: "sign-in-required" },
    });
  });

  test.each([
    ["another environment", { environmentId: "11111111-2222-4333-8444-555555555555" }],
    ["another application", { clientId: "another" }],
    ["another region", { region: "CA" as const }],
    ["another host", { authUrl: "https://auth.example.com" }],
    ["a custom domain", { authDomain: "login.example.com" }],
  ])("is never used for %s", async (_case, change) => {
    const store = systemSecrets();
    const { app, pingOne } = openWindow({ secrets: store });
    await app.commands["profile.save"](tenant);
    await app.commands["session.signIn"](kept);
    await app.commands["session.signOut"](null);
    // As if another window had kept it in the meantime: only what it says about itself protects it.
    await app.commands["session.signIn"](kept);
    const before = await store.read(`sign-in ${profileName}`);
    await app.commands["profile.save"]({
      ...tenant,
      formerName: profileName,
      settings: { ...tenant.settings, ...change },
    });
    if (before.ok && before.value !== null) await store.write(`sign-in ${profileName}`, before.value);
    const sent = pingOne.requests.length;
    expect(await app.commands["session.signIn"]({ way: "kept" })).toMatchObject({
      error: { code: "sign-in-required" },
    });
    expect(pingOne.requests.length).toBe(sent);
  });

  test("a key store that cannot be read leads to the sign-in, and loses nothing", async () => {
    const broken = {
      ...systemSecrets(),
      read: async () => ({ ok: false, error: { code: "secret-store-failed", problem: "it is locked" } }) as const,
    };
    const { app, phase } = openWindow({ secrets: broken });
    await app.start();
    await app.commands["profile.save"](tenant);
    expect(await app.commands["session.signIn"]({ way: "kept" })).toMatchObject({
      error: { code: "secret-store-failed" },
    });
    expect(phase().name).toBe("signed-out");
    expect(await app.commands["session.signIn"](withSecret)).toEqual(done);
  });
});

describe("the end of a session", () => {
  test("signing out forgets everything about it", async () => {
    const { app, server } = await openUser();
    expect(await app.commands["session.signOut"](null)).toEqual(done);
    expect(app.snapshot()).toMatchObject({ operator: null, phase: { name: "signed-out", reason: null } });
    const asked = server.journal.length;
    expect(await app.commands["user.refresh"](null)).toMatchObject({ error: { code: "sign-in-required" } });
    expect(server.journal).toHaveLength(asked);
  });

  test("nobody there: says that it was for that, and revokes", async () => {
    const { app, phase } = await openUser();
    expect(await app.expire("idle")).toBe(true);
    expect(phase()).toEqual({ name: "signed-out", reason: "idle" });
    expect(app.snapshot().operator).toBeNull();
    expect(await app.expire("locked")).toBe(true);
    expect(phase()).toEqual({ name: "signed-out", reason: "idle" });
  });

  test("waits for what is under way", async () => {
    const { app, server } = await openUser();
    const held = gate<ReturnType<typeof answer>>();
    server.bend("read-user", () => held.passed);
    const refresh = app.commands["user.refresh"](null);
    expect(await app.expire("idle")).toBe(false);
    expect(app.snapshot().operator).not.toBeNull();
    server.bend("read-user", (healthy) => healthy());
    held.open(answer(404));
    await refresh;
    expect(await app.expire("idle")).toBe(true);
  });

  test("comes ten minutes after the last touch, or as many as the settings say", async () => {
    const { app, clock } = openWindow();
    await app.commands["settings.change"]({ idleMinutes: 3 });
    await enter({ app });
    expect(app.snapshot().operator?.idleAt).toBe(clock.now() + 3 * minutes);
    clock.advance(2 * minutes);
    await app.commands["session.touch"](null);
    expect(app.snapshot().operator?.idleAt).toBe(clock.now() + 3 * minutes);
  });

  test("touches that follow each other closely change nothing", async () => {
    const { app, clock, seen } = openWindow();
    await enter({ app });
    const before = seen.length;
    for (let touch = 0; touch < 20; touch += 1) {
      clock.advance(500);
      await app.commands["session.touch"](null);
    }
    expect(seen.length).toBe(before);
  });

  test("another profile: the session of the first is over", async () => {
    const { app, phase } = await openUser();
    const other = { ...tenant, name: "Other" };
    expect(await app.commands["profile.save"](other)).toEqual(done);
    expect(app.snapshot()).toMatchObject({ operator: null, profiles: { current: "Other" } });
    expect(phase()).toEqual({ name: "signed-out", reason: null });
    expect(await app.commands["user.find"]({ query: "ada" })).toMatchObject({ error: { code: "sign-in-required" } });
    expect(await app.commands["profile.choose"]({ name: profileName })).toEqual(done);
    expect(app.snapshot().profiles.current).toBe(profileName);
  });
});

describe("a production environment", () => {
  const production = { ...tenant, settings: { ...tenant.settings, production: true } };

  test("is asked about before a device is removed", async () => {
    const window = openWindow();
    const { app, server } = window;
    await enter(window, production);
    await app.commands["user.find"]({ query: "ada" });
    server.devices.set("5eed0000-0000-4000-8000-00000000d001", {
      id: "5eed0000-0000-4000-8000-00000000d001",
      type: "TOTP",
      status: "ACTIVE",
    });
    const removal = { deviceId: "5eed0000-0000-4000-8000-00000000d001" };
    expect(await app.commands["device.remove"]({ ...removal, confirmed: false })).toEqual({
      ok: false,
      error: { code: "confirmation-required", action: "removing a device", profile: profileName },
    });
    expect(server.count("remove")).toBe(0);
    expect(await app.commands["device.remove"]({ ...removal, confirmed: true })).toEqual(done);
    expect(server.count("remove")).toBe(1);
    expect(app.snapshot().operator?.production).toBe(true);
  });
});

describe("profiles", () => {
  test("are saved for the window and the command line alike", async () => {
    const { app, configuration, files } = openWindow();
    const spaced = {
      name: ` ${profileName} `,
      formerName: null,
      settings: { ...tenant.settings, environmentId: ` ${environmentId.toUpperCase()}`, clientId: ` ${clientId} ` },
    };
    expect(await app.commands["profile.save"](spaced)).toEqual(done);
    expect(JSON.parse(configuration.contents.get(configurationFile) ?? "")).toEqual({
      version: 1,
      profiles: { [profileName]: { mode: "worker", region: "EU", environmentId, clientId } },
    });
    expect(JSON.parse(files.contents.get(settingsFile) ?? "")).toMatchObject({ version: 2, profile: profileName });
    expect(app.snapshot()).toMatchObject({
      profiles: { current: profileName, list: [{ name: profileName, host: "api.pingone.eu", mode: "worker" }] },
      settings: { region: "EU", environmentId, clientId },
    });
  });

  test("what is no address or id is told, and nothing is saved", async () => {
    const { app, configuration } = openWindow();
    for (const [change, setting] of [
      [{ apiUrl: "http://api.example.com" }, "API address"],
      [{ environmentId: "not an id" }, "environment id"],
    ] as const) {
      const settings = { ...tenant.settings, ...change };
      expect(await app.commands["profile.save"]({ ...tenant, settings })).toMatchObject({
        error: { code: "configuration-invalid", setting },
      });
    }
    expect(configuration.contents.size).toBe(0);
  });

  test("keep what only the command line knows", async () => {
    const configuration = memoryFiles({
      [configurationFile]: JSON.stringify({
        version: 1,
        profile: "Fleet",
        profiles: {
          Fleet: { region: "eu", environmentId, clientId, clientSecretFile: "secret", fido2Tools: "system" },
        },
      }),
    });
    const { app } = openWindow({ configuration });
    await app.start();
    expect(app.snapshot()).toMatchObject({
      profiles: { current: "Fleet" },
      settings: { mode: "worker", region: "EU" },
    });
    await app.commands["profile.save"]({
      name: "Fleet 2",
      formerName: "Fleet",
      settings: app.snapshot().settings && { ...tenant.settings },
    });
    expect(JSON.parse(configuration.contents.get(configurationFile) ?? "")).toMatchObject({
      profile: "Fleet 2",
      profiles: { "Fleet 2": { clientSecretFile: "secret", fido2Tools: "system", region: "EU" } },
    });
  });

  test("a file that is broken is told, and set aside when a profile is saved", async () => {
    const configuration = memoryFiles({ [configurationFile]: "{broken" });
    const { app } = openWindow({ configuration });
    await app.start();
    expect(app.snapshot().profiles).toEqual({
      current: null,
      list: [],
      problem: { profile: null, problem: "it is not JSON" },
    });
    expect(configuration.contents.get(configurationFile)).toBe("{broken");
    expect(await app.commands["profile.save"](tenant)).toEqual(done);
    expect(configuration.aside).toEqual([{ name: configurationFile, text: "{broken" }]);
    expect(app.snapshot().profiles.problem).toBeNull();
  });

  test("one that cannot be used does not hide the others", async () => {
    const configuration = memoryFiles({
      [configurationFile]: JSON.stringify({
        version: 1,
        profiles: { Wrong: { region: "MARS" }, Right: { region: "EU", environmentId, clientId } },
      }),
    });
    const { app } = openWindow({ configuration });
    await app.start();
    expect(app.snapshot().profiles).toMatchObject({
      current: "Right",
      list: [{ name: "Right" }],
      problem: { profile: "Wrong", problem: expect.stringContaining("region") },
    });
  });

  test("removed: gone with what was kept for it, and the next one is in use", async () => {
    const store = systemSecrets();
    const { app } = openWindow({ secrets: store });
    await app.commands["profile.save"]({ ...tenant, name: "Second" });
    await app.commands["profile.save"](tenant);
    await app.commands["session.signIn"](keptWithSecret);
    expect(await app.commands["profile.remove"]({ name: profileName })).toEqual(done);
    expect(app.snapshot()).toMatchObject({
      operator: null,
      profiles: { current: "Second", list: [{ name: "Second" }] },
    });
    expect(await store.read(`sign-in ${profileName}`)).toEqual({ ok: true, value: null });
    expect(await app.commands["profile.remove"]({ name: profileName })).toMatchObject({
      error: { code: "profile-unknown" },
    });
  });

  test("a name that is taken, and names that are none", async () => {
    const { app } = openWindow();
    await app.commands["profile.save"](tenant);
    for (const name of [profileName, "", "   ", "a\nb", "__proto__"]) {
      expect(await app.commands["profile.save"]({ ...tenant, name })).toMatchObject({
        error: { code: "configuration-invalid", setting: "profile name" },
      });
    }
    expect(app.snapshot().profiles.list).toHaveLength(1);
    expect(await app.commands["profile.choose"]({ name: "nobody" })).toMatchObject({
      error: { code: "profile-unknown" },
    });
  });

  test("a disk that is full is told, and the old profiles stay", async () => {
    const { app, configuration } = openWindow();
    await app.commands["profile.save"](tenant);
    const before = configuration.contents.get(configurationFile);
    configuration.broken.add("replace");
    expect(await app.commands["profile.save"]({ ...tenant, name: "Second" })).toMatchObject({
      error: { code: "storage-failed" },
    });
    expect(configuration.contents.get(configurationFile)).toBe(before);
    expect(app.snapshot().profiles.current).toBe(profileName);
  });

  test("settings that cannot be remembered do not keep anybody out", async () => {
    const { app, files, phase, logged } = openWindow();
    files.broken.add("replace");
    await enter({ app });
    expect(phase().name).toBe("finding-user");
    expect(logged.some((line) => line.event === "settings.not-saved")).toBe(true);
  });

  test("every setting comes back as it was saved", async () => {
    const settings = {
      ...defaultProfileSettings,
      mode: "self-service" as const,
      region: "SG" as const,
      apiUrl: "https://api.example.com",
      authUrl: "https://auth.example.com",
      authDomain: "login.example.com",
      environmentId,
      clientId,
      clientAuthentication: "private-key-jwt" as const,
      redirectPort: 7465,
      agentPort: 9411,
      policyId: "p1",
      relyingPartyId: "example.com",
      enrolmentPageUrl: "https://example.com/enrol",
      color: "teal" as const,
      production: true,
    };
    const shared = { files: memoryFiles(), configuration: memoryFiles() };
    await openWindow(shared).app.commands["profile.save"]({ name: "All", formerName: null, settings });
    const { app } = openWindow(shared);
    await app.start();
    expect(app.snapshot().settings).toMatchObject(settings);
  });
});
