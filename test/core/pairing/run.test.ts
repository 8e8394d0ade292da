import { describe, expect, test } from "vitest";
import { approvalTimeoutMs } from "../../../src/core/agent/client.ts";
import { answer, failure, refusal } from "../../fakes/http.ts";
import { endpoints, userId } from "../pretend-pingone.ts";
import { failed, ran, scene, steps, user } from "./scene.ts";

describe("a pairing that succeeds", () => {
  test("writes each step down before it takes it", async () => {
    const at = scene();
    await ran(at);
    expect(at.server.journal).toEqual([
      "before creating",
      "token",
      "create",
      "before proving",
      "register",
      "before activating",
      "activate",
      "before naming",
      "name",
      "after paired",
    ]);
  });

  test("gives the device with its name, and what was done", async () => {
    const at = scene();
    const result = await ran(at);
    expect(result).toMatchObject({
      ok: true,
      changed: true,
      pairingId: "pairing-1",
      user,
      device: { id: "made-1", status: "ACTIVE", nickname: "DESK-7" },
      warnings: [],
    });
    expect(steps(result)).toEqual([
      ["create-device", "done"],
      ["register-with-agent", "done"],
      ["activate-device", "done"],
      ["name-device", "done"],
    ]);
    expect(result.steps.map((step) => step.correlationId)).toEqual(["c-201", null, "c-200", "c-200"]);
    expect(at.server.devices.get("made-1")).toMatchObject({ status: "ACTIVE", nickname: "DESK-7" });
  });

  test("the journal tells pairing, place and person, and the devices that were there before", async () => {
    const at = scene();
    await at.run({ knownDeviceIds: ["old-1", "old-2"] });
    const [first, ...others] = at.records();
    expect(first).toEqual({
      version: 1,
      at: "2026-02-16T11:51:34.153Z",
      pairingId: "pairing-1",
      apiBase: endpoints.apiBase,
      environmentId: endpoints.environmentId,
      userId,
      username: "ada",
      hostName: "DESK-7",
      nickname: "DESK-7",
      relyingPartyId: null,
      beganAt: "2026-02-16T11:51:34.153Z",
      sequence: 1,
      kind: "desktop",
      moment: "before",
      state: { name: "creating", cancelled: false },
      knownDeviceIds: ["old-1", "old-2"],
    });
    expect(others.length).toBeGreaterThan(0);
    for (const record of others) expect(record.knownDeviceIds).toEqual([]);
  });

  test("the deadline is shown while the person is waited for, and only then", async () => {
    const at = scene();
    await ran(at);
    const deadlines = at.progress.flatMap(({ steps: seen }) =>
      seen.filter((step) => step.deadlineAt !== null).map((step) => [step.name, step.outcome, step.deadlineAt]),
    );
    expect(deadlines).toEqual([["register-with-agent", "running", at.clock.now() + approvalTimeoutMs]]);
  });

  test("steps are told as they begin and as they end, with the time that they took", async () => {
    const at = scene();
    at.server.bend("register", (healthy) => {
      at.clock.advance(4_200);
      return healthy();
    });
    const result = await ran(at);
    expect(result.steps.map((step) => step.ms)).toEqual([0, 4_200, 0, 0]);
    const told = at.progress.map(({ steps: seen }) => seen.map((step) => step.outcome).join(" "));
    expect(told).toEqual([
      "running",
      "done",
      "done running",
      "done done",
      "done done running",
      "done done done",
      "done done done running",
      "done done done done",
    ]);
  });

  test("no name wanted: PingOne's own stays", async () => {
    const at = scene();
    expect(await at.run({ nickname: "" })).toMatchObject({ ok: true, device: { nickname: "given by PingOne" } });
    expect(at.server.count("name")).toBe(0);
  });

  test("a name that cannot be set is a warning", async () => {
    const at = scene();
    at.server.bend("name", () => answer(400, refusal("INVALID_DATA")));
    const result = await ran(at);
    expect(result).toMatchObject({
      ok: true,
      device: { nickname: "given by PingOne" },
      warnings: [{ code: "nickname-not-set", detail: "DESK-7" }],
    });
    expect(steps(result).at(-1)).toEqual(["name-device", "failed"]);
  });
});

describe("the journal cannot be written", () => {
  test("from the start: nothing is created", async () => {
    const at = scene();
    at.files.broken.add("append");
    expect(failed(await ran(at))).toEqual({ code: "storage-failed", left: "nothing", deviceId: null });
    expect(at.server.journal).not.toContain("create");
  });

  test.each([
    ["the creation", "create", ["create", "remove"]],
    ["the agent's answer", "register", ["create", "register", "remove"]],
  ] as const)("after %s: a device that no record names is not kept", async (_case, operation, done) => {
    const at = scene();
    at.server.bend(operation, (healthy) => {
      at.files.broken.add("append");
      return healthy();
    });
    const result = await ran(at);
    expect(failed(result)).toEqual({ code: "storage-failed", left: "nothing", deviceId: null });
    expect(result.warnings).toEqual([{ code: "journal-not-written", detail: null }]);
    const operations = new Set(["create", "register", "activate", "remove"]);
    expect(at.server.journal.filter((entry) => operations.has(entry))).toEqual(done);
  });

  test("after the activation: it is paired, with one warning", async () => {
    const at = scene();
    at.server.bend("activate", (healthy) => {
      at.files.broken.add("append");
      return healthy();
    });
    expect(await ran(at)).toMatchObject({ ok: true, warnings: [{ code: "journal-not-written", detail: null }] });
  });

  test("later, and then something else fails: the roll-back goes on", async () => {
    const at = scene();
    at.server.bend("register", () => {
      at.files.broken.add("append");
      return failure("refused", false);
    });
    const result = await ran(at);
    expect(failed(result)).toEqual({ code: "agent-missing", left: "nothing", deviceId: null });
    expect(result.warnings).toEqual([{ code: "journal-not-written", detail: null }]);
  });
});

test("an observer that breaks does not stop a pairing half-way", async () => {
  for (let breaksAt = 1; breaksAt <= 6; breaksAt += 1) {
    let seen = 0;
    const at = scene(() => {
      seen += 1;
      if (seen >= breaksAt) throw new Error("the window is gone");
    });
    at.server.bend("register", () => failure("refused", false));
    expect(failed(await at.run())).toEqual({ code: "agent-missing", left: "nothing", deviceId: null });
    expect(at.server.devices.size).toBe(0);
    expect(at.logged.some((line) => line.level === "error")).toBe(true);
  }
});
