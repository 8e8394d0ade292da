import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { PolicyReading } from "../../src/core/policy/ports.ts";
import { createLinuxPolicy } from "../../src/node/policy-linux.ts";

const ownerId = process.getuid?.() ?? 0;
const stranger = 65_534;
let base = "";
let folder = "";
let main = "";
let more = "";

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "deskpair-policy-"));
  folder = join(base, "deskpair");
  main = join(folder, "policies.json");
  more = join(folder, "policies.d");
  mkdirSync(more, { recursive: true });
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const read = async (owner = ownerId): Promise<PolicyReading> =>
  (await createLinuxPolicy({ folder, ownerId: owner }).read()).machine;
const put = (path: string, content: unknown, mode = 0o644): void => {
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  chmodSync(path, mode);
};
const unreadable = (place: string, problem: string | RegExp) => ({
  state: "unreadable",
  place,
  problem: typeof problem === "string" ? problem : expect.stringMatching(problem),
});

describe("what is set", () => {
  test("the file, and then those of the folder by their names, each value with its file", async () => {
    put(main, { AgentPort: 9410, Region: "EU" });
    put(join(more, "20-port.json"), { AgentPort: 9500 });
    put(join(more, "10-port.json"), '\uFEFF{ "AgentPort": 9499 }');
    for (const name of ["30.json.dpkg-old", "40.json~", ".50.json", "README"]) put(join(more, name), "not policy");
    expect(await read()).toEqual({
      state: "read",
      place: folder,
      form: "typed",
      entries: [
        { name: "AgentPort", value: 9410, place: main },
        { name: "Region", value: "EU", place: main },
        { name: "AgentPort", value: 9499, place: join(more, "10-port.json") },
        { name: "AgentPort", value: 9500, place: join(more, "20-port.json") },
      ],
    });
  });

  test("the folder alone is enough, and so is the file alone", async () => {
    put(join(more, "a.json"), { Region: "EU" });
    expect(await read()).toMatchObject({ state: "read", entries: [{ name: "Region" }] });
    rmSync(more, { recursive: true });
    expect(await read()).toMatchObject({ state: "absent" });
    put(main, {});
    expect(await read()).toMatchObject({ state: "read", entries: [] });
  });

  test("nothing there is absent, and users have none", async () => {
    expect(await read()).toEqual({ state: "absent", place: folder });
    rmSync(folder, { recursive: true });
    expect(await read()).toEqual({ state: "absent", place: folder });
    expect((await createLinuxPolicy({ folder, ownerId }).read()).user.state).toBe("absent");
  });

  test("wrong types, unknown names and a name that objects have come through as they are", async () => {
    put(main, '{ "AgentPort": "9410", "Future2": { "a": [1] }, "__proto__": 1, "Region": null }');
    const reading = await read();
    expect(reading.state === "read" && reading.entries.map(({ name, value }) => [name, value])).toEqual([
      ["AgentPort", "9410"],
      ["Future2", { a: [1] }],
      ["__proto__", 1],
      ["Region", null],
    ]);
  });
});

describe("what is not trusted", () => {
  test("a file of a user", async () => {
    put(main, { AgentTrust: "off" });
    if (ownerId === 0) chownSync(main, stranger, stranger);
    const owner = ownerId === 0 ? 0 : stranger;
    // Not root: everything is ours, and the owner that is expected is another.
    expect(await read(owner)).toMatchObject({
      state: "unreadable",
      problem: expect.stringMatching(/^it belongs to user/),
    });
  });

  test.each([0o666, 0o664, 0o646, 0o777])("a file of mode %o", async (mode) => {
    put(main, { AgentTrust: "off" }, mode);
    expect(await read()).toEqual(unreadable(main, "others than its owner may write to it"));
  });

  test.each(["folder", "policies.d"])("the %s when others may write to it", async (which) => {
    put(main, { AgentTrust: "off" });
    const path = which === "folder" ? folder : more;
    chmodSync(path, 0o777);
    expect(await read()).toEqual(unreadable(path, "others than its owner may write to it"));
  });

  test("a link, to a file that would do", async () => {
    put(join(base, "real.json"), { AgentTrust: "off" });
    symlinkSync(join(base, "real.json"), main);
    expect(await read()).toEqual(unreadable(main, "it is a link"));
  });

  test("a link to nothing, which is not the same as nothing", async () => {
    symlinkSync(join(base, "gone.json"), main);
    expect(await read()).toEqual(unreadable(main, "it is a link"));
  });

  test("a folder that is a link", async () => {
    rmSync(more, { recursive: true });
    mkdirSync(join(base, "elsewhere"));
    symlinkSync(join(base, "elsewhere"), more);
    expect(await read()).toEqual(unreadable(more, "it is a link"));
  });

  test("50 MB", async () => {
    put(main, "{}");
    truncateSync(main, 50_000_000);
    expect(await read()).toEqual(unreadable(main, "it is larger than 1 MB"));
  });

  test("a FIFO, without waiting for anybody to write to it", async () => {
    execFileSync("mkfifo", ["-m", "644", main]);
    expect(await read()).toEqual(unreadable(main, "it is not a regular file"));
  });

  test("a folder in the place of a file, and a file in the place of a folder", async () => {
    mkdirSync(main);
    expect(await read()).toEqual(unreadable(main, "it is not a regular file"));
    rmSync(main, { recursive: true });
    rmSync(more, { recursive: true });
    put(more, "{}");
    expect(await read()).toEqual(unreadable(more, "it is not a folder"));
  });

  test.each([
    ["", "it is not JSON"],
    ["AgentTrust=off", "it is not JSON"],
    ['{ "AgentTrust": "off", }', "it is not JSON"],
    ["[]", "it is not a JSON object"],
    ["null", "it is not a JSON object"],
    ['"off"', "it is not a JSON object"],
  ])("a file with %j", async (content, problem) => {
    put(main, content);
    expect(await read()).toEqual(unreadable(main, problem));
  });

  test("another encoding", async () => {
    writeFileSync(main, Buffer.from('{ "HelpText": "Grüße" }', "latin1"), { mode: 0o644 });
    expect(await read()).toEqual(unreadable(main, "it is not UTF-8"));
  });

  test("one such file makes all of it void: it may be the one that forbids", async () => {
    put(main, { AgentTrust: "verify" });
    put(join(more, "90.json"), "oops");
    expect(await read()).toEqual(unreadable(join(more, "90.json"), "it is not JSON"));
  });

  test("a folder or a file that we may not read is not the same as none", async () => {
    put(main, { AgentTrust: "verify" }, 0o600);
    chmodSync(base, 0o755);
    const asStranger = async (): Promise<PolicyReading> => {
      if (ownerId !== 0) {
        chmodSync(main, 0);
        return read();
      }
      process.seteuid?.(stranger);
      try {
        return await read();
      } finally {
        process.seteuid?.(0);
      }
    };
    expect(await asStranger()).toEqual(unreadable(main, "this user may not read it"));
    chmodSync(folder, 0o700);
    if (ownerId !== 0) chmodSync(folder, 0);
    expect(await asStranger().finally(() => chmodSync(folder, 0o755))).toMatchObject({
      state: "unreadable",
      problem: "this user may not read it",
    });
  });
});

describe("the stamp", () => {
  const stamp = (): Promise<string> => createLinuxPolicy({ folder, ownerId }).stamp();

  test("stays while nothing changes", async () => {
    put(main, {});
    expect(await stamp()).toBe(await stamp());
  });

  test.each<[string, () => void]>([
    ["other content", () => put(main, { Region: "EU" })],
    ["a new file", () => put(join(more, "10.json"), {})],
    ["no file", () => rmSync(main)],
    ["other rights", () => chmodSync(main, 0o600)],
    ["other rights of the folder", () => chmodSync(more, 0o700)],
    ["no folder at all", () => rmSync(folder, { recursive: true })],
  ])("changes with %s", async (_, change) => {
    put(main, {});
    const before = await stamp();
    change();
    expect(await stamp()).not.toBe(before);
  });
});
