import { describe, expect, test } from "vitest";
import { judgeAgent } from "../../src/core/agent/trust.ts";
import { pingIdentity } from "../../src/core/agent/trust-settings.ts";
import type { CommandResult, RunCommand } from "../../src/node/port-owner-command.ts";
import {
  organisationIn,
  readAuthenticode,
  readWindowsAnswer,
  surveyWindows,
} from "../../src/node/port-owner-windows.ts";

const ping = 'CN="Ping Identity Corporation", O="Ping Identity Corporation", L=Denver, S=Colorado, C=US';
const started = "638990071234560000";
const agentPath = "C:\\Program Files\\Ping Identity\\PingID\\PingID.exe";
const signed = {
  id: 8124,
  path: agentPath,
  started,
  account: "DESK-7\\ada",
  status: "Valid",
  subject: ping,
};
/** In the shape that ConvertTo-Json -Compress of Windows PowerShell 5.1 gives. */
const written = (sockets: unknown, processes: unknown): string => `${JSON.stringify({ processes, sockets })}\r\n`;
const oneSocket = [{ address: "127.0.0.1", id: 8124 }];

/** A PowerShell that answers these one after the other; the last one again and again. */
function powerShell(...results: readonly (CommandResult | null | string)[]) {
  const calls: { file: string; args: readonly string[]; environment: Readonly<Record<string, string>> }[] = [];
  const run: RunCommand = async (file, args, environment) => {
    const result = results[Math.min(calls.length, results.length - 1)] ?? null;
    calls.push({ file, args, environment });
    return typeof result === "string" ? { code: 0, output: result, complaint: "" } : result;
  };
  return { run, calls };
}
const environment = { SystemRoot: "C:\\Windows", TEMP: "C:\\T", PSModulePath: "C:\\evil", DESKPAIR_SECRET: "planted" };

describe("the survey", () => {
  test("names process, path, account and publisher", async () => {
    const { run } = powerShell(written(oneSocket, [signed]));
    const survey = await surveyWindows(environment, run)(9410);
    expect(survey).toEqual({
      told: true,
      asking: { processId: process.pid, userId: null },
      listening: [
        {
          address: "127.0.0.1",
          socketId: null,
          account: null,
          complete: true,
          processes: [
            {
              id: 8124,
              started,
              path: agentPath,
              accounts: [{ id: null, name: "DESK-7\\ada" }],
              file: { state: "not-told" },
              signature: { publisher: "Ping Identity Corporation" },
            },
          ],
        },
      ],
    });
    if (!survey.told) throw new Error("Not told.");
    const judged = judgeAgent(survey, { publishers: pingIdentity, platform: "win32", simulated: false });
    expect(judged.verdict).toBe("trusted");
  });

  test("runs the system's PowerShell, by its whole path, without a shell, a profile or a secret", async () => {
    const { run, calls } = powerShell(written(oneSocket, [signed]));
    await surveyWindows(environment, run)(9410);
    const [call] = calls;
    expect(call?.file).toBe("C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe");
    expect(call?.args.slice(0, 4)).toEqual(["-NoLogo", "-NoProfile", "-NonInteractive", "-Command"]);
    // One argument between double quotes: a quote inside would end it.
    expect(call?.args[4]).not.toContain('"');
    expect(call?.args[4]).toContain("-LocalPort 9410 ");
    expect(call?.environment).toEqual({
      SystemRoot: "C:\\Windows",
      windir: "C:\\Windows",
      TEMP: "C:\\T",
      PSModulePath: "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\Modules",
    });
  });

  test("a signature is looked at once for a process, and again for its successor", async () => {
    const { status: _status, subject: _subject, ...known } = signed;
    const successor = { ...known, started: "638990079999990000" };
    const { run, calls } = powerShell(
      written(oneSocket, [signed]),
      written(oneSocket, [known]),
      written(oneSocket, [successor]),
    );
    const survey = surveyWindows(environment, run);
    const signature = async () => {
      const answer = await survey(9410);
      return answer.told ? answer.listening[0]?.processes[0]?.signature : null;
    };
    expect(await signature()).toEqual({ publisher: "Ping Identity Corporation" });
    expect(calls[0]?.args[4]).toContain("$known = @()");
    expect(await signature()).toEqual({ publisher: "Ping Identity Corporation" });
    expect(calls[1]?.args[4]).toContain(`$known = @('8124:${started}')`);
    expect(await signature()).toBe("unknown");
  });

  test("another user's process, and what Windows itself serves, are known by number only", async () => {
    const sockets = [...oneSocket, { address: "::", id: 4 }];
    const unseen = { id: 8124, path: null, started };
    const { run } = powerShell(written(sockets, [unseen, { ...unseen, id: 4 }]));
    const survey = await surveyWindows(environment, run)(9410);
    expect(survey).toMatchObject({
      listening: [
        { address: "127.0.0.1", processes: [{ id: 8124, path: null, accounts: [], signature: "unknown" }] },
        { address: "::", processes: [{ id: 4, path: "System (http.sys)", signature: "unknown" }] },
      ],
    });
  });

  test.each<readonly [string, CommandResult | null | string]>([
    ["no PowerShell, or one that takes too long", null],
    ["an error", { code: 1, output: "", complaint: "… cannot be loaded because running scripts is disabled" }],
    ["an error in spite of an answer", { code: 1, output: written(oneSocket, [signed]), complaint: "" }],
    ["nothing", ""],
    ["no JSON", "Windows PowerShell\r\nCopyright (C) Microsoft"],
    ["a socket without a process", written([{ address: "127.0.0.1" }], [signed])],
    ["a process without a start", written(oneSocket, [{ id: 8124, path: agentPath, started: "" }])],
  ])("%s: not told", async (_case, result) => {
    expect(await surveyWindows(environment, powerShell(result).run)(9410)).toMatchObject({ told: false });
  });
});

describe("what Windows PowerShell writes", () => {
  test("a list of one, of none, and a wrapped one", () => {
    const one = { address: "127.0.0.1", id: 1 };
    for (const sockets of [one, [one], { value: [one], Count: 1 }]) {
      expect(readWindowsAnswer(written(sockets, null))?.sockets).toEqual([one]);
    }
    for (const none of [[], null, { value: [], Count: 0 }]) {
      expect(readWindowsAnswer(written(none, none))).toEqual({ sockets: [], processes: [] });
    }
  });

  test("a byte order mark in front", () => {
    expect(readWindowsAnswer(`\uFEFF${written(oneSocket, [signed])}`)?.processes).toEqual([signed]);
  });
});

test.each([
  ["Valid", ping, { publisher: "Ping Identity Corporation" }],
  ["Valid", "CN=Somebody", "unknown"],
  ["NotSigned", null, "unsigned"],
  ["HashMismatch", ping, "invalid"],
  ["NotTrusted", ping, "invalid"],
  ["Incompatible", ping, "invalid"],
  ["UnknownError", ping, "unknown"],
  ["NotSupportedFileFormat", null, "unknown"],
  ["valid", ping, "unknown"],
  [null, ping, "unknown"],
] as const)("Authenticode %s of %s", (status, subject, expected) => {
  expect(readAuthenticode(status, subject)).toEqual(expected);
});

test.each([
  [ping, "Ping Identity Corporation"],
  ["CN=Ping Identity Corporation, O=Ping Identity Corporation, C=US", "Ping Identity Corporation"],
  ["OID.2.5.4.15=Private Organization, SERIALNUMBER=42, CN=x, O=Example GmbH, C=DE", "Example GmbH"],
  ['CN=x, O="Example ""Nord"", Inc."', 'Example "Nord", Inc.'],
  ["CN=x + O=Example", "Example"],
  // A name that somebody bought is a name, whatever is in it.
  ['CN="x, O=Ping Identity Corporation", O=Mallory Ltd', "Mallory Ltd"],
  ['CN="x"", O=Ping Identity Corporation, C=""", O=Mallory Ltd', "Mallory Ltd"],
  ["OU=Ping Identity Corporation, O=Mallory Ltd", "Mallory Ltd"],
  ['CN="x, O=Ping Identity Corporation"', null],
  ["O=Ping Identity Corporation, O=Mallory Ltd", null],
  ["O=Ping Identity Corporation, rubbish", null],
  ['O="Ping Identity Corporation', null],
  ["CN=x", null],
  ["", null],
])("the organisation in %s", (subject, expected) => {
  expect(organisationIn(subject)).toBe(expected);
});
