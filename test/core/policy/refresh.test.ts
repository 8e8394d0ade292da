import { describe, expect, test } from "vitest";
import type { PolicyReading, PolicySource } from "../../../src/core/policy/ports.ts";
import { decide } from "../../../src/core/policy/precedence.ts";
import { refreshPolicy, withoutRestart } from "../../../src/core/policy/refresh.ts";
import { isSameContent } from "../../../src/core/policy/same-content.ts";
import { layersOf, unreadable, written } from "./layers.ts";

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

  test("however deep a value is, it is compared", async () => {
    const deep = (levels: number): PolicyReading =>
      written("machine", { Nonsense: JSON.parse("[".repeat(levels) + "]".repeat(levels)) }).latest;
    const { now, port } = source(deep(20_000));
    const first = await refreshPolicy(port, null);
    Object.assign(now, { stamp: "2", machine: deep(20_000) });
    const second = await refreshPolicy(port, first);
    expect(isSameContent(first.policy, second.policy)).toBe(true);
    Object.assign(now, { stamp: "3", machine: deep(20_001) });
    expect(isSameContent(first.policy, (await refreshPolicy(port, second)).policy)).toBe(false);
  });

  test.each([
    [{ a: 1, b: [true, null] }, { a: 1, b: [true, null] }, true],
    // Of profiles the first one is used when none is named.
    [{ a: 1, b: 2 }, { b: 2, a: 1 }, false],
    [[], {}, false],
    [[1], [1, 2], false],
    [null, {}, false],
    [{ a: undefined }, {}, false],
    [new Date(1), new Date(2), false],
    [1n, 1n, true],
    ["1", 1, false],
  ])("%o and %o", (one, other, same) => {
    expect(isSameContent(one, other)).toBe(same);
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

describe("nothing is held that nothing can have been started on", () => {
  const after = decide(
    layersOf({ machine: written("machine", { Region: "EU", ApiUrl: "https://api.example.com", LogRetentionDays: 7 }) }),
  );

  test.each([
    ["unreadable", unreadable("machine")],
    ["with one value that is refused", written("machine", { Region: "EUROPE" })],
  ] as const)("a policy that was %s: what it says now counts as a whole", (_how, machine) => {
    const { decisions, waiting } = withoutRestart(decide(layersOf({ machine })), after);
    expect(decisions.get("Region")).toMatchObject({ state: "in-force", value: "EU" });
    // Half of the place must not be the former one.
    expect(decisions.get("ApiUrl")).toMatchObject({ value: "https://api.example.com" });
    // The log was written all the time.
    expect(waiting).toEqual(["LogRetentionDays"]);
  });

  test("what was stricter than it is written is not held either", () => {
    const before = decide(layersOf({ machine: written("machine", { SignInModesAllowed: "worker" }) }));
    const mended = decide(layersOf({ machine: written("machine", { SignInModesAllowed: ["worker"] }) }));
    expect(before.get("SignInModesAllowed")).toMatchObject({ value: [] });
    expect(withoutRestart(before, mended)).toEqual({ decisions: mended, waiting: [] });
  });
});
