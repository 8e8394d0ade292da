import { describe, expect, test } from "vitest";
import type { ErrorCode, Left } from "../../../src/contract/errors.ts";
import type { StepName } from "../../../src/contract/views.ts";
import { stepSchema } from "../../../src/contract/views.ts";
import { approvalTimeoutMs } from "../../../src/core/agent/client.ts";
import type { PairingResult } from "../../../src/core/pairing/run.ts";
import { answer, failure, refusal } from "../../fakes/http.ts";
import { endpoints, secrets, userId } from "../pretend-pingone.ts";
import { leavesNoSecret, type Scene, scene, user } from "./scene.ts";

const pending = { type: "PINGID_DESKTOP_GEN2", status: "ACTIVATION_REQUIRED" } as const;
const steps = (result: PairingResult): readonly (readonly [StepName, string])[] =>
  result.steps.map((step) => [step.name, step.outcome]);
const failed = (result: PairingResult): { code: ErrorCode; left: Left; deviceId: string | null } => {
  if (result.ok) throw new Error("It was paired.");
  return { code: result.error.code, left: result.left, deviceId: result.deviceId };
};
/** Runs to the end and looks at what must hold of every run. */
async function ran(at: Scene): Promise<PairingResult> {
  const result = await at.run();
  leavesNoSecret(at, result);
  expect(at.server.count("create")).toBeLessThanOrEqual(1);
  expect(at.server.count("register")).toBeLessThanOrEqual(1);
  for (const step of result.steps) {
    expect(stepSchema.safeParse(step).success).toBe(true);
    expect(step.outcome).not.toBe("running");
  }
  const last = at.records().at(-1);
  if (last !== undefined && !at.files.broken.has("append")) {
    expect(last).toMatchObject({ moment: "after", state: { name: result.ok ? "paired" : "failed" } });
  }
  if (!result.ok && result.left === "nothing") {
    expect([...at.server.devices.values()].filter((d) => d.id.startsWith("made-"))).toEqual([]);
  }
  return result;
}

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
      kind: "desktop",
      moment: "before",
      state: { name: "creating", cancelled: false },
      knownDeviceIds: ["old-1", "old-2"],
    });
    expect(others.length).toBeGreaterThan(0);
    for (const record of others) expect(record).not.toHaveProperty("knownDeviceIds");
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
    expect(at.server.journal).toEqual(["before creating"]);
  });

  test("later: the pairing goes on, with one warning", async () => {
    const at = scene();
    at.server.bend("create", (healthy) => {
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

describe("the creation", () => {
  test("refused: nothing was made, nothing is looked for", async () => {
    const at = scene();
    at.server.bend("create", () => answer(403, refusal("ACCESS_FAILED")));
    expect(failed(await ran(at))).toEqual({ code: "not-allowed", left: "nothing", deviceId: null });
    expect(at.server.journal).toEqual(["before creating", "token", "create", "after failed"]);
  });

  test("made, and the answer lost: found and removed", async () => {
    const at = scene();
    at.server.devices.set("someone-elses", { id: "someone-elses", ...pending });
    at.server.devices.set("their-phone", { id: "their-phone", type: "MOBILE", status: "ACTIVATION_REQUIRED" });
    at.server.bend("create", (healthy) => {
      healthy();
      return failure("reset", true);
    });
    const result = await at.run({ knownDeviceIds: ["someone-elses", "their-phone"] });
    expect(failed(result)).toEqual({ code: "network-failed", left: "nothing", deviceId: null });
    expect(steps(result)).toEqual([
      ["create-device", "failed"],
      ["find-created-device", "done"],
      ["remove-device", "done"],
    ]);
    expect([...at.server.devices.keys()]).toEqual(["someone-elses", "their-phone"]);
  });

  test.each([
    ["an answer that is cut", () => answer(201, '{"id":"made-1","type"')],
    ["an answer that is no device", () => answer(201, "Created")],
    ["a gateway's page", () => answer(502, "<html>")],
    ["silence", () => failure("timed-out", true)],
  ])("made, and then %s: found and removed", async (_case, lost) => {
    const at = scene();
    at.server.bend("create", (healthy) => {
      healthy();
      return lost();
    });
    expect(failed(await ran(at)).left).toBe("nothing");
    expect(at.server.count("remove")).toBe(1);
  });

  test("not made, and the answer lost: nothing is found, nothing is left", async () => {
    const at = scene();
    at.server.bend("create", () => failure("reset", true));
    expect(failed(await ran(at))).toEqual({ code: "network-failed", left: "nothing", deviceId: null });
    expect(at.server.count("remove")).toBe(0);
  });

  test("answer lost, and two devices could be ours: neither is touched, and it says that it does not know", async () => {
    const at = scene();
    at.server.bend("create", (healthy) => {
      healthy();
      at.server.devices.set("of-somebody", { id: "of-somebody", ...pending });
      return failure("reset", true);
    });
    expect(failed(await ran(at))).toEqual({ code: "network-failed", left: "unknown", deviceId: null });
    expect([...at.server.devices.keys()]).toEqual(["made-1", "of-somebody"]);
    expect(at.server.count("remove")).toBe(0);
  });

  test("answer lost, and the list cannot be read: it does not know", async () => {
    const at = scene();
    at.server.bend("create", (healthy) => {
      healthy();
      return failure("reset", true);
    });
    at.server.bend("list", () => answer(403));
    expect(failed(await ran(at))).toEqual({ code: "network-failed", left: "unknown", deviceId: null });
  });

  test("answer lost, and a list without end: it does not know", async () => {
    const at = scene();
    at.server.bend("create", () => failure("reset", true));
    at.server.bend("list", (_healthy, nth) =>
      answer(200, { _links: { next: { href: `${endpoints.apiBase}/users/${nth}/devices` } } }),
    );
    expect(failed(await ran(at))).toMatchObject({ left: "unknown" });
  });

  test("an answer without options: removed", async () => {
    const at = scene();
    at.server.bend("create", (healthy) => {
      const made = healthy();
      return made.ok
        ? answer(201, { ...JSON.parse(made.response.body), pingIdDesktopCredentialCreationOptions: 7 })
        : made;
    });
    expect(failed(await ran(at))).toEqual({ code: "reply-invalid", left: "nothing", deviceId: null });
    expect(at.server.count("register")).toBe(0);
  });

  test("another relying party than the one asked for: removed, and the agent gets nothing", async () => {
    const at = scene();
    const result = await at.run({ relyingPartyId: "example.com" });
    expect(failed(result)).toEqual({ code: "relying-party-mismatch", left: "nothing", deviceId: null });
    expect(at.agent.requests).toEqual([]);
    expect(at.server.devices.size).toBe(0);
  });
});

describe("the agent", () => {
  test.each([
    ["not there any more", failure("refused", false), "agent-missing"],
    ["refuses", answer(403, { error: "user_cancelled" }), "agent-refused"],
    ["is something else", answer(200, "<html>", { "content-type": "text/html" }), "agent-not-recognized"],
    ["is silent", failure("timed-out", true), "agent-timed-out"],
    ["breaks off", failure("reset", true), "agent-connection-lost"],
  ] as const)("%s: the device is removed", async (_case, result, code) => {
    const at = scene();
    at.server.bend("register", () => result);
    const ended = await ran(at);
    expect(failed(ended)).toEqual({ code, left: "nothing", deviceId: null });
    expect(steps(ended)).toEqual([
      ["create-device", "done"],
      ["register-with-agent", "failed"],
      ["remove-device", "done"],
    ]);
    expect(at.server.count("activate")).toBe(0);
  });

  test("gets the signed options and no token", async () => {
    const at = scene();
    await ran(at);
    expect(at.agent.requests).toHaveLength(1);
    expect(at.agent.requests[0]?.body).toBe(secrets.options);
    expect(JSON.stringify(at.agent.requests[0]?.headers)).not.toContain(secrets.token);
  });
});

describe("the activation", () => {
  test("refused: removed", async () => {
    const at = scene();
    at.server.bend("activate", () =>
      answer(400, refusal("INVALID_DATA", [{ code: "INVALID_VALUE", target: "attestation" }])),
    );
    expect(failed(await ran(at))).toEqual({ code: "activation-refused", left: "nothing", deviceId: null });
  });

  test.each([
    ["the connection broke", () => failure("reset", true)],
    ["silence", () => failure("timed-out", true)],
    ["a page", () => answer(504, "<html>")],
    ["half an answer", () => answer(200, '{"id":"made-1"')],
  ])("done, but %s: read again, and it is paired", async (_case, lost) => {
    const at = scene();
    at.server.bend("activate", (healthy) => {
      healthy();
      return lost();
    });
    const result = await ran(at);
    expect(result).toMatchObject({ ok: true, device: { status: "ACTIVE", nickname: "DESK-7" } });
    expect(steps(result).slice(2)).toEqual([
      ["activate-device", "failed"],
      ["confirm-activation", "done"],
      ["name-device", "done"],
    ]);
    expect(at.server.count("activate")).toBe(1);
  });

  test("not done, and the answer lost: still pending, so it is removed", async () => {
    const at = scene();
    at.server.bend("activate", () => failure("reset", true));
    expect(failed(await ran(at))).toEqual({ code: "network-failed", left: "nothing", deviceId: null });
    expect(at.server.count("remove")).toBe(1);
  });

  test("the answer lost and the device gone", async () => {
    const at = scene();
    at.server.bend("activate", () => {
      at.server.devices.clear();
      return failure("reset", true);
    });
    expect(failed(await ran(at))).toEqual({ code: "device-gone", left: "nothing", deviceId: null });
    expect(at.server.count("read")).toBe(3);
  });

  test("done, the answer lost, and the device not shown: it is removed, because it may be there", async () => {
    const at = scene();
    at.server.bend("activate", (healthy) => {
      healthy();
      return failure("reset", true);
    });
    at.server.bend("read", () => answer(404));
    expect(failed(await ran(at))).toEqual({ code: "device-gone", left: "nothing", deviceId: null });
  });

  test("the answer lost and the device unreadable: it says that it does not know, and which one", async () => {
    const at = scene();
    at.server.bend("activate", () => failure("reset", true));
    at.server.bend("read", () => answer(403));
    const result = await ran(at);
    expect(failed(result)).toEqual({ code: "network-failed", left: "unknown", deviceId: "made-1" });
    expect(steps(result).at(-1)).toEqual(["confirm-activation", "failed"]);
  });

  test("“not found” may mean “not yet”: read up to three times, with pauses", async () => {
    const at = scene();
    at.server.bend("activate", () => answer(404, refusal("NOT_FOUND")));
    at.server.bend("read", (healthy, nth) => (nth < 3 ? answer(404) : healthy()));
    expect(failed(await ran(at))).toMatchObject({ left: "nothing" });
    expect(at.server.count("read")).toBe(3);
    expect(at.clock.waits).toEqual([1_500, 1_500]);
    expect(at.server.count("remove")).toBe(1);
  });

  test("“not found” three times more: it is gone", async () => {
    const at = scene();
    at.server.bend("activate", (_healthy, _nth) => {
      at.server.devices.clear();
      return answer(404, refusal("NOT_FOUND"), { "correlation-id": "cor-404" });
    });
    const result = await ran(at);
    expect(failed(result)).toEqual({ code: "device-gone", left: "nothing", deviceId: null });
    expect(result).toMatchObject({ error: { deviceId: "made-1", correlationId: "cor-404" } });
    expect(at.server.count("read")).toBe(3);
  });

  test("a success that leaves the device pending is none", async () => {
    const at = scene();
    at.server.bend("activate", () => answer(200, { id: "made-1", ...pending }));
    expect(failed(await ran(at))).toEqual({ code: "reply-invalid", left: "nothing", deviceId: null });
  });

  test("a success about another device touches only ours", async () => {
    const at = scene();
    at.server.devices.set("another", { id: "another", type: pending.type, status: "ACTIVE" });
    at.server.bend("activate", () => answer(200, { id: "another", type: pending.type, status: "ACTIVE" }));
    expect(failed(await ran(at))).toEqual({ code: "reply-invalid", left: "nothing", deviceId: null });
    expect([...at.server.devices.keys()]).toEqual(["another"]);
  });
});

describe("the roll-back", () => {
  const agentGone = () => failure("refused", false);

  test.each([
    ["refused", answer(403), "device"],
    ["an error inside PingOne, again and again", answer(500), "unknown"],
    ["unreachable", failure("refused", false), "device"],
    ["the connection broke, twice", failure("reset", true), "unknown"],
    ["throttled for too long", answer(429, "", { "retry-after": "60" }), "device"],
  ] as const)("%s: it says what is left", async (_case, result, left) => {
    const at = scene();
    at.server.bend("register", agentGone);
    at.server.bend("remove", () => result);
    const ended = await ran(at);
    expect(failed(ended)).toEqual({ code: "agent-missing", left, deviceId: "made-1" });
    expect(steps(ended).at(-1)).toEqual(["remove-device", "failed"]);
  });

  test.each([
    ["the second try does it", (nth: number) => (nth === 1 ? answer(503) : null)],
    [
      "the first try did it, and its answer was lost",
      (nth: number) => (nth === 1 ? failure("reset", true) : answer(404)),
    ],
    ["it was gone already", () => answer(404)],
  ])("%s: nothing is left", async (_case, bent) => {
    const at = scene();
    at.server.bend("register", agentGone);
    at.server.bend("remove", (healthy, nth) => {
      const result = bent(nth);
      if (result === null || !result.ok || result.response.status === 404) healthy();
      return result ?? answer(204);
    });
    expect(failed(await ran(at))).toEqual({ code: "agent-missing", left: "nothing", deviceId: null });
  });

  test("the token expired meanwhile: a new one is fetched", async () => {
    const at = scene();
    at.server.bend("register", agentGone);
    at.server.bend("remove", (healthy, nth) => (nth === 1 ? answer(401) : healthy()));
    expect(failed(await ran(at)).left).toBe("nothing");
    expect(at.server.count("token")).toBe(2);
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
