import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { examineAndTell } from "../../src/cli/commands/doctor.ts";
import { createOutput } from "../../src/cli/output.ts";
import { doctorCheckNames } from "../../src/contract/doctor.ts";
import { type AppError, fail } from "../../src/contract/errors.ts";
import { type Simulator, startSimulator } from "../../src/simulator/index.ts";
import { type Room, room } from "../core/doctor/room.ts";

/** The command on the real core and the real network, against the simulator; only the process around it is not there. */

let simulator: Simulator;
beforeEach(async () => {
  simulator = await startSimulator({ port: 0, agentPort: 0 });
});
afterEach(() => simulator.close());

type Given = {
  readonly form?: "text" | "json" | "ndjson";
  readonly user?: string;
  readonly signal?: AbortSignal;
  readonly subject?: Partial<Room["subject"]>;
  readonly unicode?: boolean;
};

async function run({ form = "json", user, signal, subject = {}, unicode = true }: Given = {}) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const output = createOutput(form, { stdout, stderr }, { LANG: unicode ? "C.UTF-8" : "C" }, false);
  const at = room(simulator);
  const code = await examineAndTell(
    { output, signal: signal ?? new AbortController().signal },
    { user: user ?? null },
    { ports: at.ports, own: at.own, subject: { ...at.subject, ...subject } },
  );
  const read = (stream: PassThrough): string => String(stream.read() ?? "");
  const text = read(stdout);
  const lines = text.split("\n").filter((line) => line.startsWith("{"));
  return { code, text, stderr: read(stderr), json: lines.map((line): unknown => JSON.parse(line)) };
}

test("as JSON: every check, and ok", async () => {
  const { code, json, stderr } = await run({ user: "ada@example.com" });
  const check = (name: string) => ({
    name,
    state: expect.stringMatching(/^(pass|warn|not-tested)$/),
    evidence: expect.stringMatching(/\S/),
    fix: name === "key-store" ? expect.any(String) : null,
    code: null,
    ms: expect.any(Number),
  });
  expect(json).toEqual([
    {
      ok: true,
      worst: "warn",
      startedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      ms: expect.any(Number),
      checks: doctorCheckNames.map(check),
    },
  ]);
  expect(stderr).toBe("");
  expect(code).toBe(0);
});

test("as lines: one per check as it ends, the whole at last", async () => {
  const { json } = await run({ form: "ndjson" });
  expect(json).toHaveLength(doctorCheckNames.length + 1);
  const events = json.slice(0, -1);
  expect(events.map((line) => (line as { name: string }).name).toSorted()).toEqual([...doctorCheckNames].toSorted());
  expect(events[0]).toMatchObject({ event: "check", state: expect.any(String) });
  expect(json.at(-1)).toMatchObject({ ok: true, checks: expect.any(Array) });
});

test("as text: a line per check, the fix below, the sum at the end", async () => {
  simulator.setFault("roles-missing", 1_000);
  const { code, text } = await run({ form: "text", user: "ada@example.com" });
  const lines = text.split("\n");
  expect(lines.find((line) => line.includes("network"))).toMatch(/^✓ network {10}127\.0\.0\.1:\d+ is reached/);
  const missing = lines.findIndex((line) => line.includes("permissions"));
  expect(lines[missing]).toMatch(/^✗ permissions .*Identity Data Admin/);
  expect(lines[missing + 1]).toMatch(/^ {19}Fix: Give it the role Identity Data Admin/);
  expect(text).toMatch(/^\d+ passed, \d+ to look at, 2 failed, \d+ not tested \(\d+ ms\)\.$/m);
  expect(code).toBe(21);
});

test("without Unicode the marks are words", async () => {
  const { text } = await run({ form: "text", unicode: false });
  expect(text).toMatch(/^ok {5}network/m);
  expect(text).toMatch(/^! {6}key-store/m);
});

describe("the exit number is that of the first check that failed", () => {
  const settings: AppError = { code: "configuration-invalid", setting: "environment id", problem: "it is no UUID" };
  test.each<readonly [string, Given, number]>([
    ["not signed in", { subject: { access: async () => fail({ code: "sign-in-required" }) } }, 0],
    [
      "nothing configured",
      { subject: { endpoints: fail({ code: "configuration-missing", settings: ["region"] }) } },
      10,
    ],
    ["wrongly configured", { subject: { endpoints: fail(settings) } }, 10],
    ["the user is disabled", { user: "alan@example.com" }, 40],
    ["no more devices", { user: "katherine@example.com" }, 40],
    ["nobody of this name", { user: "nobody@example.com" }, 40],
    ["an unknown policy", { subject: { policyId: "6f1d0c52-0000-4000-8000-000000000000" } }, 40],
  ])("%s", async (_case, given, code) => {
    expect((await run(given)).code).toBe(code);
  });

  test("no agent", async () => {
    await simulator.stopAgent();
    const { code, json } = await run();
    expect(code).toBe(30);
    expect(json).toMatchObject([{ ok: false, worst: "fail" }]);
  });

  test("the secret is refused", async () => {
    simulator.setFault("token-refused", 1_000);
    expect((await run()).code).toBe(20);
  });

  test("no way to PingOne, and no agent either: the way comes first", async () => {
    const at = await run();
    expect(at.code).toBe(0);
    await simulator.close();
    expect((await run()).code).toBe(42);
    simulator = await startSimulator({ port: 0, agentPort: 0 });
  });

  test("the clock", async () => {
    simulator.setFault("clock-ahead", 1_000);
    expect((await run()).code).toBe(43);
  });
});

test("interrupted", async () => {
  const { code, json } = await run({ signal: AbortSignal.abort() });
  expect(code).toBe(130);
  expect(json).toMatchObject([{ ok: false, error: { code: "cancelled" } }]);
});
