import { describe, expect, test } from "vitest";
import { judgePolicy } from "../../../src/core/doctor/policy.ts";
import { explain } from "../../../src/core/policy/explain.ts";
import { decide, type Layers } from "../../../src/core/policy/precedence.ts";
import { layersOf, unreadable, written } from "../policy/layers.ts";

const judged = (layers: Layers) => judgePolicy(explain(layers, decide(layers)));
const machine = (values: object) => judged(layersOf({ machine: written("machine", values) }));

describe("the organisation's policy", () => {
  test("none, and one that is understood", () => {
    expect(judged(layersOf({}))).toMatchObject({ state: "pass", evidence: "No policy manages this computer." });
    expect(machine({ AgentPort: 9500, Region: "EU" })).toMatchObject({
      state: "pass",
      evidence: "2 settings are managed by your organisation (/machine).",
    });
  });

  test("a value that nothing may take the place of fails, with the exit of what a pairing would say", () => {
    expect(machine({ Region: "s3cret" })).toMatchObject({
      state: "fail",
      evidence: expect.stringMatching(/Region, machine policy \(\/machine\): It must be one of/),
      fix: expect.stringContaining("deskpair config explain"),
      error: { code: "blocked-by-policy", setting: "Region" },
    });
    expect(machine({ Region: "s3cret" }).evidence).not.toContain("s3cret");
  });

  test("a file that cannot be read fails, and one that could be read before warns", () => {
    expect(judged(layersOf({ machine: unreadable("machine") }))).toMatchObject({
      state: "fail",
      evidence: expect.stringContaining("it is not JSON"),
    });
    const before = written("machine", { AgentPort: 9500 });
    expect(judged(layersOf({ machine: unreadable("machine", before) }))).toMatchObject({
      state: "warn",
      evidence: expect.stringMatching(/it is not JSON; what it said before still holds/),
    });
  });

  test("what is misspelt, ignored or stricter than written warns", () => {
    expect(machine({ AgentPrt: 1, IdleMinutes: 0 })).toMatchObject({
      state: "warn",
      evidence: expect.stringMatching(/AgentPrt \(\/machine\) is not known\. And 1 more\.$/),
    });
    expect(machine({ AgentPort: "many" })).toMatchObject({
      state: "warn",
      evidence: expect.stringContaining("AgentPort"),
    });
  });

  test("what merely lost against a policy is no matter of it", () => {
    const layers = layersOf({
      machine: written("machine", { AgentPort: 9500 }),
      environment: { DESKPAIR_AGENT_PORT: "9410" },
    });
    expect(judged(layers).state).toBe("pass");
  });
});
