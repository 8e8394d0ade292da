import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import { tellExplanation } from "../../src/cli/commands/config.ts";
import { createOutput } from "../../src/cli/output.ts";
import { explain } from "../../src/core/policy/explain.ts";
import { policyNames } from "../../src/core/policy/policies.ts";
import { decide, type Layers } from "../../src/core/policy/precedence.ts";
import { layersOf, unreadable, written } from "../core/policy/layers.ts";

function run(layers: Layers, form: "text" | "json" | "ndjson" = "text") {
  const stdout = Object.assign(new PassThrough().setEncoding("utf8"), { isTTY: false });
  const stderr = Object.assign(new PassThrough().setEncoding("utf8"), { isTTY: false });
  const output = createOutput(form, { stdout, stderr }, {}, false);
  const code = tellExplanation(output, explain(layers, decide(layers)));
  return { code, stdout: String(stdout.read() ?? ""), stderr: String(stderr.read() ?? "") };
}

const lineOf = (text: string, name: string): string =>
  text.split("\n").find((line) => line.startsWith(`${name} `)) ?? "";

describe("deskpair config explain", () => {
  test("every setting with its value, source and lock", () => {
    const { code, stdout, stderr } = run(
      layersOf({
        machine: written("machine", { AgentTrust: "verify", RelyingPartiesAllowed: [] }),
        environment: { DESKPAIR_AGENT_PORT: "9500" },
        profile: { name: "Production", values: { region: "EU" } },
      }),
    );
    expect(code).toBe(0);
    expect(stderr).toBe("");
    expect(stdout).toContain("Machine policy: in force (/machine)\nUser policy: none (/user)\n");
    expect(policyNames.filter((name) => lineOf(stdout, name) === "")).toEqual([]);
    expect(lineOf(stdout, "AgentTrust")).toMatch(/ verify +machine policy \(\/machine\) +managed$/);
    expect(lineOf(stdout, "RelyingPartiesAllowed")).toMatch(/ \(none\) +machine policy/);
    expect(lineOf(stdout, "AgentPort")).toMatch(/ 9500 +the environment \(DESKPAIR_AGENT_PORT\)$/);
    expect(lineOf(stdout, "Region")).toMatch(/ EU +the profile \(region of the profile Production\)$/);
    expect(lineOf(stdout, "LogLevel")).toMatch(/ info +the default$/);
  });

  test("what was ignored, and why", () => {
    const { code, stdout } = run(
      layersOf({ machine: written("machine", { AgentTrust: "verify" }), environment: { DESKPAIR_AGENT_TRUST: "off" } }),
    );
    expect(code).toBe(0);
    expect(stdout).toContain("“off” of the environment (DESKPAIR_AGENT_TRUST): machine policy decides");
  });

  test("what is wrong: said, not repeated, and told to scripts by the exit number", () => {
    const { code, stdout } = run(
      layersOf({
        machine: written("machine", { AgentTrust: "s3cret", Region: "EUROPE", Regoin: "s3cret", LogLevel: 3 }),
      }),
    );
    expect(code).toBe(10);
    expect(stdout).not.toContain("s3cret");
    expect(stdout).toMatch(/Regoin \(\/machine\): this version has no setting/);
    expect(stdout).toMatch(/AgentTrust, machine policy .*one of verify, warn, off\. The strictest value holds/);
    expect(stdout).toMatch(/Region, machine policy .* Nothing goes on until it is put right/);
    expect(stdout).toMatch(/LogLevel: a value of machine policy \(\/machine\): It must be one of/);
    expect(lineOf(stdout, "Region")).toContain("(refused)");
  });

  test("a policy that cannot be read", () => {
    const { code, stdout } = run(layersOf({ machine: unreadable("machine") }));
    expect(code).toBe(10);
    expect(stdout).toContain("Machine policy: cannot be read (/machine)\n  ! it is not JSON; what keeps people safe");
  });

  test("control characters of a value do not reach the terminal", () => {
    const { stdout } = run(layersOf({ machine: written("machine", { HelpText: "call\u001b[2Jme" }) }));
    expect(stdout).not.toContain("\u001b");
    expect(lineOf(stdout, "HelpText")).toContain("call?[2Jme");
  });

  test.each(["json", "ndjson"] as const)("as %s: one object, with values as they are", (form) => {
    const { stdout } = run(layersOf({ machine: written("machine", { IdleMinutes: 5, SignOutOnLock: true }) }), form);
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({ ok: true, sound: true, policies: [{ scope: "machine", state: "read" }, {}] });
    expect(result.settings.map(({ name }: { name: string }) => name)).toEqual(policyNames);
    expect(result.settings.find(({ name }: { name: string }) => name === "IdleMinutes")).toEqual({
      name: "IdleMinutes",
      title: "Minutes until sign-out",
      section: "Session and secrets",
      state: "in-force",
      value: 5,
      shown: "5",
      source: "machine-policy",
      place: "/machine",
      locked: true,
      restart: false,
      problem: null,
      ignored: [],
    });
  });
});
