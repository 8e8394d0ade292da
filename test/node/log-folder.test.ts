import { execFile, spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import { createLog } from "../../src/node/log.ts";
import { type LogFolder, writeToFolder } from "../../src/node/log-folder.ts";

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "deskpair-logs-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const noon = (day: string): number => Date.parse(`${day}T12:00:00Z`);
const today = "2026-11-22";

/** A log with a clock that the test turns. */
function logIn(folder: string, more: Partial<LogFolder> = {}) {
  const problems: string[] = [];
  const clock = { now: noon(today) };
  const log = createLog({
    write: writeToFolder({ folder, shared: false, program: "app", keepDays: 30, ...more }),
    level: () => "debug",
    now: () => clock.now,
    onFailure: (problem) => problems.push(problem),
  });
  return { log, problems, clock };
}

const eventsIn = (folder: string, name: string): string[] =>
  readFileSync(join(folder, name), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => (JSON.parse(line) as { event: string }).event);
const full = `${"x".repeat(1_999_999)}\n`;
const user = userInfo().username;
const isRoot = process.getuid?.() === 0;
const onUnix = process.platform !== "win32";
const nobody = 65_534;
if (!isRoot) console.warn("Not run: what lies in a shared folder under another owner. Only root can put it there.");

describe("rotation", () => {
  test("one file a day, for its owner only, in a folder that is made", () => {
    const folder = join(temporaryFolder(), "state", "logs");
    const { log, clock, problems } = logIn(folder);
    log("info", "first.day");
    clock.now = Date.parse(`${today}T23:59:59.999Z`);
    log("info", "last.moment");
    clock.now += 1;
    log("info", "next.day");
    expect(readdirSync(folder).toSorted()).toEqual(["deskpair-app-2026-11-22.log", "deskpair-app-2026-11-23.log"]);
    expect(eventsIn(folder, "deskpair-app-2026-11-22.log")).toEqual(["first.day", "last.moment"]);
    expect(eventsIn(folder, "deskpair-app-2026-11-23.log")).toEqual(["next.day"]);
    expect(statSync(join(folder, "deskpair-app-2026-11-23.log")).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(problems).toEqual([]);
  });

  test("another file when two megabytes are full; a program that starts later goes on in the last one", () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, `deskpair-app-${today}.log`), full);
    logIn(folder).log("info", "one");
    logIn(folder).log("info", "two");
    logIn(folder, { program: "cli" }).log("info", "three");
    expect(eventsIn(folder, `deskpair-app-${today}.1.log`)).toEqual(["one", "two"]);
    expect(eventsIn(folder, `deskpair-cli-${today}.log`)).toEqual(["three"]);
    expect(readFileSync(join(folder, `deskpair-app-${today}.log`), "utf8")).toBe(full);
  });

  test("goes on in a new file when somebody takes the current one away", () => {
    const folder = temporaryFolder();
    const { log } = logIn(folder);
    log("info", "one");
    rmSync(join(folder, `deskpair-app-${today}.log`));
    log("info", "two");
    expect(eventsIn(folder, `deskpair-app-${today}.log`)).toEqual(["two"]);
  });

  test("no file, however many, holds a planted secret", () => {
    const folder = temporaryFolder();
    const { log } = logIn(folder);
    const filler = "y".repeat(400_000);
    for (let index = 0; index < 12; index += 1) {
      log("debug", "careless", {
        filler,
        accessToken: "planted-in-a-field",
        body: '{"client_secret":"planted-in-json"} Bearer planted-in-a-header eyJwbGFudGVk.cGxhbnRlZA.sig',
      });
    }
    const files = readdirSync(folder);
    expect(files.length).toBeGreaterThan(2);
    for (const name of files) expect(readFileSync(join(folder, name), "utf8")).not.toMatch(/planted|cGxhbnRlZA/);
  });

  test("two processes that write at the same time lose nothing and break no line", async () => {
    const folder = temporaryFolder();
    const program = `
      const { createLog } = await import(${JSON.stringify(join(import.meta.dirname, "../../src/node/log.ts"))});
      const { writeToFolder } = await import(${JSON.stringify(join(import.meta.dirname, "../../src/node/log-folder.ts"))});
      const write = writeToFolder({ folder: ${JSON.stringify(folder)}, shared: true, program: "cli", keepDays: 30 });
      const log = createLog({ write, level: () => "info", now: () => ${noon(today)}, onFailure: (problem) => { throw new Error(problem); } });
      for (let index = 0; index < 800; index += 1) log("info", process.argv[1] + index, { filler: "z".repeat(2_000) });
    `;
    await Promise.all(
      ["a", "b"].map((name) => promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program, name])),
    );
    const files = readdirSync(folder);
    expect(files).toContain(`deskpair-cli-${user}-${today}.1.log`);
    const events = files.flatMap((name) => eventsIn(folder, name));
    expect(new Set(events).size).toBe(1_600);
    expect(events).toHaveLength(1_600);
    for (const name of files) expect(statSync(join(folder, name)).size).toBeLessThanOrEqual(2_010_000);
  });
});

describe("what is kept", () => {
  test("files of ours that are too old go, and nothing else does", () => {
    const folder = temporaryFolder();
    const elsewhere = join(temporaryFolder(), "precious.txt");
    writeFileSync(elsewhere, "precious");
    const old = ["deskpair-app-2026-10-22.log", "deskpair-app-2026-10-22.3.log", "deskpair-cli-2025-01-01.log"];
    const kept = [
      "deskpair-app-2026-10-23.log",
      "deskpair-app-somebody-2020-01-01.log",
      "deskpair-app-2020-01-01.log.bak",
      "other-app-2020-01-01.log",
      "notes.txt",
    ];
    for (const name of [...old, ...kept]) writeFileSync(join(folder, name), "x\n");
    symlinkSync(elsewhere, join(folder, "deskpair-app-2020-01-01.log"));
    mkdirSync(join(folder, "deskpair-app-2020-01-02.log"));
    logIn(folder).log("info", "today");
    expect(readdirSync(folder).toSorted()).toEqual(
      [...kept, `deskpair-app-${today}.log`, "deskpair-app-2020-01-01.log", "deskpair-app-2020-01-02.log"].toSorted(),
    );
    expect(readFileSync(elsewhere, "utf8")).toBe("precious");
  });

  test("as days go by", () => {
    const folder = temporaryFolder();
    const { log, clock } = logIn(folder, { keepDays: 3 });
    for (let day = 0; day < 10; day += 1) {
      clock.now = noon(today) + day * 86_400_000;
      log("info", "daily");
    }
    expect(readdirSync(folder).toSorted()).toEqual(
      ["2026-11-28", "2026-11-29", "2026-11-30", "2026-12-01"].map((day) => `deskpair-app-${day}.log`),
    );
  });

  test("at most 20 MB, the oldest go first", () => {
    const folder = temporaryFolder();
    for (let part = 0; part < 14; part += 1) {
      writeFileSync(join(folder, `deskpair-app-${today}${part === 0 ? "" : `.${part}`}.log`), full);
    }
    writeFileSync(join(folder, "deskpair-cli-2026-11-21.log"), full);
    logIn(folder).log("info", "one.more");
    expect(readdirSync(folder)).toHaveLength(11);
    expect(eventsIn(folder, `deskpair-app-${today}.14.log`)).toEqual(["one.more"]);
    expect(existsSync(join(folder, `deskpair-app-${today}.3.log`))).toBe(false);
    expect(existsSync(join(folder, "deskpair-cli-2026-11-21.log"))).toBe(false);
  });
});

describe.skipIf(!onUnix)("a folder that others write to", () => {
  const first = `deskpair-app-${user}-${today}.log`;
  const second = `deskpair-app-${user}-${today}.1.log`;

  test.each<[string, (path: string, victim: string) => void]>([
    ["a link", (path, victim) => symlinkSync(victim, path)],
    ["a link to nothing", (path) => symlinkSync(`${path}.nothing`, path)],
    ["a second name of a file", (path, victim) => linkSync(victim, path)],
    ["a folder", (path) => mkdirSync(path)],
    ["a pipe that nobody reads", (path) => void spawnSync("mkfifo", [path])],
  ])("%s under our name is passed over", (_, lay) => {
    const folder = temporaryFolder();
    const victim = join(temporaryFolder(), "victim");
    writeFileSync(victim, "untouched");
    lay(join(folder, first), victim);
    const { log, problems } = logIn(folder, { shared: true });
    log("info", "one");
    log("info", "two");
    expect(readFileSync(victim, "utf8")).toBe("untouched");
    expect(readdirSync(folder).toSorted()).toEqual([second, first]);
    expect(eventsIn(folder, second)).toEqual(["one", "two"]);
    expect(problems).toEqual([]);
  });

  test.skipIf(!isRoot)("a file of somebody else's is neither written to nor removed", () => {
    const folder = temporaryFolder();
    chmodSync(folder, 0o1777);
    const old = `deskpair-app-${user}-2020-01-01.log`;
    for (const name of [first, old]) {
      writeFileSync(join(folder, name), "", { mode: 0o666 });
      chownSync(join(folder, name), nobody, nobody);
    }
    logIn(folder, { shared: true }).log("info", "one");
    expect(readFileSync(join(folder, first), "utf8")).toBe("");
    expect(eventsIn(folder, second)).toEqual(["one"]);
    expect(lstatSync(join(folder, old)).uid).toBe(nobody);
  });

  test.skipIf(!isRoot)("a part number that somebody else has chosen is not counted on from", () => {
    const folder = temporaryFolder();
    chmodSync(folder, 0o1777);
    const planted = `deskpair-app-${user}-${today}.999999999.log`;
    writeFileSync(join(folder, planted), "");
    chownSync(join(folder, planted), nobody, nobody);
    const { log, problems } = logIn(folder, { shared: true });
    log("info", "one");
    expect(readdirSync(folder).toSorted()).toEqual([planted, first].toSorted());
    expect(problems).toEqual([]);
  });

  test("nor is one that no log of ours reaches, and files with such numbers go like all others", () => {
    const folder = temporaryFolder();
    const huge = `deskpair-app-${user}-${today}.9999999999.log`;
    const old = `deskpair-app-${user}-2020-01-01.1000000000000.log`;
    for (const name of [huge, old]) writeFileSync(join(folder, name), "x\n");
    logIn(folder, { shared: true }).log("info", "one");
    expect(readdirSync(folder).toSorted()).toEqual([huge, first].toSorted());
    for (let part = 0; part < 12; part += 1) {
      writeFileSync(join(folder, `deskpair-app-${user}-${today}.${9_999_999_999 + part}.log`), full);
    }
    logIn(folder, { shared: true, program: "cli" }).log("info", "two");
    const bytes = readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
    expect(bytes).toBeLessThanOrEqual(20_010_000);
  });

  test("is not made: the administrator does, with rights for all", () => {
    const folder = join(temporaryFolder(), "not-there");
    const { log, problems } = logIn(folder, { shared: true });
    log("info", "one");
    log("info", "two");
    expect(problems).toEqual(["it does not exist"]);
    expect(existsSync(folder)).toBe(false);
  });

  test("many names that are taken hold nobody up", () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, first));
    for (let part = 1; part < 100; part += 1) mkdirSync(join(folder, `deskpair-app-${user}-${today}.${part}.log`));
    const { log, problems } = logIn(folder, { shared: true });
    log("info", "one");
    expect(eventsIn(folder, `deskpair-app-${user}-${today}.100.log`)).toEqual(["one"]);
    expect(problems).toEqual([]);
  });
});

describe("what cannot be written", () => {
  test("a file in the place of the folder", () => {
    const path = join(temporaryFolder(), "file");
    writeFileSync(path, "");
    const { log, problems } = logIn(path);
    log("info", "one");
    log("info", "two");
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/in (the place of its folder|its place)/);
  });

  /** In a process of its own: another user, or another file system. */
  const inProcess = (folder: string, command: readonly string[], uid?: number): string => {
    const sources = join(import.meta.dirname, "../../src/node");
    const program = `
      const { createLog } = await import(${JSON.stringify(join(sources, "log.ts"))});
      const { writeToFolder } = await import(${JSON.stringify(join(sources, "log-folder.ts"))});
      const log = createLog({
        write: writeToFolder({ folder: ${JSON.stringify(folder)}, shared: true, program: "cli", keepDays: 30 }),
        level: () => "info",
        onFailure: (problem) => console.log("told: " + problem),
      });
      for (let index = 0; index < 20; index += 1) log("info", "line", { filler: "z".repeat(1_000) });
      console.log("went on");
    `;
    const [file, ...rest] = [...command, process.execPath, "--input-type=module", "--eval", program];
    const { stdout, stderr } = spawnSync(file, rest, {
      encoding: "utf8",
      cwd: "/",
      ...(uid === undefined ? {} : { uid }),
    });
    return stdout + stderr;
  };

  test.skipIf(!onUnix)("a folder without the right to write", () => {
    const folder = temporaryFolder();
    chmodSync(folder, 0o555);
    expect(inProcess(folder, [], isRoot ? nobody : undefined)).toBe("told: access is denied\nwent on\n");
    expect(readdirSync(folder)).toEqual([]);
  });

  const namespaces = spawnSync("unshare", ["--user", "--map-root-user", "--mount", "true"]).status === 0;
  if (!namespaces) console.warn("Not run: a log on a disk that is full. It needs a mount namespace.");
  test.skipIf(!namespaces)("a disk that fills up", () => {
    const folder = temporaryFolder();
    const mount = `mount -t tmpfs -o size=8k none ${folder} && "$@"; cat ${folder}/*.log`;
    const output = inProcess(folder, ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mount, "sh"]);
    const [told, went, ...lines] = output.trimEnd().split("\n");
    expect([told, went]).toEqual(["told: the disk is full", "went on"]);
    expect(lines.length).toBeGreaterThan(4);
  });
});
