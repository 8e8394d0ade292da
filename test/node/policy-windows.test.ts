import { describe, expect, test } from "vitest";
import { createWindowsPolicy } from "../../src/node/policy-windows.ts";
import type { CommandResult, RunCommand } from "../../src/node/port-owner-command.ts";

const said = (output: string, code = 0): CommandResult => ({ code, output, complaint: code === 0 ? "" : "FEHLER" });
const lines = (...text: string[]): string => text.map((line) => `${line}\r\n`).join("");

// As reg.exe writes it: four blanks before name, type and data; the unnamed value's name in the system's language.
const key = "HKEY_LOCAL_MACHINE\\Software\\Policies\\DeskPair";
const machine = lines(
  "",
  key,
  "    (Standard)    REG_SZ    not ours",
  "    AgentTrust    REG_SZ    verify",
  "    AgentPort    REG_DWORD    0x24c2",
  "    SimulatorAllowed    REG_DWORD    0x0",
  "    HelpText    REG_SZ    Call the desk:    555 0100",
  "    RelyingPartiesAllowed    REG_MULTI_SZ    login.example.com\\0sso.example.com",
  "    SignInModesAllowed    REG_MULTI_SZ    ",
  "    IdleMinutes    REG_QWORD    0x5",
  "    LogDirectory    REG_EXPAND_SZ    %ProgramData%\\DeskPair",
  "",
  `${key}\\AgentPublishers`,
  "    1    REG_SZ    Ping Identity Corporation",
  "    10    REG_SZ    Ten Ltd",
  "    2    REG_SZ    Two Ltd",
  "",
  `${key}\\ProxyBypass`,
  "",
);

type Answers = Readonly<Record<string, CommandResult | null>>;
function windows(answers: Answers) {
  const calls: { file: string; args: readonly string[]; environment: Readonly<Record<string, string>> }[] = [];
  const run: RunCommand = async (file, args, environment) => {
    calls.push({ file, args, environment });
    return answers[args[1] ?? ""] ?? null;
  };
  const environment = { SystemRoot: "C:\\Windows", SECRET: "x" };
  return { source: createWindowsPolicy({ environment, run, load: () => null }), calls };
}

const machineKey = "HKLM\\Software\\Policies\\DeskPair";
const userKey = "HKCU\\Software\\Policies\\DeskPair";
const without = (hive: string): CommandResult =>
  said(lines("", `${hive}\\Software\\Policies\\Microsoft`, `${hive}\\Software\\Policies\\DeskPairOther`));
const none: Answers = {
  [machineKey]: said("", 1),
  [userKey]: said("", 1),
  "HKLM\\Software\\Policies": without("HKEY_LOCAL_MACHINE"),
  "HKCU\\Software\\Policies": without("HKEY_CURRENT_USER"),
};

describe("what the registry says", () => {
  test("values, lists in the order of their numbers, and nothing of a list that is left empty", async () => {
    const { source, calls } = windows({ ...none, [machineKey]: said(machine) });
    const { machine: reading } = await source.read();
    expect(reading).toMatchObject({ state: "read", form: "registry", place: machineKey });
    const values = reading.state === "read" ? reading.entries.map(({ name, value }) => [name, value]) : [];
    expect(values).toEqual([
      ["AgentTrust", "verify"],
      ["AgentPort", 9410],
      ["SimulatorAllowed", 0],
      ["HelpText", "Call the desk:    555 0100"],
      ["RelyingPartiesAllowed", ["login.example.com", "sso.example.com"]],
      ["SignInModesAllowed", []],
      ["IdleMinutes", { type: "REG_QWORD" }],
      ["LogDirectory", { type: "REG_EXPAND_SZ" }],
      ["AgentPublishers", ["Ping Identity Corporation", "Two Ltd", "Ten Ltd"]],
    ]);
    expect(calls.find(({ args }) => args[1] === machineKey)).toEqual({
      file: "C:\\Windows\\System32\\reg.exe",
      args: ["query", machineKey, "/s", "/reg:64"],
      environment: { SystemRoot: "C:\\Windows", PATH: "C:\\Windows\\System32" },
    });
  });

  test("the key in other letters is the same key", async () => {
    const output = lines("", "HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\deskpair", "    Region    REG_SZ    EU");
    const { machine: reading } = await windows({ ...none, [machineKey]: said(output) }).source.read();
    expect(reading).toMatchObject({ state: "read", entries: [{ name: "Region", value: "EU" }] });
  });

  test("a key that is not there is absent, whatever the language", async () => {
    expect(await windows(none).source.read()).toEqual({
      machine: { state: "absent", place: machineKey },
      user: { state: "absent", place: userKey },
    });
  });

  test("absent, too, where the user has no policies at all", async () => {
    const software = said(lines("", "HKEY_CURRENT_USER\\Software\\Microsoft"));
    const answers = { ...none, "HKCU\\Software\\Policies": said("", 1), "HKCU\\Software": software };
    expect((await windows(answers).source.read()).user.state).toBe("absent");
  });

  test("a key with nothing in it is absent", async () => {
    const { source } = windows({ ...none, [machineKey]: said(lines("", key)) });
    expect((await source.read()).machine.state).toBe("absent");
  });
});

describe("what cannot be read is not the same as nothing", () => {
  const listed = said(lines("", "HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\DeskPair"));
  test.each<[string, Answers, RegExp]>([
    ["a key that is there and refused", { ...none, "HKLM\\Software\\Policies": listed }, /may not read/],
    ["registry tools that are forbidden", { ...none, "HKLM\\Software\\Policies": said("", 1) }, /may not read/],
    ["no reg.exe", {}, /could not be run/],
    ["half a letter", { ...none, [machineKey]: said(lines(key, "    HelpText    REG_SZ    Gr\uFFFDn")) }, /code page/],
    [
      "a line break that could forge a value",
      { ...none, [machineKey]: said(lines(key, "    HelpText    REG_SZ    a", "b")) },
      /more than one line/,
    ],
    [
      "an answer for another key",
      { ...none, [machineKey]: said(lines(`${key}Other`, "    AgentTrust    REG_SZ    off")) },
      /another key/,
    ],
    [
      "keys below a list",
      { ...none, [machineKey]: said(lines(`${key}\\AgentPublishers\\x`, "    1    REG_SZ    a")) },
      /keys below AgentPublishers/,
    ],
  ])("%s", async (_, answers, problem) => {
    expect((await windows(answers).source.read()).machine).toMatchObject({
      state: "unreadable",
      problem: expect.stringMatching(problem),
    });
  });
});

test("the stamp changes with what the registry says, and with whether it says anything", async () => {
  const stamps = await Promise.all(
    [none, { ...none, [machineKey]: said(machine) }, {}].map((answers) => windows(answers).source.stamp()),
  );
  expect(new Set(stamps).size).toBe(3);
  expect(await windows(none).source.stamp()).toBe(stamps[0]);
});
