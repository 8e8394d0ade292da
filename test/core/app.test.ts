import { describe, expect, test } from "vitest";
import { type Outcome, ok } from "../../src/contract/errors.ts";
import { defaultSettings } from "../../src/contract/settings.ts";
import { snapshotSchema } from "../../src/contract/views.ts";
import { createApp } from "../../src/core/app.ts";
import type { HttpResult } from "../../src/core/ports.ts";
import { settingsFile } from "../../src/core/settings.ts";
import { memoryFiles } from "../fakes/files.ts";
import { answer, failure, gate } from "../fakes/http.ts";
import { fakePorts } from "../fakes/ports.ts";
import { environmentId, secrets, userId } from "./pretend-pingone.ts";
import { clientId, connection, done, openUser, openWindow } from "./window.ts";

describe("before anybody signs in", () => {
  test("the snapshot says who and where we are, and nothing else", () => {
    const { app } = openWindow();
    expect(app.snapshot()).toEqual({
      revision: 0,
      version: "1.2.3",
      hostName: "DESK-7",
      simulator: null,
      operator: null,
      busy: null,
      settings: defaultSettings,
      phase: { name: "signed-out" },
    });
  });

  test("the page's own question gets the same answer", async () => {
    const { app } = openWindow();
    expect(await app.commands["app.snapshot"](null)).toEqual({ ok: true, value: app.snapshot() });
  });

  test("what needs a sign-in says so, and asks nobody", async () => {
    const { app, server } = openWindow();
    const { commands } = app;
    const outcomes: readonly Outcome<unknown>[] = [
      await commands["user.find"]({ query: "ada" }),
      await commands["user.open"]({ userId }),
      await commands["user.close"](null),
      await commands["user.refresh"](null),
      await commands["user.enableMfa"](null),
      await commands["device.remove"]({ deviceId: "d1" }),
      await commands["pairing.start"]({ kind: "desktop", policyId: null, nickname: null, despiteExisting: false }),
      await commands["pairing.close"](null),
    ];
    for (const outcome of outcomes) expect(outcome).toEqual({ ok: false, error: { code: "sign-in-required" } });
    expect(await commands["pairing.cancel"](null)).toMatchObject({ ok: false, error: { code: "not-now" } });
    expect(server.journal).toEqual([]);
  });
});

describe("signing in", () => {
  test("leads to the search, and shows operator and environment", async () => {
    const { app, phase, seen } = openWindow();
    expect(await app.commands["session.signIn"](connection)).toEqual(done);
    expect(phase()).toEqual({ name: "finding-user", query: "", matches: null });
    expect(app.snapshot().operator).toEqual({
      clientId,
      environmentId,
      environmentName: "Test",
      apiHost: "api.pingone.eu",
    });
    expect(seen[0]?.busy).toBe("session.signIn");
    expect(seen.at(-1)?.busy).toBeNull();
  });

  test("is remembered, without the secret", async () => {
    const { app, files } = openWindow();
    const pasted = { ...connection, environmentId: ` ${environmentId.toUpperCase()}`, clientId: ` ${clientId} ` };
    await app.commands["session.signIn"](pasted);
    const saved = files.contents.get(settingsFile) ?? "";
    expect(JSON.parse(saved)).toEqual({
      version: 1,
      settings: { ...defaultSettings, region: "EU", environmentId, clientId },
    });
    expect(saved).not.toContain(secrets.clientSecret);

    const next = openWindow({ files });
    await next.app.start();
    expect(next.app.snapshot().settings).toMatchObject({ region: "EU", environmentId, clientId });
    expect(next.phase()).toEqual({ name: "signed-out" });
  });

  test("refused: stays signed out, and nothing is remembered", async () => {
    const { app, server, phase, files } = openWindow();
    server.bend("token", () => answer(401, { error: "invalid_client" }));
    expect(await app.commands["session.signIn"](connection)).toMatchObject({
      ok: false,
      error: { code: "sign-in-refused", reason: "invalid_client" },
    });
    expect(phase()).toEqual({ name: "signed-out" });
    expect(app.snapshot()).toMatchObject({ busy: null, operator: null, settings: defaultSettings });
    expect(files.contents.size).toBe(0);
  });

  test("with something that is no address: told without a request", async () => {
    const { app, server } = openWindow();
    const outcome = await app.commands["session.signIn"]({ ...connection, apiUrl: "http://api.example.com" });
    expect(outcome).toMatchObject({ ok: false, error: { code: "configuration-invalid" } });
    expect(server.journal).toEqual([]);
  });

  test("a role that may not read the environment signs in all the same", async () => {
    const { app, server } = openWindow();
    server.bend("environment", () => answer(403));
    expect(await app.commands["session.signIn"](connection)).toEqual(done);
    expect(app.snapshot().operator?.environmentName).toBeNull();
  });

  test("settings that cannot be saved do not keep anybody out", async () => {
    const { app, files, phase, logged } = openWindow();
    files.broken.add("replace");
    expect(await app.commands["session.signIn"](connection)).toEqual(done);
    expect(phase().name).toBe("finding-user");
    expect(logged.some((line) => line.event === "settings.not-saved")).toBe(true);
  });

  test("guessing is slowed: three tries at once, then longer and longer waits, until one succeeds", async () => {
    const { app, server, clock } = openWindow();
    server.bend("token", () => answer(401));
    for (let attempt = 0; attempt < 9; attempt += 1) await app.commands["session.signIn"](connection);
    expect(clock.waits).toEqual([1_000, 2_000, 4_000, 8_000, 8_000, 8_000]);
    server.bend("token", (healthy) => healthy());
    expect(await app.commands["session.signIn"](connection)).toEqual(done);
    server.bend("token", () => answer(401));
    await app.commands["session.signIn"](connection);
    expect(clock.waits).toHaveLength(7);
  });

  test("a network that fails is not guessing", async () => {
    const { app, server, clock } = openWindow();
    server.bend("token", () => failure("refused", false));
    for (let attempt = 0; attempt < 6; attempt += 1) await app.commands["session.signIn"](connection);
    expect(clock.waits).toEqual([]);
  });

  test("signing out forgets everything about the session", async () => {
    const { app, server } = await openUser();
    expect(await app.commands["session.signOut"](null)).toEqual(done);
    expect(app.snapshot()).toMatchObject({ operator: null, phase: { name: "signed-out" } });
    const asked = server.journal.length;
    expect(await app.commands["user.refresh"](null)).toMatchObject({ error: { code: "sign-in-required" } });
    expect(server.journal).toHaveLength(asked);
  });
});

describe("one thing at a time", () => {
  test("a second command is turned away while one runs, and the page sees which", async () => {
    const { app, server } = openWindow();
    await app.commands["session.signIn"](connection);
    const held = gate<HttpResult>();
    server.bend("find-users", () => held.passed);
    const first = app.commands["user.find"]({ query: "ada" });
    expect(app.snapshot().busy).toBe("user.find");
    for (const outcome of [
      await app.commands["user.find"]({ query: "grace" }),
      await app.commands["user.open"]({ userId }),
      await app.commands["session.signIn"](connection),
      await app.commands["session.signOut"](null),
    ]) {
      expect(outcome).toMatchObject({ ok: false, error: { code: "not-now" } });
    }
    held.open(answer(200, {}));
    server.bend("find-users", (healthy) => healthy());
    expect(await first).toEqual({ ok: true, value: null });
    expect(app.snapshot().busy).toBeNull();
  });

  test("a failure frees it again", async () => {
    const { app, server } = openWindow();
    await app.commands["session.signIn"](connection);
    server.bend("find-users", () => answer(403));
    await app.commands["user.find"]({ query: "ada" });
    expect(app.snapshot().busy).toBeNull();
  });
});

describe("settings", () => {
  test("a change is shown and saved; what is not named stays", async () => {
    const { app, files } = await openUser();
    expect(await app.commands["settings.change"]({ theme: "dark", agentPort: 9500 })).toEqual(done);
    expect(await app.commands["settings.change"]({ relyingPartyId: "example.com" })).toEqual(done);
    const expected = { theme: "dark", agentPort: 9500, relyingPartyId: "example.com", environmentId };
    expect(app.snapshot().settings).toMatchObject(expected);
    expect(JSON.parse(files.contents.get(settingsFile) ?? "")).toMatchObject({ settings: expected });
  });

  test("a change that cannot be saved holds for now, and is told", async () => {
    const { app, files } = openWindow();
    files.broken.add("replace");
    expect(await app.commands["settings.change"]({ theme: "dark" })).toMatchObject({
      ok: false,
      error: { code: "storage-failed" },
    });
    expect(app.snapshot().settings.theme).toBe("dark");
  });

  test("a broken file is set aside, and the app starts", async () => {
    const files = memoryFiles({ [settingsFile]: "{broken" });
    const { app } = openWindow({ files });
    await app.start();
    expect(app.snapshot().settings).toEqual(defaultSettings);
    expect(files.aside).toEqual([{ name: settingsFile, text: "{broken" }]);
    expect(await app.commands["settings.change"]({ theme: "light" })).toEqual(done);
    expect(JSON.parse(files.contents.get(settingsFile) ?? "")).toMatchObject({ settings: { theme: "light" } });
  });
});

describe("listeners", () => {
  test("get every change from now on, until they end it", async () => {
    const { app } = openWindow();
    const seen: number[] = [];
    const end = app.subscribe((snapshot) => seen.push(snapshot.revision));
    await app.commands["settings.change"]({ theme: "dark" });
    expect(seen).toEqual([app.snapshot().revision]);
    end();
    end();
    await app.commands["settings.change"]({ theme: "light" });
    expect(seen).toHaveLength(1);
  });

  test("one that breaks keeps neither the others nor the app from going on", async () => {
    const { ports, logged } = fakePorts();
    const app = createApp(ports, { version: "1", rehearsal: null });
    app.subscribe(() => {
      throw new Error("the window is gone");
    });
    const seen: string[] = [];
    app.subscribe((snapshot) => seen.push(snapshot.settings.theme));
    expect(await app.commands["settings.change"]({ theme: "dark" })).toEqual(done);
    expect(seen).toEqual(["dark"]);
    expect(logged.some((line) => line.level === "error")).toBe(true);
  });

  test("one that ends itself while it listens disturbs nobody", async () => {
    const { app } = openWindow();
    const seen: string[] = [];
    const end = app.subscribe(() => {
      seen.push("first");
      end();
    });
    app.subscribe(() => seen.push("second"));
    await app.commands["settings.change"]({ theme: "dark" });
    await app.commands["settings.change"]({ theme: "light" });
    expect(seen).toEqual(["first", "second", "second"]);
  });
});

describe("rehearsal", () => {
  test("is for the simulator", async () => {
    const { app } = openWindow();
    expect(await app.commands["simulator.rehearse"]({ fault: "x" })).toMatchObject({ error: { code: "not-now" } });
    expect(app.snapshot().simulator).toBeNull();
  });

  test("switches a fault and shows it", async () => {
    let active: string | null = null;
    const faults = [{ name: "agent-html", description: "Another program." }];
    const { app } = openWindow({
      rehearsal: {
        view: () => ({ active, faults, users: [] }),
        set: (fault) => {
          active = fault;
          return ok(null);
        },
      },
    });
    expect(app.snapshot().simulator).toEqual({ active: null, faults, users: [] });
    expect(await app.commands["simulator.rehearse"]({ fault: "agent-html" })).toEqual(done);
    expect(app.snapshot().simulator?.active).toBe("agent-html");
    expect(snapshotSchema.safeParse(app.snapshot()).success).toBe(true);
  });
});
