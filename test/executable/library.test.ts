import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { host, keyringOf } from "../../scripts/executable-targets.ts";
import { loadLibrary } from "../../src/cli/executable/library.ts";

const library = host === null ? Buffer.from("none") : readFileSync(keyringOf(host));

function home(): string {
  const folder = mkdtempSync(join(tmpdir(), "deskpair-library-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

describe.runIf(host !== null)("the native library that the executable carries", () => {
  test("is written once, for this user alone, and loaded", () => {
    const folder = join(home(), ".cache", "deskpair");
    expect(loadLibrary(library, folder)).toHaveProperty("AsyncEntry");
    const [name = "", ...others] = readdirSync(folder);
    expect(others).toEqual([]);
    expect(readFileSync(join(folder, name)).equals(library)).toBe(true);
    expect(loadLibrary(library, folder)).toHaveProperty("AsyncEntry");
    expect(readdirSync(folder)).toEqual([name]);
  });

  test("is written anew where something else lies in its place", () => {
    const folder = home();
    loadLibrary(library, folder);
    const [name = ""] = readdirSync(folder);
    rmSync(join(folder, name));
    writeFileSync(join(folder, name), "another library");
    expect(loadLibrary(library, folder)).toHaveProperty("AsyncEntry");
    expect(readFileSync(join(folder, name)).equals(library)).toBe(true);
  });

  test("is not loaded without a home, nor when it is none, and nothing half done stays", () => {
    expect(() => loadLibrary(library, null)).toThrow("no home folder");
    const folder = home();
    expect(() => loadLibrary(Buffer.from("no library"), folder)).toThrow(/./);
    mkdirSync(join(folder, "file.d"));
    writeFileSync(join(folder, "file"), "");
    expect(() => loadLibrary(library, join(folder, "file", "below"))).toThrow(/ENOTDIR|EEXIST|ENOENT/);
  });

  test.runIf(process.platform !== "win32")("is not put where other users could change it", () => {
    const folder = home();
    const below = join(folder, "open", "deskpair");
    mkdirSync(below, { recursive: true });
    chmodSync(join(folder, "open"), 0o777);
    expect(() => loadLibrary(library, below)).toThrow(`can change what is in ${join(folder, "open")}.`);
    expect(readdirSync(below)).toEqual([]);
  });

  // As `sudo` does it on macOS: an administrator, in somebody else's home.
  test.runIf(process.geteuid?.() === 0)("is not put into the home of another user", () => {
    const folder = home();
    chownSync(folder, 12_345, 12_345);
    expect(() => loadLibrary(library, join(folder, ".cache"))).toThrow(`can change what is in ${folder}.`);
    expect(readdirSync(join(folder, ".cache"))).toEqual([]);
  });
});
