import { describe, expect, test } from "vitest";
import { type Outcome, ok } from "../../src/contract/errors.ts";
import { defaultSettings } from "../../src/contract/settings.ts";
import { snapshotSchema } from "../../src/contract/views.ts";
import { createApp } from "../../src/core/app.ts";
import type { HttpResult } from "../../src/core/ports.ts";
import { configurationFile } from "../../src/core/profiles/file.ts";
import { settingsFile } from "../../src/core/settings.ts";
import { soundComputer } from "../fakes/doctor-ports.ts";
import { memoryFiles } from "../fakes/files.ts";
import { answer, gate } from "../fakes/http.ts";
import { fakePorts } from "../fakes/ports.ts";
import { notManaged } from "../fakes/snapshots.ts";
import { environmentId, userId } from "./pretend-pingone.ts";
import { clientId, done, enter, openUser, openWindow, profileName, tenant, withSecret } from "./window.ts";

describe("before anybody signs in", () => {
  test("the snapshot says who and where we are, and nothing else", () => {
    const { app } = openWindow();
    expect(app.snapshot()).toEqual({
      revision: 0,
      version: "1.2.3",
      hostName: "DESK-7",
      simulator: null,
      doctor: null,
      management: notManaged,
      operator: null,
      busy: null,
      profiles: { current: null, list: [], problem: null },
      secretStore: "memory",
      settings: defaultSettings,
      recovery: null,
      phase: { name: "signed-out", reason: null },
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
      await commands["device.remove"]({ deviceId: "d1", confirmed: false }),
      await commands["pairing.start"]({ kind: "desktop", policyId: null, nickname: null, despiteExisting: false }),
      await commands["pairing.close"](null),
    ];
    for (const outcome of outcomes) expect(outcome).toEqual({ ok: false, error: { code: "sign-in-required" } });
    expect(await commands["pairing.cancel"](null)).toMatchObject({ ok: false, error: { code: "not-now" } });
    expect(server.journal).toEqual([]);
  });
});

describe("one thing at a time", () => {
  test("a second command is turned away while one runs, and the page sees which", async () => {
    const { app, server } = openWindow();
    await enter({ app });
    const held = gate<HttpResult>();
    server.bend("find-users", () => held.passed);
    const first = app.commands["user.find"]({ query: "ada" });
    expect(app.snapshot().busy).toBe("user.find");
    for (const outcome of [
      await app.commands["user.find"]({ query: "grace" }),
      await app.commands["user.open"]({ userId }),
      await app.commands["session.signIn"](withSecret),
      await app.commands["profile.choose"]({ name: profileName }),
      await app.commands["profile.save"](tenant),
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
    await enter({ app });
    server.bend("find-users", () => answer(403));
    await app.commands["user.find"]({ query: "ada" });
    expect(app.snapshot().busy).toBeNull();
  });
});

describe("settings", () => {
  test("a change is shown and saved; what is not named stays", async () => {
    const { app, files, configuration } = await openUser();
    expect(await app.commands["settings.change"]({ theme: "dark", agentPort: 9500 })).toEqual(done);
    expect(await app.commands["settings.change"]({ relyingPartyId: "example.com" })).toEqual(done);
    const expected = { theme: "dark", agentPort: 9500, relyingPartyId: "example.com", environmentId };
    expect(app.snapshot().settings).toMatchObject(expected);
    expect(JSON.parse(files.contents.get(settingsFile) ?? "")).toMatchObject({ windowSettings: { theme: "dark" } });
    expect(JSON.parse(configuration.contents.get(configurationFile) ?? "").profiles[profileName]).toEqual({
      mode: "worker",
      region: "EU",
      environmentId,
      clientId,
      agentPort: 9500,
      rpId: "example.com",
    });
  });

  test("what belongs to a profile cannot be changed without one", async () => {
    const { app, configuration } = openWindow();
    expect(await app.commands["settings.change"]({ agentPort: 9500 })).toMatchObject({
      ok: false,
      error: { code: "configuration-missing" },
    });
    expect(configuration.contents.size).toBe(0);
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
    expect(JSON.parse(files.contents.get(settingsFile) ?? "")).toMatchObject({ windowSettings: { theme: "light" } });
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
    const app = createApp(ports, { doctor: soundComputer, version: "1", rehearsal: null });
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
