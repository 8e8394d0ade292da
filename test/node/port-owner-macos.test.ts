import { describe, expect, test } from "vitest";
import { judgeAgent } from "../../src/core/agent/trust.ts";
import { pingIdentity } from "../../src/core/agent/trust-settings.ts";
import type { CommandResult, RunCommand } from "../../src/node/port-owner-command.ts";
import { readCodesign, readLsof, readPs, surveyMacos } from "../../src/node/port-owner-macos.ts";

// As lsof(8), ps(1) and codesign(1) write it.
const lsofOutput = "p8124\nf23\ntIPv4\nn127.0.0.1:9410\nf24\ntIPv6\nn[::1]:9410\n";
const psOutput =
  " 8124   501 ada              Mon Nov 17 09:12:44 2025     /Applications/PingID Desktop.app/Contents/MacOS/PingID Desktop\n";
const signed = `Executable=/Applications/PingID Desktop.app/Contents/MacOS/PingID Desktop
Identifier=com.pingidentity.pingid.desktop
Format=app bundle with Mach-O universal (x86_64 arm64)
CodeDirectory v=20500 size=1779 flags=0x10000(runtime) hashes=45+7 location=embedded
VersionPlatform=1
VersionMin=720896
Hash type=sha256 size=32
CandidateCDHash sha256=533c83f3ab50c68c8b3922c91d6e610433612bbf
Hash choices=sha256
CDHash=533c83f3ab50c68c8b3922c91d6e610433612bbf
Signature size=9047
Authority=Developer ID Application: Ping Identity Corporation (6U3RF4C84N)
Authority=Developer ID Certification Authority
Authority=Apple Root CA
Timestamp=3 Nov 2025 at 18:01:22
Info.plist entries=30
TeamIdentifier=6U3RF4C84N
Runtime Version=15.0.0
Sealed Resources version=2 rules=13 files=210
Internal requirements count=1 size=192
`;
const adHoc = `Executable=/Users/ada/agent
Identifier=agent
Format=Mach-O thin (arm64)
CodeDirectory v=20400 size=512 flags=0x20002(adhoc,linker-signed) hashes=13+0 location=embedded
Signature=adhoc
Info.plist=not bound
TeamIdentifier=not set
Sealed Resources=none
Internal requirements=none
`;

type Answers = Partial<Record<"lsof" | "ps" | "show" | "verify", CommandResult | null>>;
const said = (output: string, complaint = "", code = 0): CommandResult => ({ code, output, complaint });
const healthy: Answers = { lsof: said(lsofOutput), ps: said(psOutput), show: said("", signed), verify: said("") };

function mac(answers: Answers) {
  const calls: { file: string; args: readonly string[]; environment: Readonly<Record<string, string>> }[] = [];
  const run: RunCommand = async (file, args, environment) => {
    calls.push({ file, args, environment });
    if (file === "/usr/sbin/lsof") return answers.lsof ?? null;
    if (file === "/bin/ps") return answers.ps ?? null;
    return (args[0] === "--verify" ? answers.verify : answers.show) ?? null;
  };
  return { survey: surveyMacos(run), calls };
}
const signature = async (answers: Answers) => {
  const survey = await mac({ ...healthy, ...answers }).survey(9410);
  return survey.told ? survey.listening[0]?.processes[0]?.signature : survey;
};

describe("the survey", () => {
  test("names process, path, account and team, on each address", async () => {
    const survey = await mac(healthy).survey(9410);
    const process_ = {
      id: 8124,
      started: "Mon Nov 17 09:12:44 2025",
      path: "/Applications/PingID Desktop.app/Contents/MacOS/PingID Desktop",
      accounts: [{ id: 501, name: "ada" }],
      file: { state: "not-told" },
      signature: { publisher: "6U3RF4C84N" },
    };
    const socket = { socketId: null, account: null, complete: true, processes: [process_] };
    expect(survey).toMatchObject({
      told: true,
      listening: [
        { ...socket, address: "127.0.0.1" },
        { ...socket, address: "::1" },
      ],
    });
    if (!survey.told) throw new Error("Not told.");
    const judged = judgeAgent(survey, { publishers: pingIdentity, platform: "darwin", simulated: false });
    expect(judged.verdict).toBe("trusted");
  });

  test("asks for the very team that the signature names, from Apple's root, of the process that runs", async () => {
    const { survey, calls } = mac(healthy);
    await survey(9410);
    expect(calls.map(({ file, args }) => [file, ...args])).toEqual([
      ["/usr/sbin/lsof", "-nP", "-w", "-iTCP:9410", "-sTCP:LISTEN", "-Fpftn"],
      ["/bin/ps", "-ww", "-o", "pid=,uid=,user=,lstart=,comm=", "-p", "8124"],
      ["/usr/bin/codesign", "-dv", "--verbose=4", "8124"],
      [
        "/usr/bin/codesign",
        "--verify",
        "-R",
        '=anchor apple generic and certificate leaf[subject.OU] = "6U3RF4C84N"',
        "8124",
      ],
    ]);
    for (const { environment } of calls) {
      expect(environment).toEqual({ PATH: "/usr/bin:/bin:/usr/sbin:/sbin", LC_ALL: "C" });
    }
    await survey(9410);
    // The same process is not verified again.
    expect(calls.filter(({ file }) => file === "/usr/bin/codesign")).toHaveLength(2);
  });

  test.each<readonly [string, Answers, unknown]>([
    ["not signed at all", { show: said("", "8124: code object is not signed at all\n", 1) }, "unsigned"],
    ["signed by the machine itself", { show: said("", adHoc) }, "unsigned"],
    ["a team that was only claimed", { verify: said("", "8124: invalid signature", 1) }, "invalid"],
    [
      "a certificate of their own making",
      { verify: said("", "test-requirement: code failed to satisfy", 3) },
      "invalid",
    ],
    ["a requirement in the place of a team", { show: said("", 'TeamIdentifier=X" or "1" = "1\n') }, "unsigned"],
    ["codesign does not answer", { show: null }, "unknown"],
    ["codesign does not verify in time", { verify: null }, "unknown"],
    ["the process is gone", { show: said("", "8124: No such process\n", 1) }, "unknown"],
    ["lsof does not answer", { lsof: null }, { told: false, problem: "lsof did not answer" }],
    ["lsof fails", { lsof: said("", "lsof: illegal option", 1) }, { told: false, problem: "lsof failed" }],
    ["ps does not answer", { ps: null }, { told: false, problem: "ps did not answer" }],
  ])("%s", async (_case, answers, expected) => {
    expect(await signature(answers)).toEqual(expected);
  });

  test("nothing to list is nobody", async () => {
    expect(await mac({ lsof: said("", "", 1) }).survey(9410)).toMatchObject({ told: true, listening: [] });
  });

  test("a process that ended meanwhile leaves a socket without one", async () => {
    expect(await mac({ ...healthy, ps: said("", "", 1) }).survey(9410)).toMatchObject({
      listening: [{ processes: [] }, { processes: [] }],
    });
  });
});

test("lsof: several processes, an inherited socket, every address of a kind", () => {
  const output = "p8124\nf23\ntIPv4\nn*:9410\nf24\ntIPv6\nn*:9410\np8125\nf23\ntIPv4\nn*:9410\n";
  expect(readLsof(output)).toEqual([
    { processId: 8124, address: "0.0.0.0" },
    { processId: 8124, address: "::" },
    { processId: 8125, address: "0.0.0.0" },
  ]);
  expect(readLsof("")).toEqual([]);
});

test("ps: one process a line, a day of one digit, a path with blanks", () => {
  expect(readPs("    1     0 root             Sat Nov  1 00:00:01 2025     /sbin/launchd\nrubbish\n")).toEqual([
    { id: 1, started: "Sat Nov  1 00:00:01 2025", path: "/sbin/launchd", accounts: [{ id: 0, name: "root" }] },
  ]);
  expect(readPs(psOutput)[0]?.path).toBe("/Applications/PingID Desktop.app/Contents/MacOS/PingID Desktop");
});

test("codesign: the fields, and no team where there is none", () => {
  expect(readCodesign(signed).team).toBe("6U3RF4C84N");
  expect(readCodesign(adHoc)).toEqual({ path: "/Users/ada/agent", team: null });
  expect(readCodesign("")).toEqual({ path: null, team: null });
});
