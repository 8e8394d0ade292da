import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { openLog } from "../../src/cli/log.ts";
import { decide } from "../../src/core/policy/precedence.ts";
import { layersOf, written } from "../core/policy/layers.ts";
import { bareEnvironment, createPlace, startProgram } from "./command-line.ts";
import { policyFolder, whyNoPolicy } from "./machine-policy.ts";

const missing = whyNoPolicy();
if (missing !== null) console.warn(`Not run: the command line's log under a machine policy. ${missing}`);

function open(policies: object, options: Partial<Parameters<typeof openLog>[0]> = {}) {
  const warnings: string[] = [];
  const opened = openLog(
    { logFile: null, logLevel: null, ...options },
    { HOME: "/home/ada" },
    decide(layersOf({ machine: written("machine", policies) })),
    { warn: (text) => void warnings.push(text) },
  );
  return { opened, warnings };
}

describe("a level that the policy fixes", () => {
  const blocked = { ok: false, error: { code: "blocked-by-policy", setting: "LogLevel" } };
  test("is not changed by an option that contradicts it", () => {
    expect(open({ LogLevel: "warn" }, { logLevel: "debug" }).opened).toEqual(blocked);
    expect(open({ LogLevel: "warn" }, { logLevel: "error" }).opened).toEqual(blocked);
  });
  test("may be said again, and one that is not understood fixes nothing", () => {
    expect(open({ LogLevel: "warn" }, { logLevel: "warn" }).opened.ok).toBe(true);
    expect(open({ LogLevel: "loud" }, { logLevel: "debug" }).opened.ok).toBe(true);
  });
});

test.skipIf(process.platform === "win32")(
  "a pipe that nobody reads is refused as a log before anything happens",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "deskpair-log-file-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const logFile = join(folder, "pipe");
    execFileSync("mkfifo", [logFile]);
    expect(open({}, { logFile }).opened).toEqual({
      ok: false,
      error: {
        code: "configuration-invalid",
        setting: "--log-file",
        problem: "it cannot be written: nobody reads what is written there",
      },
    });
  },
);

test("without a policy and an option there is no log, and the doctor names the window's", () => {
  const { opened, warnings } = open({});
  if (!opened.ok) throw new Error("There is no log.");
  opened.value.log("error", "into.the.void");
  expect(opened.value.place()).toMatchObject({ managed: false, problem: null });
  expect(warnings).toEqual([]);
});

describe.skipIf(missing !== null)("the command line", () => {
  const mine = `deskpair-cli-${process.getuid?.() === 0 ? userInfo().username : "root"}-`;

  test("logs a pairing where the policy says, over a full file into the next one, and no secret in any", async () => {
    const place = await createPlace();
    const logs = join(place.folder, "logs");
    mkdirSync(logs);
    const first = `${mine}${new Date().toISOString().slice(0, 10)}.log`;
    writeFileSync(join(logs, first), "x".repeat(1_999_000), { mode: 0o600 });
    const policy = policyFolder({ LogDirectory: logs, LogLevel: "debug" });
    const user = place.simulator.users[0]?.username ?? "";
    const run = await place.run(["pair", "desktop", "--user", user], {
      policy,
      environment: { DESKPAIR_AGENT_TRUST: "off" },
    });
    expect(run.code).toBe(0);
    const names = readdirSync(logs);
    expect(names.length).toBeGreaterThan(1);
    const text = names.map((name) => readFileSync(join(logs, name), "utf8")).join("");
    expect(text).toContain('"event":"command.ended"');
    // What --log-file asks for comes on top.
    expect(run.log).toContain('"event":"command.ended"');
    const secrets = [place.simulator.clientSecret, ...place.gateway.secrets].flatMap((secret) => [
      secret,
      ...secret.split(".").filter((part) => part.length > 20),
    ]);
    expect(secrets.length).toBeGreaterThan(3);
    expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
  });

  test("goes on without a log that cannot be written, says so once, and the doctor shows it", async () => {
    const place = await createPlace();
    const logs = join(place.folder, "nowhere");
    const policy = policyFolder({ LogDirectory: logs });
    const args = ["doctor", "--output", "json", "--no-color"];
    const run = await startProgram(args, bareEnvironment(place.folder), place.folder, "", false, policy).ended;
    const told = `The log that your organisation asks for cannot be written: it does not exist (${logs}). The command goes on without it.\n`;
    expect(run.stderr).toBe(told);
    const { checks } = run.json as { checks: { name: string; state: string; evidence: string }[] };
    expect(checks.find(({ name }) => name === "log")).toMatchObject({
      state: "warn",
      evidence: `The log that your organisation asks for is in ${logs} and cannot be written: it does not exist.`,
    });
    rmSync(logs, { recursive: true, force: true });
  });

  test("a level against the policy stops it, before a log is begun", async () => {
    const place = await createPlace();
    chmodSync(place.folder, 0o755);
    const policy = policyFolder({ LogLevel: "error" });
    const args = ["config", "explain", "--log-level", "debug", "--log-file", "own.log"];
    const run = await startProgram(args, bareEnvironment(place.folder), place.folder, "", false, policy).ended;
    expect(run.code).toBe(11);
    expect(run.stderr).toContain("LogLevel");
    expect(readdirSync(place.folder)).not.toContain("own.log");
  });
});
