import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createMacPolicy } from "../../src/node/policy-macos.ts";
import type { CommandResult, RunCommand } from "../../src/node/port-owner-command.ts";

const ownerId = process.getuid?.() ?? 0;
const name = "com.deskpair.DeskPair.plist";
let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "deskpair-mac-"));
  mkdirSync(join(folder, "ada"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const machine = (): string => join(folder, name);
const user = (): string => join(folder, "ada", name);
const put = (path: string, mode = 0o644): void => {
  writeFileSync(path, "bplist00");
  chmodSync(path, mode);
};
const said = (output: string, code = 0, complaint = ""): CommandResult => ({ code, output, complaint });

// As plutil(1) writes lists that a configuration profile has forced, on one line.
const forced =
  '{"AgentTrust":"verify","AgentPort":9410,"SignOutOnLock":true,"AgentPublishers":["Ping Identity Corporation","6U3RF4C84N"],"Profiles":{"Production":{"region":"EU"}},"PayloadUUID":"5E1B0C7A-2F64-4D0C-9E55-6C4C7E2B1A11"}';

function mac(answer: (path: string) => CommandResult | null, owner = ownerId) {
  const calls: { file: string; args: readonly string[]; environment: Readonly<Record<string, string>> }[] = [];
  const run: RunCommand = async (file, args, environment) => {
    calls.push({ file, args, environment });
    return answer(args.at(-1) ?? "");
  };
  return { source: createMacPolicy({ folder, ownerId: owner, user: "ada", run }), calls };
}

describe("what configuration profiles force", () => {
  test("both lists, each for its scope, without what the profile itself carries", async () => {
    put(machine());
    put(user());
    const { source, calls } = mac((path) => said(path === machine() ? forced : '{"LogLevel":"debug"}'));
    const readings = await source.read();
    expect(readings.machine).toMatchObject({
      state: "read",
      form: "typed",
      place: machine(),
      entries: [
        { name: "AgentTrust", value: "verify" },
        { name: "AgentPort", value: 9410 },
        { name: "SignOutOnLock", value: true },
        { name: "AgentPublishers", value: ["Ping Identity Corporation", "6U3RF4C84N"] },
        { name: "Profiles", value: { Production: { region: "EU" } } },
      ],
    });
    expect(readings.user).toMatchObject({
      state: "read",
      entries: [{ name: "LogLevel", value: "debug", place: user() }],
    });
    expect(calls[0]).toMatchObject({
      file: "/usr/bin/plutil",
      args: ["-convert", "json", "-o", "-", "--", machine()],
      environment: { LC_ALL: "C" },
    });
  });

  test("no list is absent, and nothing is started", async () => {
    const { source, calls } = mac(() => said(forced));
    expect(await source.read()).toEqual({
      machine: { state: "absent", place: machine() },
      user: { state: "absent", place: user() },
    });
    expect(calls).toEqual([]);
  });

  test.each<[string, CommandResult | null, RegExp]>([
    // As plutil(1) says it about a date.
    ["a date", said("", 1, `${name}: invalid object in plist for destination format`), /dates and data/],
    ["what is no list", said("", 1, "Property List error: Unexpected character"), /could not turn it into JSON/],
    ["a plutil that does not run", null, /could not be run/],
    ["an answer that is cut off", said('{"AgentTrust":'), /not a dictionary/],
    ["a list that is an array", said("[]"), /not a dictionary/],
  ])("%s is unreadable", async (_, answer, problem) => {
    put(machine());
    expect((await mac(() => answer).source.read()).machine).toMatchObject({
      state: "unreadable",
      place: machine(),
      problem: expect.stringMatching(problem),
    });
  });
});

describe("what is not trusted is not even given to plutil", () => {
  test.each<[string, () => void, number, RegExp]>([
    ["a file of a user", () => put(machine()), ownerId + 1, /^it belongs to user/],
    ["a file that others may write to", () => put(machine(), 0o666), ownerId, /may write/],
    ["a link", () => symlinkSync("/etc/hostname", machine()), ownerId, /regular/],
    ["2 MB", () => (put(machine()), truncateSync(machine(), 2_000_000)), ownerId, /larger/],
  ])("%s", async (_, make, owner, problem) => {
    make();
    const { source, calls } = mac(() => said(forced), owner);
    expect((await source.read()).machine).toMatchObject({
      state: "unreadable",
      problem: expect.stringMatching(problem),
    });
    expect(calls).toEqual([]);
  });
});

test("a user's name that would lead elsewhere has no policy", async () => {
  put(machine());
  const run: RunCommand = async () => said(forced);
  for (const odd of ["..", "../..", "a/b", "."]) {
    const source = createMacPolicy({ folder: join(folder, "ada"), ownerId, user: odd, run });
    expect((await source.read()).user.state).toBe("absent");
  }
});

test("the stamp changes with either list", async () => {
  const { source } = mac(() => said(forced));
  const stamps = [await source.stamp()];
  put(machine());
  stamps.push(await source.stamp());
  put(user());
  stamps.push(await source.stamp());
  expect(new Set(stamps).size).toBe(3);
  expect(await source.stamp()).toBe(stamps[2]);
});
