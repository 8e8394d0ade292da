import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createFiles } from "../../src/node/files.ts";
import { withLock } from "../../src/node/lock.ts";
import { createSecretFile } from "../../src/node/secret-file.ts";
import { memoryFiles } from "../fakes/files.ts";

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "deskpair-secrets-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const done = { ok: true, value: null };

test("keeps secrets by name, across stores, in a file that only its owner can read", async () => {
  const folder = await temporaryFolder();
  const store = createSecretFile(createFiles(folder));
  expect(await store.kind()).toBe("file");
  expect(await store.read("one")).toEqual(done);
  expect(await store.write("one", "ü\n\u{1f511}")).toEqual(done);
  expect(await store.write("__proto__", "two")).toEqual(done);
  const again = createSecretFile(createFiles(folder));
  expect(await again.read("one")).toEqual({ ok: true, value: "ü\n\u{1f511}" });
  expect(await again.read("__proto__")).toEqual({ ok: true, value: "two" });
  expect(await again.read("toString")).toEqual(done);
  expect((await stat(join(folder, "secrets.json"))).mode & 0o777).toBe(0o600);
  expect(JSON.parse(await readFile(join(folder, "secrets.json"), "utf8"))).toMatchObject({ version: 1 });
});

test("removes one, and one that is not there counts as removed", async () => {
  const files = memoryFiles();
  const store = createSecretFile(files);
  expect(await store.remove("one")).toEqual(done);
  expect(files.contents.size).toBe(0);
  await store.write("one", "1");
  await store.write("two", "2");
  expect(await store.remove("one")).toEqual(done);
  expect(await store.read("one")).toEqual(done);
  expect(await store.read("two")).toEqual({ ok: true, value: "2" });
});

test("calls at the same time lose nothing", async () => {
  const store = createSecretFile(createFiles(await temporaryFolder()));
  const names = Array.from({ length: 20 }, (_, number) => `name-${number}`);
  await Promise.all(names.map((name) => store.write(name, `of ${name}`)));
  for (const name of names) expect(await store.read(name)).toEqual({ ok: true, value: `of ${name}` });
});

test("several stores of one file lose nothing when a lock keeps them apart", async () => {
  const folder = await temporaryFolder();
  const store = () =>
    createSecretFile(createFiles(folder), (work) => withLock(folder, "secrets", work, { waitMs: 30_000 }));
  const names = Array.from({ length: 20 }, (_, number) => `name-${number}`);
  await Promise.all(names.map((name) => store().write(name, name)));
  for (const name of names) expect(await store().read(name)).toEqual({ ok: true, value: name });
});

test.each([
  "",
  "garbage",
  "{",
  "[]",
  '{"version":1}',
  '{"version":1,"secrets":[{"name":"one","secret":7}]}',
  '{"version":"2"}',
])("a file that holds %j is set aside whole, which is said once", async (text) => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, "secrets.json"), text);
  const store = createSecretFile(createFiles(folder));
  expect(await store.read("one")).toEqual({
    ok: false,
    error: { code: "secret-store-failed", problem: "its file was damaged and has been set aside" },
  });
  expect(await store.read("one")).toEqual(done);
  const [aside = ""] = await readdir(folder);
  expect(aside).toMatch(/^secrets\.json\.set-aside-/);
  expect(await readFile(join(folder, aside), "utf8")).toBe(text);
});

test("what is written over a damaged file is kept, and the damaged one as well", async () => {
  const files = memoryFiles({ "secrets.json": "garbage" });
  const store = createSecretFile(files);
  expect(await store.write("one", "1")).toEqual(done);
  expect(await store.read("one")).toEqual({ ok: true, value: "1" });
  expect(files.aside).toEqual([{ name: "secrets.json", text: "garbage" }]);
});

test("a file of a newer version stays as it is, and nothing works on it", async () => {
  const text = '{"version":2,"sealed":"…"}';
  const files = memoryFiles({ "secrets.json": text });
  const store = createSecretFile(files);
  const error = { code: "secret-store-failed", problem: "its file was written by a newer DeskPair" };
  expect(await store.read("one")).toEqual({ ok: false, error });
  expect(await store.write("one", "1")).toEqual({ ok: false, error });
  expect(await store.remove("one")).toEqual({ ok: false, error });
  expect(Object.fromEntries(files.contents)).toEqual({ "secrets.json": text });
});

test("a disk that fails is told as such, deletes nothing, and the next call is not held up", async () => {
  const files = memoryFiles();
  const store = createSecretFile(files);
  await store.write("one", "1");
  files.broken.add("replace");
  expect(await store.write("one", "2")).toMatchObject({ ok: false, error: { code: "storage-failed" } });
  files.broken.clear();
  expect(await store.read("one")).toEqual({ ok: true, value: "1" });
  expect(await store.write("one", "3")).toEqual(done);
});
