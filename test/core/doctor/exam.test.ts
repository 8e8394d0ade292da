import { describe, expect, test } from "vitest";
import { type DoctorCheck, doctorCheckNames, doctorReportSchema } from "../../../src/contract/doctor.ts";
import { ok } from "../../../src/contract/errors.ts";
import { defaultAgentTrust } from "../../../src/core/agent/trust-settings.ts";
import { examine, type Subject } from "../../../src/core/doctor/examine.ts";
import type { DoctorPorts } from "../../../src/core/doctor/ports.ts";
import { explain } from "../../../src/core/policy/explain.ts";
import { decide } from "../../../src/core/policy/precedence.ts";
import type { Http, Ports } from "../../../src/core/ports.ts";
import { soundComputer } from "../../fakes/doctor-ports.ts";
import { answer } from "../../fakes/http.ts";
import { type ManualClock, manualClock } from "../../fakes/manual-clock.ts";
import { fakePorts } from "../../fakes/ports.ts";
import { steadyTokens } from "../pingone/calls.ts";
import { layersOf } from "../policy/layers.ts";
import { endpoints } from "../pretend-pingone.ts";

const never = <T>(): Promise<T> => new Promise(() => undefined);

/** Nothing answers, ever, and nothing listens to its signal. */
function hangingWorld(clock: ManualClock): { ports: Ports; own: DoctorPorts; subject: Subject } {
  const { ports } = fakePorts();
  return {
    ports: {
      ...ports,
      clock,
      http: never,
      agentHttp: never,
      probeAgent: never,
      agentOwners: never,
      secrets: { ...ports.secrets, kind: never },
      files: { ...ports.files, read: never },
    },
    own: {
      reach: never,
      route: never,
      connectTls: never,
      brokenAuthorityFiles: never,
      agentInstallation: never,
      dataFolder: never,
      log: never,
    },
    subject: {
      endpoints: ok(endpoints),
      access: never,
      agentPort: 9410,
      agentTrust: defaultAgentTrust,
      policyId: null,
      relyingPartyId: null,
      policy: explain(layersOf({}), decide(layersOf({}))),
      user: "ada",
    },
  };
}

const directly: Pick<DoctorPorts, "reach" | "route"> = {
  reach: async () => ({ ok: true, address: "192.0.2.7" }),
  route: soundComputer.route,
};
const tokens = { ...steadyTokens(), end: async () => ok(null) };
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Runs to the end, in steps of a tenth of a second that pass only when everybody waits. */
async function inVirtualTime<T>(clock: ManualClock, work: Promise<T>): Promise<T> {
  let done = false;
  void work.then(() => {
    done = true;
  });
  for (let step = 0; step < 1_000; step += 1) {
    await settled();
    if (done) return work;
    clock.advance(100);
  }
  throw new Error("It does not end.");
}

const examined = (at: ReturnType<typeof hangingWorld>, clock: ManualClock, seen: DoctorCheck[] = []) =>
  inVirtualTime(
    clock,
    examine(at.ports, at.own, at.subject, (check) => seen.push(check), new AbortController().signal),
  );

describe("the whole takes less than five seconds", () => {
  test("when everything hangs: nothing is tested, and each check says why", async () => {
    const clock = manualClock();
    const seen: DoctorCheck[] = [];
    const report = await examined(hangingWorld(clock), clock, seen);
    expect(clock.monotonic()).toBeLessThan(5_000);
    expect(report.checks.map(({ name }) => name)).toEqual(doctorCheckNames);
    // Read when the program started: nothing of it can hang.
    const asked = report.checks.filter(({ name }) => name !== "policy");
    expect(new Set(asked.map(({ state }) => state))).toEqual(new Set(["not-tested"]));
    for (const { evidence } of report.checks) expect(evidence).not.toBe("");
    expect(report.checks.find(({ name }) => name === "network")?.evidence).toBe("No answer within 2.5 seconds.");
    expect(report.checks.find(({ name }) => name === "sign-in")?.evidence).toMatch(/could not be reached/);
    expect(report.worst).toBe("not-tested");
    expect(seen.toSorted(byName)).toEqual([...report.checks].toSorted(byName));
    expect(clock.waiting()).toBe(0);
  });

  test("when each thing takes almost as long as it may, and the last ones hang", async () => {
    const clock = manualClock();
    const world = hangingWorld(clock);
    const slow = async <T>(ms: number, value: T): Promise<T> => {
      await clock.wait(ms);
      return value;
    };
    const access: Subject["access"] = () => slow(1_400, ok({ tokens, actor: { mode: "worker" } }));
    const reach: DoctorPorts["reach"] = () => slow(2_400, { ok: true, address: "192.0.2.7" });
    const own = { ...world.own, ...directly, reach };
    const report = await examined({ ...world, own, subject: { ...world.subject, access } }, clock);
    expect(clock.monotonic()).toBeLessThan(5_000);
    const evidence = (name: string) => report.checks.find((check) => check.name === name)?.evidence;
    expect(evidence("sign-in")).toMatch(/gave a token/);
    expect(evidence("permissions")).toMatch(/No answer within 1 second/);
    expect(evidence("device-limit")).toMatch(/could not be read/);
  });

  test.each(["network", "access", "token", "requests", "agent"])("when only %s hangs", async (what) => {
    const clock = manualClock();
    const world = hangingWorld(clock);
    const http: Http = what === "requests" ? never : async () => answer(503);
    const token = what === "token" ? { ...tokens, current: never } : tokens;
    const report = await examined(
      {
        ports: { ...world.ports, http, ...(what === "agent" ? {} : { probeAgent: async () => "closed" as const }) },
        own: what === "network" ? world.own : { ...world.own, ...directly },
        subject: {
          ...world.subject,
          access: what === "access" ? never : async () => ok({ tokens: token, actor: { mode: "worker" } as const }),
        },
      },
      clock,
    );
    expect(clock.monotonic()).toBeLessThan(5_000);
    expect(doctorReportSchema.safeParse(report).success).toBe(true);
  });
});

test("cancelled: it answers at once with what it has", async () => {
  const clock = manualClock();
  const world = hangingWorld(clock);
  const abort = new AbortController();
  const own = { ...world.own, ...directly };
  const under = examine(world.ports, own, world.subject, () => undefined, abort.signal);
  await settled();
  abort.abort();
  const report = await under;
  expect(clock.monotonic()).toBe(0);
  expect(clock.waiting()).toBe(0);
  expect(report.checks.find(({ name }) => name === "network")?.state).toBe("pass");
  expect(report.checks.find(({ name }) => name === "sign-in")?.evidence).toBe("It was cancelled.");
});

test("an answer that comes when nobody waits for it changes nothing", async () => {
  const clock = manualClock();
  const world = hangingWorld(clock);
  const late = Promise.withResolvers<"system">();
  const ports = { ...world.ports, secrets: { ...world.ports.secrets, kind: () => late.promise } };
  const report = await examined({ ...world, ports }, clock);
  late.resolve("system");
  await settled();
  expect(report.checks.find(({ name }) => name === "key-store")?.state).toBe("not-tested");
});

test("what nobody waits for any more is told so, and one that breaks late is no unhandled rejection", async () => {
  const clock = manualClock();
  const world = hangingWorld(clock);
  const aborted: string[] = [];
  const reach: DoctorPorts["reach"] = ({ host }, signal) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener("abort", () => {
        aborted.push(host);
        reject(new Error("too late"));
      });
    });
  await examined({ ...world, own: { ...world.own, route: directly.route, reach } }, clock);
  await settled();
  expect(aborted).toEqual(["api.pingone.eu", "auth.pingone.eu"]);
});

const byName = (one: DoctorCheck, other: DoctorCheck): number => one.name.localeCompare(other.name);
