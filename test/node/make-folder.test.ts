import { mkdir, mkdtemp, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { makeFolder } from "../../src/node/files.ts";

async function place(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "deskpair-folder-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
const mode = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;

test("makes all that are missing, for their owner only", async () => {
  const top = await place();
  await makeFolder(join(top, "a/b/c"));
  if (process.platform !== "win32")
    expect([await mode(join(top, "a")), await mode(join(top, "a/b/c"))]).toEqual([0o700, 0o700]);
});

test("leaves one that is there as it is, also behind a link", async () => {
  const top = await place();
  await mkdir(join(top, "shared"), { mode: 0o755 });
  await symlink(join(top, "shared"), join(top, "link"));
  await makeFolder(join(top, "shared"));
  await makeFolder(join(top, "link"));
  if (process.platform !== "win32") expect(await mode(join(top, "shared"))).toBe(0o755);
});

test("several at once", async () => {
  // Often enough for one to see its parent missing that another makes a moment later.
  for (let round = 0; round < 50; round += 1) {
    const folder = join(await place(), "a/b/c/d");
    await Promise.all(Array.from({ length: 20 }, () => makeFolder(folder)));
    expect((await stat(folder)).isDirectory()).toBe(true);
  }
});

test("a file in its place, or above it, is told", async () => {
  const file = join(await place(), "file");
  await writeFile(file, "");
  await expect(makeFolder(file)).rejects.toMatchObject({ code: "EEXIST" });
  await expect(makeFolder(join(file, "below"))).rejects.toMatchObject({ code: "ENOTDIR" });
});

// Node's own way of making folders never comes back from `/proc`. Other systems have no such place.
const impossible = process.platform === "linux" ? "/proc" : join(import.meta.filename, "below");

test("where no folder can be made at all, that is told", async () => {
  await expect(makeFolder(join(impossible, "deskpair"))).rejects.toThrow(/ENOENT|ENOTDIR/);
  await expect(makeFolder(join(impossible, "deskpair/data"))).rejects.toThrow(/ENOENT|ENOTDIR/);
});
