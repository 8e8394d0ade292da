import { execFile, spawnSync } from "node:child_process";
import { lchownSync, symlinkSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import type { LogLevel } from "../../src/core/ports.ts";
import { createHeldLog, createLog } from "../../src/node/log.ts";
import { writeToFile } from "../../src/node/log-file.ts";

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "deskpair-log-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const fileLog = (file: string, level: LogLevel, onFailure?: (problem: string) => void) =>
  createLog({ write: writeToFile(file), level: () => level, ...(onFailure === undefined ? {} : { onFailure }) });

const linesOf = async (file: string): Promise<unknown[]> =>
  (await readFile(file, "utf8"))
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

test("writes one object per event from the level upwards, to a file of the owner", async () => {
  const file = join(await temporaryFolder(), "deskpair.log");
  const log = fileLog(file, "info");
  log("debug", "not.wanted");
  log("info", "pairing.started", { pairingId: "p-1", attempt: 1, note: undefined });
  log("error", "two\nlines", { text: "a\nb" });
  expect(await linesOf(file)).toEqual([
    {
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      level: "info",
      event: "pairing.started",
      pairingId: "p-1",
      attempt: 1,
    },
    { time: expect.any(String), level: "error", event: "two\nlines", text: "a\nb" },
  ]);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

test("takes secrets out of what it is given", async () => {
  const file = join(await temporaryFolder(), "deskpair.log");
  const log = fileLog(file, "debug");
  log("warn", "careless", {
    clientSecret: "planted-secret",
    header: "Authorization: Bearer planted.bearer.token",
    message: "got eyJhbGciOiJSUzI1NiJ9.cGxhbnRlZA.c2lnbmF0dXJl back",
  });
  const text = await readFile(file, "utf8");
  expect(text).not.toMatch(/planted|cGxhbnRlZA/);
});

test("a named file that is full becomes the one before, also where two programs write to it", async () => {
  const folder = await temporaryFolder();
  const file = join(folder, "deskpair.log");
  await writeFile(file, `${"x".repeat(1_999_990)}\n`);
  const [one, two] = [fileLog(file, "info"), fileLog(file, "info")];
  one("info", "first.of.the.new.file");
  two("info", "second");
  one("info", "third");
  expect((await readdir(folder)).toSorted()).toEqual(["deskpair.log", "deskpair.log.1"]);
  expect((await stat(`${file}.1`)).size).toBe(1_999_991);
  const events = (await linesOf(file)).map((line) => (line as { event: string }).event);
  expect(events).toEqual(["first.of.the.new.file", "second", "third"]);
});

test("lines are held until it is known where they belong, and keep their time", async () => {
  const file = join(await temporaryFolder(), "deskpair.log");
  let now = Date.parse("2026-11-22T10:00:00Z");
  let level: LogLevel = "info";
  const { log, open } = createHeldLog({ level: () => level, now: () => now });
  log("info", "early");
  log("debug", "not.wanted");
  now += 5_000;
  open(writeToFile(file));
  level = "error";
  log("warn", "not.wanted.any.more");
  log("error", "late");
  expect(await linesOf(file)).toEqual([
    { time: "2026-11-22T10:00:00.000Z", level: "info", event: "early" },
    { time: "2026-11-22T10:00:05.000Z", level: "error", event: "late" },
  ]);
});

test("says once that it cannot write, throws nothing, and writes again when it can", async () => {
  const folder = await temporaryFolder();
  const file = join(folder, "not-there-yet", "deskpair.log");
  const problems: string[] = [];
  const log = fileLog(file, "info", (problem) => problems.push(problem));
  log("error", "lost");
  log("error", "lost, too");
  expect(problems).toEqual(["it does not exist"]);
  await promisify(execFile)("mkdir", [join(folder, "not-there-yet")]);
  log("info", "found");
  expect(await linesOf(file)).toMatchObject([{ event: "found" }]);
});

test.skipIf(process.platform !== "linux")("a full disk is told as such", () => {
  const problems: string[] = [];
  fileLog("/dev/full", "info", (problem) => problems.push(problem))("info", "lost");
  expect(problems).toEqual(["the disk is full"]);
});

describe.skipIf(process.platform === "win32")("what lies under the name", () => {
  const isRoot = process.getuid?.() === 0;
  if (!isRoot) console.warn("Not run: a link that another user has laid under the log's name. Only root can make one.");

  const told = (file: string): string[] => {
    const problems: string[] = [];
    fileLog(file, "info", (problem) => problems.push(problem))("info", "line");
    return problems;
  };

  test.skipIf(!isRoot)("a link that another user has made is not followed", async () => {
    const folder = await temporaryFolder();
    const [victim, link] = [join(folder, "victim"), join(folder, "deskpair.log")];
    await writeFile(victim, "untouched");
    symlinkSync(victim, link);
    lchownSync(link, 65_534, 65_534);
    expect(told(link)).toEqual(["it is a link that another user has made"]);
    expect(await readFile(victim, "utf8")).toBe("untouched");
  });

  test("a link of one's own is", async () => {
    const folder = await temporaryFolder();
    symlinkSync(join(folder, "elsewhere.log"), join(folder, "deskpair.log"));
    expect(told(join(folder, "deskpair.log"))).toEqual([]);
    expect(await linesOf(join(folder, "elsewhere.log"))).toMatchObject([{ event: "line" }]);
  });

  test("a pipe that nobody reads holds nobody up, also behind a link", async () => {
    const folder = await temporaryFolder();
    const [pipe, link] = [join(folder, "pipe"), join(folder, "link")];
    spawnSync("mkfifo", [pipe]);
    symlinkSync(pipe, link);
    for (const path of [pipe, link]) expect(told(path)).toEqual(["nobody reads what is written there"]);
  });

  test("a folder is named as such, and /dev/null takes everything", async () => {
    expect(told(await temporaryFolder())).toEqual(["a folder is in its place"]);
    expect(told("/dev/null")).toEqual([]);
  });

  test("/dev/stderr gets every line, also when it is a pipe that is read slowly, and for a user who is not root", async () => {
    const program = `
      const { writeToFile } = await import(${JSON.stringify(join(import.meta.dirname, "../../src/node/log-file.ts"))});
      const write = writeToFile("/dev/stderr");
      for (let index = 0; index < 400; index += 1) write("z".repeat(999) + "\\n", new Date());
    `;
    // It holds 64 KB, and the reader takes four bytes at a time.
    const script = `"$@" 2>&1 >/dev/null | dd bs=4 status=none | wc -c`;
    const args = ["-c", script, "sh", process.execPath, "--input-type=module", "--eval", program];
    const { stdout } = await promisify(execFile)("sh", args, { cwd: "/", ...(isRoot ? { uid: 65_534 } : {}) });
    expect(stdout.trim()).toBe("400000");
  });
});
