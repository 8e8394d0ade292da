import { describe, expect, test } from "vitest";
import type { User } from "../../../src/contract/views.ts";
import { journalFile } from "../../../src/core/pairing/journal.ts";
import type { PairingChoice } from "../../../src/core/pairing/preflight.ts";
import type { PairingResult } from "../../../src/core/pairing/run.ts";
import { answer, failure } from "../../fakes/http.ts";
import { type Desk, openDesk } from "../desk.ts";
import { policyId, userId } from "../pretend-pingone.ts";

/** Pairing the same workstation for the same user a second time. */

const ada: User = { id: userId, username: "ada", email: null, name: null, enabled: true, mfaEnabled: true };
const choice: PairingChoice = { kind: "desktop", policyId, relyingPartyId: null, nickname: null, force: false };
const pair = (desk: Desk, more: Partial<PairingChoice> = {}, signal = new AbortController().signal) =>
  desk.session.pair(ada, { ...choice, ...more, kind: "desktop" }, () => undefined, signal);
const deviceOf = (result: PairingResult): string => (result.ok ? result.device.id : result.error.code);

async function pairedDesk(): Promise<Desk> {
  const desk = openDesk();
  expect(await pair(desk)).toMatchObject({ ok: true, changed: true });
  return desk;
}

test("changes nothing, asks the agent nothing, and gives the device as it is now", async () => {
  const desk = await pairedDesk();
  const before = { writes: desk.writes().length, lines: desk.world.files.contents.get(journalFile) };
  const device = desk.server.devices.get("made-1");
  if (device !== undefined) desk.server.devices.set("made-1", { ...device, nickname: "Reception" });
  // Nobody needs an agent for this.
  desk.listening = false;
  expect(await pair(desk)).toMatchObject({
    ok: true,
    changed: false,
    device: { id: "made-1", status: "ACTIVE", nickname: "Reception" },
    authenticator: null,
    steps: [{ name: "check-prerequisites", outcome: "done" }],
    warnings: [],
  });
  expect(desk.writes()).toHaveLength(before.writes);
  expect(desk.server.count("register")).toBe(1);
  expect(desk.world.files.contents.get(journalFile)).toBe(before.lines);
  expect(await desk.session.planPairing(ada, choice)).toEqual({ ok: true, value: [] });
});

test("after another start too, and not for a computer of another name", async () => {
  const desk = await pairedDesk();
  const restarted = openDesk();
  restarted.world.files.contents.set(journalFile, desk.world.files.contents.get(journalFile) ?? "");
  for (const [id, device] of desk.server.devices) restarted.server.devices.set(id, device);
  expect(await pair(restarted)).toMatchObject({ changed: false });
  Object.assign(restarted.world.ports, { hostName: "DESK-8" });
  restarted.server.devices.set("made-1", { id: "made-0", type: "PINGID_DESKTOP_GEN2", status: "ACTIVE" });
  expect(await pair(restarted)).toMatchObject({ changed: true });
});

test("forced: pairs again, and that one is then ours", async () => {
  const desk = await pairedDesk();
  const plan = await desk.session.planPairing(ada, { ...choice, force: true });
  expect(plan.ok && plan.value.length).toBe(4);
  expect(deviceOf(await pair(desk, { force: true }))).toBe("made-2");
  expect(await pair(desk)).toMatchObject({ changed: false, device: { id: "made-2" } });
});

test.each<[string, (desk: Desk) => void]>([
  ["removed", ({ server }) => server.devices.delete("made-1")],
  [
    "pending",
    ({ server }) =>
      server.devices.set("made-1", { id: "made-1", type: "PINGID_DESKTOP_GEN2", status: "ACTIVATION_REQUIRED" }),
  ],
  ["of another type", ({ server }) => server.devices.set("made-1", { id: "made-1", type: "MOBILE", status: "ACTIVE" })],
])("the device is %s: pairs again", async (_case, happens) => {
  const desk = await pairedDesk();
  happens(desk);
  const again = await pair(desk);
  expect(again).toMatchObject({ ok: true, changed: true, device: { id: "made-2" } });
});

test.each([
  [
    "PingOne cannot be asked",
    (desk: Desk) => desk.server.bend("list", () => failure("refused", false)),
    "network-failed",
  ],
  ["the journal cannot be read", (desk: Desk) => void desk.world.files.broken.add("read"), "storage-failed"],
])("%s: neither a success nor a second device", async (_case, happens, code) => {
  const desk = await pairedDesk();
  happens(desk);
  expect(await pair(desk)).toMatchObject({ ok: false, error: { code }, left: "nothing" });
  expect(desk.server.count("create")).toBe(1);
});

describe("after a pairing that was left open", () => {
  /** The activation reached PingOne, and nothing did after it. */
  async function leftOpen(): Promise<Desk> {
    const desk = openDesk();
    desk.server.bend("activate", (healthy) => {
      healthy();
      return failure("reset", true);
    });
    desk.server.bend("read", () => failure("refused", false));
    expect(await pair(desk)).toMatchObject({ ok: false, left: "unknown", deviceId: "made-1" });
    desk.server.bend("activate", (healthy) => healthy());
    return desk;
  }

  test("it is finished first, so that there is one device and no second", async () => {
    const desk = await leftOpen();
    desk.server.bend("read", (healthy) => healthy());
    expect(await pair(desk)).toMatchObject({ ok: true, changed: false, device: { id: "made-1", nickname: "DESK-7" } });
    expect(desk.server.count("create")).toBe(1);
  });

  test("as long as it cannot be told how it ended, no other is begun", async () => {
    const desk = await leftOpen();
    desk.server.bend("read", () => answer(403));
    for (const force of [false, true]) {
      expect(await pair(desk, { force })).toMatchObject({ ok: false, error: { code: "not-now" }, left: "nothing" });
    }
    expect(desk.server.count("create")).toBe(1);
  });

  test("another user's is none of its business", async () => {
    const desk = await leftOpen();
    const grace = { ...ada, id: "5eed0000-0000-4000-8000-000000000002", username: "grace" };
    const result = await desk.session.pair(grace, choice, () => undefined, new AbortController().signal);
    expect(result).toMatchObject({ ok: true, changed: true, device: { id: "made-2" } });
  });
});

test("two processes at once: the second is told to come back", async () => {
  const desk = openDesk();
  const lock = async () => ({ ok: false, error: { code: "not-now", doing: "process 1 works with it" } }) as const;
  Object.assign(desk.world.ports, { lock });
  const result = await pair(desk);
  expect(result).toMatchObject({
    ok: false,
    error: { code: "not-now", doing: "another DeskPair on this computer is pairing" },
    left: "nothing",
    steps: [{ name: "check-prerequisites", outcome: "failed" }],
  });
  expect(desk.world.pingOne.requests).toEqual([]);
});
