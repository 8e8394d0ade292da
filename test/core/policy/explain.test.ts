import { expect, test } from "vitest";
import { explain, originWords } from "../../../src/core/policy/explain.ts";
import { policyNames } from "../../../src/core/policy/policies.ts";
import { decide, type Layers } from "../../../src/core/policy/precedence.ts";
import { layersOf, unreadable, written } from "./layers.ts";

const explained = (layers: Layers) => explain(layers, decide(layers));

test("every setting is there once, in order, and nothing set is sound", () => {
  const { sound, policies, settings } = explained(layersOf({}));
  expect(sound).toBe(true);
  expect(settings.map(({ name }) => name)).toEqual(policyNames);
  expect(policies.map(({ scope, state, problem }) => [scope, state, problem])).toEqual([
    ["machine", "absent", null],
    ["user", "absent", null],
  ]);
});

test("unknown names are reported by name alone: the value may be a secret", () => {
  const machine = written("machine", { ClientSecret: "hunter2", AgentTrust: "hunter3", RegionAllowed: ["EU"] });
  const explanation = explained(layersOf({ machine }));
  expect(explanation.sound).toBe(false);
  expect(explanation.policies[0]?.unknown.map(({ name, place }) => [name, place])).toEqual([
    ["ClientSecret", "/machine"],
    ["RegionAllowed", "/machine"],
  ]);
  expect(JSON.stringify(explanation)).not.toContain("hunter");
});

test("a policy that cannot be read says why, and what holds meanwhile", () => {
  const kept = explained(layersOf({ machine: unreadable("machine", written("machine", { AgentTrust: "warn" })) }));
  expect(kept.sound).toBe(false);
  expect(kept.policies[0]).toMatchObject({ state: "unreadable", problem: expect.stringMatching(/it said before/) });
  const never = explained(layersOf({ machine: unreadable("machine") }));
  expect(never.policies[0]?.problem).toMatch(/^it is not JSON; .*as strict/);
});

test("a value that merely lost is no fault; one that is wrong is", () => {
  const user = written("user", { LogLevel: "warn" });
  expect(explained(layersOf({ machine: written("machine", { LogLevel: "info" }), user })).sound).toBe(true);
  expect(explained(layersOf({ machine: written("machine", { LogLevel: "loud" }), user })).sound).toBe(false);
});

test("where a value comes from, in words", () => {
  expect(originWords({ source: "machine-policy", place: "/etc/deskpair" })).toBe("machine policy (/etc/deskpair)");
  expect(originWords({ source: "default", place: null })).toBe("the default");
});
