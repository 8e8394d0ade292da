import { afterEach, beforeEach, expect, test } from "vitest";
import type { PairingResult } from "../../../src/core/pairing/run.ts";
import type { Ports } from "../../../src/core/ports.ts";
import { openSession } from "../../../src/core/session.ts";
import { type Simulator, startSimulator } from "../../../src/simulator/index.ts";
import { room } from "../doctor/room.ts";
import { requests } from "./workplace.ts";

let simulator: Simulator;
beforeEach(async () => {
  simulator = await startSimulator({ port: 0, agentPort: 0 });
});
afterEach(() => simulator.close());

/** Pairs a workstation for Ada on a computer whose clock is so far ahead. */
async function pairAhead(seconds: number): Promise<PairingResult> {
  const { ports, subject } = room(simulator, { aheadMs: seconds * 1000 });
  const access = await subject.access();
  if (!access.ok || !subject.endpoints.ok) throw new Error("There is a worker.");
  const time: Ports["clock"] = { ...ports.clock, wait: async () => undefined };
  const connection = {
    endpoints: subject.endpoints.value,
    ...access.value,
    agent: () => ({ port: subject.agentPort, trust: subject.agentTrust }),
  };
  const session = openSession({ ...ports, clock: time }, connection);
  const user = await session.resolveUser("ada@example.com");
  if (!user.ok) throw new Error(JSON.stringify(user.error));
  const choice = { kind: "desktop", policyId: null, relyingPartyId: null, nickname: null, force: false } as const;
  return session.pair(user.value, choice, () => undefined, new AbortController().signal);
}

test.each([600, -600])("a clock that is %i s ahead stops a pairing before anything is created", async (seconds) => {
  const result = await pairAhead(seconds);
  expect(result).toMatchObject({ ok: false, left: "nothing", error: { code: "clock-wrong" } });
  const offset = !result.ok && result.error.code === "clock-wrong" ? result.error.offsetSeconds : 0;
  expect(Math.abs(offset - seconds)).toBeLessThan(10);
  expect(requests(simulator, "create-device")).toBe(0);
  expect(simulator.world.log.filter(({ server }) => server === "agent")).toEqual([]);
});

test.each([
  [60, /ahead of/],
  [-60, /behind/],
])("a clock that is %i s ahead pairs, with a warning", async (seconds, words) => {
  const result = await pairAhead(seconds);
  expect(result).toMatchObject({ ok: true, device: { status: "ACTIVE" } });
  expect(result.warnings.find(({ code }) => code === "clock-off")?.detail).toMatch(words);
});

test("a clock that is right is not spoken of", async () => {
  const result = await pairAhead(0);
  expect(result.ok).toBe(true);
  expect(result.warnings.map(({ code }) => code)).not.toContain("clock-off");
});
