import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, onTestFinished, test, vi } from "vitest";
import { createFiles } from "../../src/node/files.ts";

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "deskpair-files-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

// Some of these tests start processes: the limit is for what hangs, not for what is slow.
vi.setConfig({ testTimeout: 60_000 });

const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;

test("a file that is not there reads as null, and reading makes no folder", async () => {
  const folder = join(await temporaryFolder(), "data");
  expect(await createFiles(folder).read("journal.jsonl")).toEqual({ ok: true, value: null });
  await expect(stat(folder)).rejects.toThrow("ENOENT");
});

test("what is replaced and appended is read back, as UTF-8", async () => {
  const files = createFiles(join(await temporaryFolder(), "deep", "data"));
  expect(await files.replace("a.json", "one\n")).toEqual({ ok: true, value: null });
  expect(await files.append("a.json", "zwei ü ✓\n")).toEqual({ ok: true, value: null });
  expect(await files.read("a.json")).toEqual({ ok: true, value: "one\nzwei ü ✓\n" });
  await files.replace("a.json", "new");
  expect(await files.read("a.json")).toEqual({ ok: true, value: "new" });
  await files.append("b.jsonl", "first\n");
  expect(await files.read("b.jsonl")).toEqual({ ok: true, value: "first\n" });
});

test("only the owner may look: folder 0700, files 0600", async () => {
  const folder = join(await temporaryFolder(), "data");
  const files = createFiles(folder);
  await files.replace("replaced.json", "{}");
  await files.append("appended.jsonl", "{}\n");
  expect(await modeOf(folder)).toBe(0o700);
  expect(await modeOf(join(folder, "replaced.json"))).toBe(0o600);
  expect(await modeOf(join(folder, "appended.jsonl"))).toBe(0o600);
});

test("a folder that others use keeps its mode, and what is put into it is still the owner's", async () => {
  const folder = await temporaryFolder();
  await chmod(folder, 0o777);
  await createFiles(folder).replace("replaced.json", "{}");
  expect(await modeOf(folder)).toBe(0o777);
  expect(await modeOf(join(folder, "replaced.json"))).toBe(0o600);
});

test("a replacement that cannot take its name leaves the old state and no litter", async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, "journal.json", "kept"), { recursive: true });
  expect(await createFiles(folder).replace("journal.json", "new")).toEqual({
    ok: false,
    error: { code: "storage-failed", operation: "write", problem: "a folder is in its place" },
  });
  expect(await readdir(folder)).toEqual(["journal.json"]);
  expect(await readdir(join(folder, "journal.json"))).toEqual(["kept"]);
});

test("a folder in the place of the file cannot be read, which is said in words", async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, "journal.json"));
  expect(await createFiles(folder).read("journal.json")).toEqual({
    ok: false,
    error: { code: "storage-failed", operation: "read", problem: "a folder is in its place" },
  });
});

test("a file in the place of the folder", async () => {
  const folder = join(await temporaryFolder(), "data");
  await writeFile(folder, "");
  const files = createFiles(folder);
  expect(await files.append("a", "x")).toMatchObject({
    ok: false,
    error: { problem: "something else is in its place" },
  });
  expect(await files.read("a")).toMatchObject({
    ok: false,
    error: { operation: "read", problem: "a file is in the place of its folder" },
  });
});

test("a full disk is told as such", async () => {
  const folder = await temporaryFolder();
  await symlink("/dev/full", join(folder, "journal.jsonl"));
  expect(await createFiles(folder).append("journal.jsonl", "line\n")).toEqual({
    ok: false,
    error: { code: "storage-failed", operation: "write", problem: "the disk is full" },
  });
});

test("a folder that may not be written to is told as such", async () => {
  const parent = await temporaryFolder();
  await chmod(parent, 0o555);
  // Root may write everywhere, so the attempt is made by a process that is nobody in particular.
  const script = `
    const { createFiles } = await import(${JSON.stringify(new URL("../../src/node/files.ts", import.meta.url).href)});
    console.log(JSON.stringify(await createFiles(${JSON.stringify(join(parent, "data"))}).replace("a", "x")));`;
  const identity = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    ...identity,
    cwd: "/",
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(createInterface(child.stdout), "line");
  expect(JSON.parse(String(line))).toEqual({
    ok: false,
    error: { code: "storage-failed", operation: "write", problem: "access is denied" },
  });
});

test("killed at any moment of a replacement, the file is whole: the old text or the new one", async () => {
  const folder = await temporaryFolder();
  const script = `
    const { createFiles } = await import(${JSON.stringify(new URL("../../src/node/files.ts", import.meta.url).href)});
    const files = createFiles(${JSON.stringify(folder)});
    for (let round = 0; ; round += 1) {
      await files.replace("journal.json", String(round % 10).repeat(200_000));
      console.log(round);
    }`;
  for (const killAfter of [1, 2, 3, 5, 8]) {
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const closed = once(child, "close");
    for await (const line of createInterface(child.stdout)) {
      if (Number(line) >= killAfter) child.kill("SIGKILL");
    }
    await closed;
    const text = await readFile(join(folder, "journal.json"), "utf8");
    expect(text).toHaveLength(200_000);
    expect(text).toBe(text.charAt(0).repeat(200_000));
  }
});

test("what cannot be understood is set aside under another name, whole", async () => {
  const folder = await temporaryFolder();
  const files = createFiles(folder);
  await files.replace("journal.json", "garbage");
  expect(await files.setAside("journal.json")).toEqual({ ok: true, value: null });
  expect(await files.read("journal.json")).toEqual({ ok: true, value: null });
  const [name = ""] = await readdir(folder);
  expect(name).toMatch(/^journal\.json\.set-aside-\d{8}T\d{9}Z$/);
  expect(await readFile(join(folder, name), "utf8")).toBe("garbage");
  expect(await files.setAside("journal.json")).toEqual({ ok: true, value: null });
});

test.each(["../journal", "a/b", "a\\b", ".hidden", "", "a..b", "nul:", "C:evil", "x\0y"])(
  "%j is not a plain file name, which is a mistake of ours and throws",
  async (name) => {
    const files = createFiles(await temporaryFolder());
    await expect(files.read(name)).rejects.toThrow("Not a plain file name");
    await expect(files.replace(name, "")).rejects.toThrow("Not a plain file name");
    await expect(files.append(name, "")).rejects.toThrow("Not a plain file name");
    await expect(files.setAside(name)).rejects.toThrow("Not a plain file name");
  },
);

test("many replacements at once leave a whole file, and the last one asked for", async () => {
  const folder = await temporaryFolder();
  const files = createFiles(folder);
  const texts = Array.from({ length: 50 }, (_, number) => `text ${number} `.repeat(200));
  const outcomes = await Promise.all(texts.map((text) => files.replace("settings.json", text)));
  expect(outcomes.filter(({ ok }) => !ok)).toEqual([]);
  expect(await files.read("settings.json")).toEqual({ ok: true, value: texts.at(-1) });
  expect(await readdir(folder)).toEqual(["settings.json"]);
});
