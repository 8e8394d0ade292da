import { describe, expect, test } from "vitest";
import { appErrorSchema } from "../../../src/contract/errors.ts";
import { type Doubt, judgeAgent, notTrusted, type TrustRules } from "../../../src/core/agent/trust.ts";
import { pingIdentity } from "../../../src/core/agent/trust-settings.ts";
import type { FileRights, Listening, ListeningProcess } from "../../../src/core/ports.ts";
import { agentProcess, asking, listening, mallory, me, surveyOf } from "../../fakes/port-owners.ts";

const linux: TrustRules = { publishers: pingIdentity, platform: "linux", simulated: false };
const windows: TrustRules = { ...linux, platform: "win32" };
const macos: TrustRules = { ...linux, platform: "darwin" };
const root = { id: 0, name: "root" } as const;

const doubt = (rules: TrustRules, ...sockets: readonly Listening[]): Doubt | null => {
  const judged = judgeAgent(surveyOf(...sockets), rules);
  if (judged.verdict === "nobody") throw new Error("Nobody was found.");
  return judged.verdict === "trusted" ? null : judged.doubt;
};
const about = (rules: TrustRules, more: Partial<ListeningProcess>) =>
  doubt(rules, listening({ processes: [agentProcess(more)] }))?.problem ?? null;

describe("on Windows and macOS the publisher decides", () => {
  test.each([
    [windows, { publisher: "Ping Identity Corporation" }, null],
    [windows, { publisher: "Ping Identity" }, "it is signed by Ping Identity, which is not allowed"],
    [
      windows,
      { publisher: "ping identity corporation" },
      "it is signed by ping identity corporation, which is not allowed",
    ],
    [macos, { publisher: "6U3RF4C84N" }, null],
    [macos, { publisher: "ABCDE12345" }, "it is signed by ABCDE12345, which is not allowed"],
    [windows, "unsigned", "it is not signed"],
    [macos, "invalid", "its signature is not valid"],
    [windows, "unknown", "who signed it could not be found out"],
  ] as const)("%#", (rules, signature, expected) => {
    expect(about(rules, { signature })).toBe(expected);
  });

  test("an administrator's list is the list: Ping Identity is not on it by itself", () => {
    const own = { ...windows, publishers: ["Example GmbH"] };
    expect(about(own, { signature: { publisher: "Example GmbH" } })).toBeNull();
    expect(about(own, {})).toContain("not allowed");
  });

  test("a program that this user may not see", () => {
    expect(about(windows, { signature: "unknown", path: null })).toBe("this user may not see which program it is");
  });

  test("Docker Desktop and WSL say what they are", () => {
    for (const path of ["C:\\Program Files\\Docker\\com.docker.backend.exe", "/Applications/x/com.docker.backend"]) {
      expect(about(windows, { path, signature: "unsigned" })).toBe("it passes the port on to a container");
    }
  });
});

describe("on Linux the owner decides, and who may change the file", () => {
  const file = (path: string, ownerId: number, groupId: number, mode: number): FileRights => ({
    path,
    ownerId,
    groupId,
    mode,
  });
  const program = file("/home/ada/bin/agent", 1000, 1000, 0o100755);
  const home = file("/home/ada/bin", 1000, 1000, 0o040755);
  const top = file("/", 0, 0, 0o040755);
  const chain = (...entries: readonly FileRights[]): Partial<ListeningProcess> => ({
    file: { state: "on-disk", chain: entries },
  });

  test.each<readonly [string, Partial<ListeningProcess>, string | null]>([
    ["root's file", {}, null],
    ["one's own file", chain(program, home, top), null],
    ["root runs it", { accounts: [root] }, null],
    ["another user runs it", { accounts: [mallory] }, "it is run by another user"],
    ["it acts for us, but another user started it", { accounts: [me, mallory] }, "it is run by another user"],
    ["nobody knows who runs it", { accounts: [] }, "this computer does not tell who runs it"],
    ["others may write", chain({ ...program, mode: 0o100757 }, home, top), "others may change /home/ada/bin/agent"],
    [
      "a group may write",
      chain({ ...program, groupId: 50, mode: 0o100775 }, home),
      "others may change /home/ada/bin/agent",
    ],
    ["the own private group may write", chain({ ...program, mode: 0o100775 }, { ...home, mode: 0o040775 }, top), null],
    ["another user owns the file", chain({ ...program, ownerId: 1001 }), "others may change /home/ada/bin/agent"],
    ["others may write to its folder", chain(program, { ...home, mode: 0o040777 }), "others may change /home/ada/bin"],
    ["the folder is shared as /tmp is", chain(program, { ...home, ownerId: 0, mode: 0o041777 }, top), null],
    [
      "another user's folder",
      chain(program, { ...home, ownerId: 1001, mode: 0o041777 }),
      "others may change /home/ada/bin",
    ],
    [
      "a sticky bit on a file means nothing",
      chain({ ...program, mode: 0o101757 }),
      "others may change /home/ada/bin/agent",
    ],
    ["the file is gone", { file: { state: "gone" } }, "its file was removed or replaced after it started"],
    ["a container", { file: { state: "elsewhere" } }, "it runs in a container or a sandbox, with files of its own"],
    ["a file that is not told", { file: { state: "not-told" } }, "this user may not see which program it is"],
    ["docker-proxy", { path: "/usr/bin/docker-proxy", accounts: [root] }, "it passes the port on to a container"],
  ])("%s", (_case, more, expected) => {
    expect(about(linux, more)).toBe(expected);
  });

  test("a signature changes nothing", () => {
    expect(about(linux, { signature: { publisher: "Ping Identity Corporation" }, accounts: [mallory] })).not.toBeNull();
  });

  test("what the socket table alone tells", () => {
    const unseen = (account: Listening["account"]) =>
      doubt(linux, listening({ processes: [], account, complete: false }));
    expect(unseen(mallory)).toEqual({ program: null, account: mallory, problem: "it is run by another user" });
    // Root may have handed the socket to a worker of any account.
    expect(unseen(root)).toMatchObject({ account: root, problem: "this user may not see which program it is" });
    expect(unseen(null)).not.toBeNull();
    // A process of ours holds a socket that is not ours, or not ours alone.
    expect(doubt(linux, listening({ account: mallory }))).toMatchObject({ problem: "it is run by another user" });
    expect(doubt(linux, listening({ account: root, complete: false }))).toMatchObject({
      problem: "it may share the port with others",
    });
  });
});

describe("everybody who could get the connection is judged", () => {
  const bad = agentProcess({ id: 6666, path: "/tmp/x", signature: "unsigned", accounts: [mallory] });

  test.each([windows, linux])("one of two processes that share a socket, on $platform", (rules) => {
    expect(doubt(rules, listening({ processes: [agentProcess(), bad] }))).toMatchObject({ program: { id: 6666 } });
  });

  test.each(["127.0.0.1", "0.0.0.0", "::", "::ffff:127.0.0.1", "::ffff:0.0.0.0"])(
    "a second socket on %s",
    (address) => {
      const judged = judgeAgent(surveyOf(listening(), listening({ address, processes: [bad] })), windows);
      expect(judged).toMatchObject({ verdict: "doubtful", address: "127.0.0.1", doubt: { program: { id: 6666 } } });
    },
  );

  test("IPv4 and IPv6 of different programs: the one that is trusted, whichever it is, and at its address alone", () => {
    const ours = listening();
    expect(judgeAgent(surveyOf(listening({ address: "::1", processes: [bad] }), ours), windows)).toEqual({
      verdict: "trusted",
      address: "127.0.0.1",
      receivers: [ours],
    });
    const six = listening({ address: "::1" });
    expect(judgeAgent(surveyOf(listening({ processes: [bad] }), six), windows)).toEqual({
      verdict: "trusted",
      address: "::1",
      receivers: [six],
    });
  });

  test("two strangers: the first is named", () => {
    const other = agentProcess({ id: 7777, signature: "invalid" });
    const sockets = [listening({ processes: [bad] }), listening({ address: "::1", processes: [other] })];
    expect(doubt(windows, ...sockets)).toMatchObject({ program: { id: 6666 } });
  });

  test("whoever listens for the network only gets nothing, and nobody is nobody", () => {
    const lan = listening({ address: "192.168.1.20" });
    expect(judgeAgent(surveyOf(lan), windows)).toEqual({ verdict: "nobody" });
    expect(judgeAgent(surveyOf(), windows)).toEqual({ verdict: "nobody" });
  });
});

test("with the simulator it is this process and no other, signed or not", () => {
  const rules = { ...windows, simulated: true };
  expect(about(rules, { id: asking.processId, signature: "unsigned" })).toBeNull();
  expect(about(rules, {})).toBe("only DeskPair's own simulator may answer now");
});

test("the failure names program and account, and nothing in them can act on a terminal", () => {
  const program = agentProcess({ path: `/tmp/\u001b[2Jx\n${"y".repeat(5_000)}` });
  const error = notTrusted(9410, { program, account: { id: 1001, name: null }, problem: "it is not signed" });
  expect(error).toMatchObject({
    code: "agent-not-trusted",
    port: 9410,
    account: "user 1001",
    problem: "it is not signed",
  });
  expect(error).toHaveProperty("program", expect.stringMatching(/^\/tmp\/\?\[2Jx\?y+$/));
  expect(appErrorSchema.safeParse(error).success).toBe(true);
});
