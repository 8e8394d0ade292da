import { describe, expect, test } from "vitest";
import type { PolicyReading, PolicySource } from "../../../src/core/policy/ports.ts";
import { decide } from "../../../src/core/policy/precedence.ts";
import { refreshPolicy, withoutRestart } from "../../../src/core/policy/refresh.ts";
import { layersOf, written } from "./layers.ts";

const user: PolicyReading = { state: "absent", place: "/user" };
const absent: PolicyReading = { state: "absent", place: "/machine" };
const broken: PolicyReading = { state: "unreadable", place: "/machine", problem: "it is not JSON" };
const trusting = (value: string): PolicyReading => written("machine", { AgentTrust: value }).latest;

/** A source whose contents and stamp are what the test says. */
function source(first: PolicyReading) {
  const now = { stamp: "1", machine: first, reads: 0 };
  const port: PolicySource = {
    stamp: async () => now.stamp,
    read: async () => {
      now.reads += 1;
      return { machine: now.machine, user };
    },
  };
  return { now, port };
}

describe("reading again", () => {
  test("nothing changed: the same object, and nothing is read", async () => {
    const { now, port } = source(trusting("warn"));
    const first = await refreshPolicy(port, null);
    expect(await refreshPolicy(port, first)).toBe(first);
    expect(now.reads).toBe(1);
  });

  test("changed, unreadable, absent", async () => {
    const { now, port } = source(trusting("warn"));
    const first = await refreshPolicy(port, null);
    Object.assign(now, { stamp: "2", machine: trusting("off") });
    const second = await refreshPolicy(port, first);
    expect(second.policy.machine.known).toEqual(trusting("off"));
    Object.assign(now, { stamp: "3", machine: broken });
    const third = await refreshPolicy(port, second);
    expect(third.policy.machine).toEqual({ latest: broken, known: trusting("off") });
    Object.assign(now, { stamp: "4", machine: absent });
    expect((await refreshPolicy(port, third)).policy.machine).toEqual({ latest: absent, known: absent });
  });

  test("what could not be read is tried again, although its stamp is the same", async () => {
    const { now, port } = source(broken);
    const first = await refreshPolicy(port, null);
    expect(await refreshPolicy(port, first)).toBe(first);
    now.machine = trusting("verify");
    expect((await refreshPolicy(port, first)).policy.machine.known).toEqual(trusting("verify"));
  });
});

test("a setting that needs a restart stays as it was, and is named", () => {
  const before = decide(layersOf({ machine: written("machine", { Region: "EU", AgentTrust: "warn" }) }));
  const after = decide(
    layersOf({ machine: written("machine", { Region: "NA", AgentTrust: "verify", LogLevel: "debug" }) }),
  );
  const { decisions, waiting } = withoutRestart(before, after);
  expect(waiting).toEqual(["Region"]);
  expect(decisions.get("Region")).toMatchObject({ value: "EU" });
  expect(decisions.get("AgentTrust")).toMatchObject({ value: "verify" });
  expect(decisions.get("LogLevel")).toMatchObject({ value: "debug" });
  expect(withoutRestart(after, after)).toEqual({ decisions: after, waiting: [] });
});
