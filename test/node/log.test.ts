import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createLog } from "../../src/node/log.ts";

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "deskpair-log-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const linesOf = async (file: string): Promise<unknown[]> =>
  (await readFile(file, "utf8"))
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

test("writes one object per event from the level upwards, to a file of the owner", async () => {
  const file = join(await temporaryFolder(), "logs", "deskpair.log");
  const log = createLog({ file, level: "info" });
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
  const log = createLog({ file, level: "debug" });
  log("warn", "careless", {
    clientSecret: "planted-secret",
    header: "Authorization: Bearer planted.bearer.token",
    message: "got eyJhbGciOiJSUzI1NiJ9.cGxhbnRlZA.c2lnbmF0dXJl back",
  });
  const text = await readFile(file, "utf8");
  expect(text).not.toMatch(/planted|cGxhbnRlZA/);
});

test("begins a new file at two megabytes and keeps the one before", async () => {
  const file = join(await temporaryFolder(), "deskpair.log");
  await writeFile(file, `${"x".repeat(1_999_990)}\n`);
  const log = createLog({ file, level: "info" });
  log("info", "first.of.the.new.file");
  log("info", "second");
  expect((await stat(`${file}.1`)).size).toBe(1_999_991);
  expect(await linesOf(file)).toMatchObject([{ event: "first.of.the.new.file" }, { event: "second" }]);
});

test("says nothing and throws nothing when it cannot write, or has no file", async () => {
  const folder = await temporaryFolder();
  createLog({ file: folder, level: "debug" })("error", "nowhere to go");
  createLog({ file: null, level: "debug" })("error", "no log");
});
