import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { ErrorCode, Left } from "../../../src/contract/errors.ts";
import type { StepName, Warning } from "../../../src/contract/views.ts";
import type { Http } from "../../../src/core/ports.ts";
import { type FaultName, type Simulator, startSimulator } from "../../../src/simulator/index.ts";
import { pairOnce, requests, workplace } from "./workplace.ts";

/** What must come of a fault. `creates` and `registers` count the requests that reached the simulator. */
type Expected = {
  /** `paired`, or the code of the failure. */
  readonly end: "paired" | ErrorCode;
  /** Where it ends: before the pairing begins, or in it (the usual). */
  readonly stage?: "before";
  readonly left?: Left;
  readonly creates: number;
  readonly registers: number;
  readonly warnings?: readonly Warning["code"][];
  /** The step at which the operator cancels, for faults that only a roll-back meets. */
  readonly cancelAt?: StepName;
  /** The answer to the activation is lost on its way, for faults that only a second look meets. */
  readonly loseActivation?: true;
};

const good: Expected = { end: "paired", creates: 1, registers: 1 };
const never = (end: ErrorCode): Expected => ({ end, stage: "before", creates: 0, registers: 0 });
/** The creation is refused, or nothing is left of it, and the agent is never asked. */
const uncreated = (end: ErrorCode, creates = 1): Expected => ({ end, left: "nothing", creates, registers: 0 });
/** Everything was made, something failed, and it was removed again. */
const undone = (end: ErrorCode): Expected => ({ end, left: "nothing", creates: 1, registers: 1 });

const table: Readonly<Record<string, Expected>> = {
  "token-refused": never("sign-in-refused"),
  "token-expires-at-once": good,
  "token-500-once": good,
  "token-redirects": never("reply-invalid"),
  // Nothing is created that could only be too old, or not yet valid.
  "clock-ahead": uncreated("clock-wrong", 0),
  "clock-behind": uncreated("clock-wrong", 0),
  // A worker application meets none of these.
  "sign-in-wrong-state": good,
  "id-token-wrong-nonce": good,
  "id-token-forged": good,
  "discovery-wrong-issuer": good,
  "discovery-html": good,
  "signing-key-rotated": good,
  "refresh-refused": good,
  "device-code-slow-down": good,
  "device-code-denied": good,
  "device-code-expired": good,
  "roles-missing": never("not-allowed"),
  "policies-forbidden": { ...good, warnings: ["policy-not-chosen"] },
  "extra-fields": good,
  "user-500": never("server-unavailable"),
  "user-500-once": good,

  "pairing-disabled": uncreated("pairing-not-allowed"),
  "device-limit": uncreated("device-limit-reached"),
  "licence-exceeded": uncreated("licence-exceeded"),
  "create-429-retry": uncreated("rate-limited", 5),
  "create-429-no-header": uncreated("rate-limited", 5),
  "create-500-html": uncreated("server-unavailable"),
  "create-502": uncreated("server-unavailable"),
  "create-503-retry": uncreated("server-unavailable"),
  "create-lost-before": uncreated("network-failed"),
  "create-lost": uncreated("network-failed"),
  "create-cut": uncreated("network-failed"),
  "create-truncated": uncreated("reply-invalid"),
  "create-without-jwt": uncreated("reply-invalid"),
  "create-not-json": uncreated("reply-invalid"),
  "create-slow": good,

  "agent-html": undone("agent-not-recognized"),
  "agent-redirect": undone("agent-not-recognized"),
  "agent-404": undone("agent-not-recognized"),
  "agent-garbage": undone("agent-not-recognized"),
  "agent-silent": undone("agent-timed-out"),
  "agent-reset": undone("agent-connection-lost"),
  "agent-bare": good,
  "agent-json": good,
  "agent-user-cancelled": undone("agent-refused"),
  "agent-user-too-slow": undone("agent-timed-out"),
  "agent-no-biometrics": undone("agent-refused"),
  "agent-busy": undone("agent-refused"),
  "agent-500": undone("agent-refused"),
  "agent-wrong-attestation": undone("activation-refused"),

  "device-404": { ...undone("device-gone"), loseActivation: true },
  "activate-refused": undone("activation-refused"),
  "activate-404": undone("request-refused"),
  "activate-500": undone("server-unavailable"),
  "activate-lost": good,
  "activate-lost-before": undone("network-failed"),
  "delete-500": { end: "cancelled", left: "device", creates: 1, registers: 1, cancelAt: "activate-device" },
  "delete-lost": { ...undone("cancelled"), cancelAt: "activate-device" },
  "nickname-500": { ...good, warnings: ["nickname-not-set"] },
};

const username = "ada@example.com";
let simulator: Simulator;

beforeAll(async () => {
  simulator = await startSimulator({ port: 0, agentPort: 0, slowMs: 20 });
});
afterAll(() => simulator.close());
beforeEach(() => {
  simulator.setFault(null);
  simulator.world.devices.clear();
  simulator.world.revokedTokens.clear();
  simulator.world.log.length = 0;
  simulator.world.agent.redirectsFollowed = 0;
});

/** The server does what it is asked to, and nobody hears its answer. */
const losingActivation =
  (send: Http): Http =>
  async (request) => {
    const result = await send(request);
    const isActivation = request.headers["content-type"]?.includes("activate") === true;
    return isActivation ? { ok: false, failure: { kind: "reset", sent: true } } : result;
  };

async function meet(name: FaultName | null, expected: Expected): Promise<void> {
  simulator.setFault(name);
  const at = workplace(simulator, {
    ...(expected.loseActivation === undefined ? {} : { around: losingActivation }),
    ...(name === "agent-silent" ? { agentMs: 300 } : {}),
  });
  const end = await pairOnce(at, username, {}, ({ steps }, cancel) => {
    if (steps.some((step) => step.name === expected.cancelAt)) cancel();
  });

  const pending = simulator.world.pendingDevices();
  const active = simulator.world.devicesOf(simulator.users[0]?.id ?? "").filter((d) => d.status === "ACTIVE");
  expect(end.stage).toBe(expected.stage ?? "pairing");
  if (end.stage === "before") {
    expect(end.error.code).toBe(expected.end);
    expect(pending).toEqual([]);
  } else if (end.result.ok) {
    expect("paired").toBe(expected.end);
    expect(active).toMatchObject([{ id: end.result.device.id }]);
    expect(pending).toEqual([]);
  } else {
    expect(end.result.error.code).toBe(expected.end);
    expect(end.result.left).toBe(expected.left);
    // "Nothing" is a promise: neither a pending device nor an active one that nobody was told of.
    if (end.result.left === "nothing") expect([...pending, ...active]).toEqual([]);
    for (const step of end.result.steps) expect(step.outcome).not.toBe("running");
  }
  if (end.stage === "pairing") {
    expect(end.result.warnings.map((warning) => warning.code)).toEqual(expected.warnings ?? []);
  }
  expect(requests(simulator, "create-device")).toBe(expected.creates);
  expect(requests(simulator, "register")).toBe(expected.registers);
  expect(simulator.world.agent.redirectsFollowed).toBe(0);

  const text = JSON.stringify([end, at.logged, [...at.files.contents.values()]]);
  expect(text).not.toContain(simulator.clientSecret);
  expect(text).not.toMatch(/eyJ[A-Za-z0-9_-]{5,}\./);
}

test("without a fault: paired", () => meet(null, good));

test("every fault that a desktop pairing can meet has an expectation, and every expectation a fault", () => {
  const names = simulator.faults.filter((fault) => fault.pairing !== "fido2").map((fault) => fault.name);
  expect(Object.keys(table).toSorted()).toEqual(names.toSorted());
});

// By name, because the simulator's own list is there only once it runs.
describe("each fault", () => {
  test.each(Object.entries(table))("%s", async (name, expected) => {
    const fault = simulator.faults.find((known) => known.name === name);
    expect(fault).toBeDefined();
    if (fault !== undefined) await meet(fault.name, expected);
  });
});

test("faults of the other pairing change nothing", async () => {
  for (const fault of simulator.faults.filter(({ pairing }) => pairing === "fido2")) {
    simulator.world.devices.clear();
    simulator.world.log.length = 0;
    await meet(fault.name, good);
  }
});

test("a throttled creation that is let through the second time is a good one", async () => {
  for (const name of ["create-429-retry", "create-429-no-header"] as const) {
    simulator.world.devices.clear();
    simulator.world.log.length = 0;
    simulator.setFault(name, 1);
    expect(await pairOnce(workplace(simulator), username)).toMatchObject({ stage: "pairing", result: { ok: true } });
    expect(requests(simulator, "create-device")).toBe(2);
  }
});

test("one expired token is replaced", async () => {
  simulator.setFault("token-expires-at-once", 1);
  expect(await pairOnce(workplace(simulator), username)).toMatchObject({ stage: "pairing", result: { ok: true } });
  expect(requests(simulator, "issue-token")).toBe(2);
});
