import { describe, expect, test } from "vitest";
import { defaultAgentTrust } from "../../../src/core/agent/trust-settings.ts";
import { journalFile } from "../../../src/core/pairing/journal.ts";
import type { PairingState } from "../../../src/core/pairing/machine.ts";
import { type JournalLine, toLine } from "../../../src/core/pairing/record.ts";
import { type RecoveryProgress, type RecoveryReport, resume } from "../../../src/core/pairing/recovery.ts";
import { createTokens } from "../../../src/core/pingone/tokens.ts";
import { openSession } from "../../../src/core/session.ts";
import { answer, failure } from "../../fakes/http.ts";
import { type Desk, openDesk } from "../desk.ts";
import { endpoints, secrets, userId } from "../pretend-pingone.ts";
import { active, agentError, serverError, states } from "./samples.ts";

const interrupted = { code: "interrupted" };
const cancelledError = { code: "cancelled" };

describe("where it goes on", () => {
  test.each<[string, PairingState, PairingState["name"], object]>([
    ["creating", states.creating, "locating", { error: interrupted }],
    ["creating, cancelled", states["creating, cancelled"], "locating", { error: cancelledError }],
    ["locating", states.locating, "locating", { error: serverError }],
    ["proving", states.proving, "removing", { deviceId: "d1", error: interrupted }],
    ["proving, cancelled", states["proving, cancelled"], "removing", { deviceId: "d1", error: cancelledError }],
    ["activating", states.activating, "confirming", { deviceId: "d1", error: interrupted, cancelled: false }],
    ["activating, cancelled", states["activating, cancelled"], "confirming", { deviceId: "d1", cancelled: true }],
    ["confirming", states.confirming, "confirming", { deviceId: "d1", error: serverError, cancelled: false }],
    ["naming", states.naming, "confirming", { deviceId: "d1", error: interrupted, cancelled: false }],
    ["naming, cancelled", states["naming, cancelled"], "confirming", { deviceId: "d1", cancelled: true }],
    ["removing", states.removing, "removing", { deviceId: "d1", error: agentError }],
    [
      "failed, a device left",
      { name: "failed", error: agentError, left: "device", deviceId: "d1" },
      "removing",
      { deviceId: "d1", error: agentError },
    ],
    [
      "failed, unknown",
      { name: "failed", error: agentError, left: "unknown", deviceId: "d1" },
      "confirming",
      { deviceId: "d1", error: agentError, cancelled: false },
    ],
    [
      "failed, unknown, cancelled",
      { name: "failed", error: { code: "cancelled" }, left: "unknown", deviceId: "d1" },
      "confirming",
      { cancelled: true },
    ],
    [
      "failed, never found",
      { name: "failed", error: agentError, left: "unknown", deviceId: null },
      "locating",
      { error: agentError },
    ],
  ])("%s", (_case, state, name, more) => {
    expect(resume({ state })?.state).toMatchObject({ name, ...more });
    // Nothing is ever made again.
    expect(["locate", "remove", "confirm"]).toContain(resume({ state })?.effect?.run);
  });

  test.each([states.paired, states.failed])("nowhere: $name", (state) => expect(resume({ state })).toBeNull());
});

const began = "2026-02-16T11:50:00.000Z";
const line = (state: PairingState, more: Partial<JournalLine> = {}): string =>
  toLine({
    version: 1,
    pairingId: "earlier-1",
    kind: "desktop",
    userId,
    username: "ada",
    environmentId: endpoints.environmentId,
    apiBase: endpoints.apiBase,
    hostName: "DESK-7",
    nickname: "DESK-7",
    relyingPartyId: null,
    beganAt: began,
    at: began,
    sequence: 1,
    knownDeviceIds: ["known"],
    moment: "before",
    state,
    ...more,
  });

/** DeskPair starts, and this stands in the journal. */
function startsWith(...lines: readonly string[]): Desk {
  const desk = openDesk();
  desk.world.files.contents.set(journalFile, lines.join(""));
  return desk;
}
const pendingDesktop = (id: string, createdAt?: string) => {
  const device = { id, type: "PINGID_DESKTOP_GEN2", status: "ACTIVATION_REQUIRED" };
  return createdAt === undefined ? device : { ...device, createdAt };
};
const has = (desk: Desk, ...devices: readonly { id: string; type: string; status: string }[]): void => {
  for (const device of devices) desk.server.devices.set(device.id, device);
};
async function recover(
  desk: Desk,
  observe: (progress: RecoveryProgress) => void = () => undefined,
  signal = new AbortController().signal,
): Promise<RecoveryReport> {
  const report = await desk.session.recoverPairings(observe, signal);
  if (!report.ok) throw new Error(JSON.stringify(report.error));
  return report.value;
}
const lastState = (desk: Desk): unknown => {
  const lines = (desk.world.files.contents.get(journalFile) ?? "").trimEnd().split("\n");
  return JSON.parse(lines.at(-1) ?? "null").state;
};

describe("a creation without an answer", () => {
  test("the one new pending device of our kind is ours", async () => {
    const desk = startsWith(line(states.creating));
    has(desk, pendingDesktop("known"), pendingDesktop("ours", "2026-02-16T11:50:02.000Z"));
    has(desk, { id: "key", type: "FIDO2", status: "ACTIVATION_REQUIRED" });
    expect((await recover(desk)).recovered).toMatchObject([
      { outcome: "undone", record: { username: "ada" }, state: { error: interrupted, left: "nothing" } },
    ]);
    expect([...desk.server.devices.keys()]).toEqual(["known", "key"]);
    expect(desk.writes().map(({ method }) => method)).toEqual(["DELETE"]);
  });

  test("of two that could be ours, none is touched; when one is left, it is", async () => {
    const desk = startsWith(line(states.creating));
    has(desk, pendingDesktop("one"), pendingDesktop("two"));
    expect((await recover(desk)).recovered).toMatchObject([
      { outcome: "left", state: { left: "unknown", deviceId: null } },
    ]);
    expect(desk.writes()).toEqual([]);
    desk.server.devices.delete("two");
    expect((await recover(desk)).recovered).toMatchObject([{ outcome: "undone" }]);
    expect(desk.server.devices.size).toBe(0);
    expect((await recover(desk)).recovered).toEqual([]);
  });

  test("a device that was made long after is somebody else's", async () => {
    const desk = startsWith(line(states.creating));
    has(desk, pendingDesktop("theirs", "2026-02-16T12:10:00.000Z"));
    expect((await recover(desk)).recovered).toMatchObject([{ outcome: "undone" }]);
    expect([...desk.server.devices.keys()]).toEqual(["theirs"]);
  });

  test("a device for another relying party than the one asked for is somebody else's", async () => {
    const desk = startsWith(line(states.creating, { relyingPartyId: "example.com" }));
    const theirs = { ...pendingDesktop("theirs"), rp: { id: "other.example" } };
    const ours = { ...pendingDesktop("ours"), rp: { id: "example.com" } };
    has(desk, theirs, ours);
    await recover(desk);
    expect([...desk.server.devices.keys()]).toEqual(["theirs"]);
  });
});

describe("a device that is known", () => {
  test("ACTIVE: it is finished, with its name", async () => {
    const desk = startsWith(line(states.activating));
    has(desk, { id: "d1", type: "PINGID_DESKTOP_GEN2", status: "ACTIVE" });
    expect((await recover(desk)).recovered).toMatchObject([{ outcome: "paired", state: { device: { id: "d1" } } }]);
    expect(desk.server.devices.get("d1")).toMatchObject({ status: "ACTIVE", nickname: "DESK-7" });
    expect(lastState(desk)).toMatchObject({ name: "paired" });
    expect(desk.server.count("activate") + desk.server.count("create")).toBe(0);
  });

  test.each<[string, PairingState]>([
    ["cancelled while it was activated", states["activating, cancelled"]],
    ["cancelled while it got its name", states["naming, cancelled"]],
    ["to be removed, although ACTIVE", { name: "removing", deviceId: "d1", error: { code: "cancelled" } }],
  ])("ACTIVE, but %s: removed", async (_case, state) => {
    const desk = startsWith(line(state));
    has(desk, { id: "d1", type: "PINGID_DESKTOP_GEN2", status: "ACTIVE" });
    expect((await recover(desk)).recovered).toMatchObject([{ outcome: "undone" }]);
    expect(desk.server.devices.size).toBe(0);
  });

  test.each(["proving", "activating", "confirming", "removing"] as const)("%s, and gone: over", async (name) => {
    const desk = startsWith(line(states[name]));
    expect((await recover(desk)).recovered).toMatchObject([{ outcome: "undone", state: { left: "nothing" } }]);
    expect(lastState(desk)).toMatchObject({ name: "failed", left: "nothing" });
  });

  test("it gets its name although somebody has removed it meanwhile: over, and not paired", async () => {
    const desk = startsWith(line(states.naming));
    expect((await recover(desk)).recovered).toMatchObject([
      { outcome: "undone", state: { error: { code: "device-gone" } } },
    ]);
  });

  test.each([
    ["refused", answer(403), { left: "device", deviceId: "d1" }],
    ["unreachable", failure("refused", false), { left: "device", deviceId: "d1" }],
  ] as const)("the removal is %s: said, kept, and done the next time", async (_case, result, state) => {
    const desk = startsWith(line(states.proving));
    has(desk, pendingDesktop("d1"));
    desk.server.bend("remove", () => result);
    expect((await recover(desk)).recovered).toMatchObject([{ outcome: "left", state }]);
    desk.server.bend("remove", (healthy) => healthy());
    expect((await recover(desk)).recovered).toMatchObject([{ outcome: "undone" }]);
    expect(desk.server.devices.size).toBe(0);
  });

  test("it cannot be read: unknown, and read the next time", async () => {
    const desk = startsWith(line(states.activating));
    has(desk, { id: "d1", type: "PINGID_DESKTOP_GEN2", status: "ACTIVE" });
    desk.server.bend("read", () => answer(403));
    expect((await recover(desk)).recovered).toMatchObject([{ outcome: "left", state: { left: "unknown" } }]);
    desk.server.bend("read", (healthy) => healthy());
    expect((await recover(desk)).recovered).toMatchObject([{ outcome: "paired" }]);
  });
});

describe("what is not ours", () => {
  test("another environment and a later version: told, not touched", async () => {
    const elsewhere = line(states.proving, {
      pairingId: "other",
      environmentId: "0f9a7c3e-58d1-4b62-8e0d-91c4b7a2d635",
    });
    const desk = startsWith(elsewhere, '{"version":2,"pairingId":"n1","at":"2027"}\n', line(states.paired));
    const report = await recover(desk);
    expect(report).toMatchObject({ recovered: [], elsewhere: [{ pairingId: "other" }], newer: [{ version: 2 }] });
    expect(desk.world.pingOne.requests).toEqual([]);
    expect((await recover(desk)).elsewhere).toHaveLength(1);
  });

  test("a user who serves only themselves leaves others to others", async () => {
    const desk = startsWith(line(states.proving), line(states.proving, { pairingId: "hers", userId: "u2" }));
    const { ports } = desk.world;
    const credential = { kind: "secret-basic", clientId: "c1", clientSecret: secrets.clientSecret } as const;
    const own = openSession(ports, {
      endpoints,
      tokens: createTokens(ports, endpoints, credential),
      actor: { mode: "self-service", userId, scopes: [] },
      agent: () => ({ port: 9410, trust: defaultAgentTrust }),
    });
    expect(await own.recoverPairings(() => undefined, new AbortController().signal)).toMatchObject({
      value: { recovered: [{ outcome: "undone" }], elsewhere: [{ pairingId: "hers" }] },
    });
  });

  test("a pairing that runs in this process", async () => {
    const desk = startsWith();
    let during: RecoveryReport | null = null;
    desk.server.bend("register", async (healthy) => {
      during = await recover(desk);
      return healthy();
    });
    const user = { id: userId, username: "ada", email: null, name: null, enabled: true, mfaEnabled: true };
    const choice = { kind: "desktop", policyId: null, relyingPartyId: null, nickname: null, force: false } as const;
    const result = await desk.session.pair(user, choice, () => undefined, new AbortController().signal);
    expect(result).toMatchObject({ ok: true, device: { status: "ACTIVE" } });
    expect(during).toMatchObject({ recovered: [] });
  });
});

test("several, one after the other, each under its own transaction id; and each is told as it goes", async () => {
  const desk = startsWith(line(states.proving), line(states.activating, { pairingId: "earlier-2" }));
  has(desk, pendingDesktop("d1"));
  const told: string[] = [];
  const { recovered } = await recover(desk, ({ record, steps }) => {
    told.push(`${record.pairingId} ${steps.at(-1)?.name} ${steps.at(-1)?.outcome}`);
  });
  expect(recovered.map(({ outcome }) => outcome)).toEqual(["undone", "undone"]);
  expect(told[0]).toBe("earlier-1 remove-device running");
  expect(told.at(-1)).toBe("earlier-2 remove-device done");
  const ids = desk.world.pingOne.requests.map((request) => request.headers["x-ping-external-transaction-id"]);
  expect(new Set(ids)).toEqual(new Set([undefined, "earlier-1", "earlier-2"]));
});

test("stopped: the rest stays open", async () => {
  const desk = startsWith(line(states.proving), line(states.proving, { pairingId: "earlier-2" }));
  const abort = new AbortController();
  const first = await recover(desk, () => abort.abort(), abort.signal);
  expect(first.recovered.map(({ record }) => record.pairingId)).toEqual(["earlier-1"]);
  expect((await recover(desk)).recovered.map(({ record }) => record.pairingId)).toEqual(["earlier-2"]);
});

test("a sign-in that is refused loses nothing", async () => {
  const desk = startsWith(line(states.creating), line(states.activating, { pairingId: "earlier-2" }));
  has(desk, { ...active, status: "ACTIVE" }, pendingDesktop("ours"));
  desk.server.bend("token", () => answer(401));
  expect((await recover(desk)).recovered.map(({ outcome }) => outcome)).toEqual(["left", "left"]);
  desk.server.bend("token", (healthy) => healthy());
  expect((await recover(desk)).recovered.map(({ outcome }) => outcome)).toEqual(["undone", "paired"]);
  expect([...desk.server.devices.keys()]).toEqual(["d1"]);
});
