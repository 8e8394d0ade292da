import { describe, expect, test } from "vitest";
import type { DoctorReport } from "../../src/contract/doctor.ts";
import { ok } from "../../src/contract/errors.ts";
import { defaultSettings } from "../../src/contract/settings.ts";
import type { Snapshot } from "../../src/contract/views.ts";
import { defaultAgentTrust } from "../../src/core/agent/trust-settings.ts";
import { createAppDoctor } from "../../src/core/app-doctor.ts";
import type { DoctorPorts } from "../../src/core/doctor/ports.ts";
import { explain } from "../../src/core/policy/explain.ts";
import { decide } from "../../src/core/policy/precedence.ts";
import { endpointsOf } from "../../src/core/sign-in/open.ts";
import { clock } from "../../src/node/host.ts";
import { soundComputer } from "../fakes/doctor-ports.ts";
import { answer } from "../fakes/http.ts";
import { fakePorts } from "../fakes/ports.ts";
import { steadyTokens } from "./pingone/calls.ts";
import { layersOf } from "./policy/layers.ts";
import { environmentId } from "./pretend-pingone.ts";

type Shown = Pick<Snapshot, "operator" | "profiles" | "settings" | "phase">;

const endpoints = endpointsOf({ ...defaultSettings, region: "EU", environmentId, clientId: "c" });
if (!endpoints.ok) throw new Error("The place of the session is no place.");
const place = endpoints.value;
const tokens = { ...steadyTokens(), end: async () => ok(null) };
const operator: NonNullable<Snapshot["operator"]> = {
  profile: "Example",
  mode: "technician",
  actor: "Katherine Johnson",
  clientId: "c",
  environmentId,
  environmentName: null,
  apiHost: "api.pingone.eu",
  color: null,
  production: false,
  kept: false,
  idleAt: null,
};
const signedIn: Shown = {
  operator,
  profiles: { current: "Example", list: [], problem: null },
  settings: { ...defaultSettings, region: "EU", environmentId, clientId: "c" },
  phase: { name: "finding-user", query: "", matches: null },
};

/** A computer where everything is at hand at once; `reach` can be held by a test. */
function desk(state: Shown = signedIn, reach?: DoctorPorts["reach"]) {
  const shown: (DoctorReport | null)[] = [];
  const at = { state, shown, asked: 0 };
  const own: DoctorPorts = {
    ...soundComputer,
    reach: async (place, signal) => {
      at.asked += 1;
      return (reach ?? soundComputer.reach)(place, signal);
    },
    connectTls: async () => ({ ok: false, failure: { kind: "reset", sent: false } }),
  };
  const { ports } = fakePorts({ pingOne: () => answer(404) });
  const doctor = createAppDoctor({
    ports: { ...ports, clock },
    own,
    policy: () => explain(layersOf({}), decide(layersOf({}))),
    state: () => at.state,
    access: () => (at.state.operator === null ? null : { tokens, actor: { mode: "technician" }, endpoints: place }),
    agentTrust: () => defaultAgentTrust,
    show: (report) => shown.push(report),
  });
  return { ...at, at, doctor };
}

const stateOf = (report: DoctorReport | null | undefined, name: string) =>
  report?.checks.find((check) => check.name === name);

test("signed in: the last report is taken away, the new one is shown", async () => {
  const { doctor, shown } = desk();
  expect(await doctor.run()).toEqual(ok(null));
  expect(shown).toEqual([null, expect.objectContaining({ worst: "fail" })]);
  expect(stateOf(shown[1], "sign-in")?.state).toBe("pass");
  expect(stateOf(shown[1], "user")?.evidence).toBe("No user was named.");
});

test("the user on the screen is examined, too", async () => {
  const user = { id: "u-1", username: "ada", email: null, name: null, enabled: true, mfaEnabled: true };
  const phase = { name: "pairing", kind: "desktop", user, pairingId: "p", steps: [], cancelling: false } as const;
  const { doctor, shown } = desk({ ...signedIn, phase: { ...phase, steps: [] } });
  await doctor.run();
  expect(stateOf(shown[1], "user")?.evidence).not.toBe("No user was named.");
});

describe("not signed in", () => {
  test("the computer and the network are examined", async () => {
    const { doctor, shown } = desk({ ...signedIn, operator: null, phase: { name: "signed-out", reason: null } });
    await doctor.run();
    expect(stateOf(shown[1], "sign-in")).toMatchObject({ state: "not-tested", evidence: "You are not signed in." });
    expect(stateOf(shown[1], "network")?.state).toBe("pass");
  });

  test("not even a profile", async () => {
    const profiles = { current: null, list: [], problem: null };
    const { doctor, shown } = desk({
      ...signedIn,
      operator: null,
      profiles,
      phase: { name: "signed-out", reason: null },
    });
    await doctor.run();
    expect(stateOf(shown[1], "network")).toMatchObject({ state: "not-tested", evidence: "Not set: profile." });
    expect(stateOf(shown[1], "data-folder")?.state).toBe("pass");
  });
});

/** A way to PingOne that opens when the test says so. */
function held() {
  const { promise, resolve } = Promise.withResolvers<{ readonly ok: true; readonly address: string }>();
  return { reach: () => promise, open: () => resolve({ ok: true, address: "192.0.2.7" }) };
}

test("asked twice, it examines once", async () => {
  const way = held();
  const { doctor, at, shown } = desk(signedIn, way.reach);
  const both = [doctor.run(), doctor.run()];
  way.open();
  expect(await Promise.all(both)).toEqual([ok(null), ok(null)]);
  expect(at.asked).toBe(2);
  expect(shown).toHaveLength(2);
  await doctor.run();
  expect(at.asked).toBe(4);
});

test("who signs out meanwhile leaves no report behind", async () => {
  const way = held();
  const { doctor, at, shown } = desk(signedIn, way.reach);
  const run = doctor.run();
  at.state = { ...signedIn, operator: null, phase: { name: "signed-out", reason: null } };
  way.open();
  expect(await run).toMatchObject({ ok: false, error: { code: "cancelled" } });
  expect(shown).toEqual([null]);
});

test("somebody touches the window meanwhile: it is still the same session", async () => {
  const way = held();
  const { doctor, at, shown } = desk(signedIn, way.reach);
  const run = doctor.run();
  at.state = { ...signedIn, operator: { ...operator, idleAt: 7 } };
  way.open();
  expect(await run).toEqual(ok(null));
  expect(shown).toHaveLength(2);
});

test("stopped: it ends at once, without a report", async () => {
  const { doctor, shown } = desk(signedIn, () => new Promise(() => undefined));
  const run = doctor.run();
  doctor.stop();
  expect(await run).toMatchObject({ ok: false, error: { code: "cancelled" } });
  expect(shown).toEqual([null]);
});
