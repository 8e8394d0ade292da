import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { chmod, mkdtemp, readFile, rm, watch, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { createPageOpener, type PageOpener } from "../../src/node/open-page.ts";
import { manualClock } from "../fakes/manual-clock.ts";

vi.setConfig({ testTimeout: 60_000 });

const signIn = "https://auth.example.com/as/authorize?client_id=a&state=b%20c&redirect_uri=http%3A%2F%2F127.0.0.1";

/** A system whose `xdg-open` is a script of the test's, and a clock that stands still. */
async function desktop(script: string) {
  const folder = await mkdtemp(join(tmpdir(), "deskpair-open-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const program = join(folder, "xdg-open");
  await writeFile(program, `#!/bin/sh\n${script}\n`);
  await chmod(program, 0o755);
  const children: ChildProcess[] = [];
  onTestFinished(() => {
    for (const child of children) child.kill("SIGKILL");
  });
  const clock = manualClock();
  const environment = { PATH: `${folder}:/usr/bin:/bin`, OUT: folder, DESKPAIR_CLIENT_SECRET_FILE: "/a", KEPT: "yes" };
  const open = createPageOpener({
    platform: "linux",
    environment,
    clock,
    spawn: (file, args, options) => {
      const child = spawn(file, args, options);
      children.push(child);
      return child;
    },
  });
  return { folder, open, clock, children };
}

/** What a program that stays prints into a file, once that is there. */
async function written(folder: string, name: string): Promise<string> {
  const changes = watch(folder);
  for (;;) {
    const text = await readFile(join(folder, name), "utf8").catch(() => "");
    if (text.endsWith("\n")) return text;
    await changes[Symbol.asyncIterator]().next();
  }
}

test("the system's program gets the address, whole, and nothing of ours", async () => {
  const { folder, open } = await desktop('printf "%s\\n" "$#" "$@" >"$OUT/arguments"; env >"$OUT/environment"');
  expect(await open(signIn)).toBe(true);
  expect(await readFile(join(folder, "arguments"), "utf8")).toBe(`1\n${signIn}\n`);
  const environment = await readFile(join(folder, "environment"), "utf8");
  expect(environment).toContain("KEPT=yes");
  expect(environment).not.toContain("DESKPAIR_");
});

test("an address stays one argument, whatever is in it", async () => {
  const { folder, open } = await desktop('printf "%s\\n" "$#" "$@" >"$OUT/arguments"');
  expect(await open(`https://example.com/a b?x="$(id)"&y='z'\`id\`;|\n%41#\\`)).toBe(true);
  const [count, address, ...more] = (await readFile(join(folder, "arguments"), "utf8")).trimEnd().split("\n");
  expect([count, more]).toEqual(["1", []]);
  expect(address).toMatch(/^https:\/\/example\.com\/a%20b\?x=%22\$\(id\)%22&y=/);
});

test("a program that ends with an error could not open it", async () => {
  const { open, clock } = await desktop("exit 3");
  expect(await open(signIn)).toBe(false);
  expect(clock.waiting()).toBe(0);
});

test("a program that is killed could not open it", async () => {
  const { open } = await desktop("kill -9 $$");
  expect(await open(signIn)).toBe(false);
});

test("a program that stays is the browser itself: it is left alone, in a group of its own", async () => {
  const { folder, open, clock, children } = await desktop('ps -o pgid= -p $$ >"$OUT/group"; exec sleep 1000');
  const opened = open(signIn);
  const group = await written(folder, "group");
  clock.advance(2_000);
  expect(await opened).toBe(true);
  const [child] = children;
  expect(Number(group)).toBe(child?.pid);
  expect(child?.exitCode).toBeNull();
  expect(child?.signalCode).toBeNull();
});

test("no such program", async () => {
  const open = createPageOpener({ platform: "linux", environment: { PATH: "/nowhere" }, clock: manualClock() });
  expect(await open(signIn)).toBe(false);
});

test("a program that is none", async () => {
  const { folder, open } = await desktop("");
  await writeFile(join(folder, "xdg-open"), "\x7fELF");
  expect(await open(signIn)).toBe(false);
});

/** What would be started, by a system that starts nothing. */
function recorded(platform: PageOpener["platform"], environment: PageOpener["environment"] = {}) {
  const calls: { readonly file: string; readonly args: readonly string[]; readonly options: SpawnOptions }[] = [];
  const open = createPageOpener({
    platform,
    environment,
    clock: manualClock(),
    spawn: (file, args, options) => {
      calls.push({ file, args, options });
      return spawn(process.execPath, ["-e", "0"], { stdio: "ignore" });
    },
  });
  return { calls, open };
}

test.each([
  [
    "win32",
    { SystemRoot: "D:\\Windows" },
    "D:\\Windows\\System32\\rundll32.exe",
    ["url.dll,FileProtocolHandler", signIn],
  ],
  ["win32", {}, "C:\\Windows\\System32\\rundll32.exe", ["url.dll,FileProtocolHandler", signIn]],
  ["darwin", {}, "/usr/bin/open", [signIn]],
  ["linux", {}, "xdg-open", [signIn]],
] as const)("on %s (%j)", async (platform, environment, file, args) => {
  const { calls, open } = recorded(platform, environment);
  expect(await open(signIn)).toBe(true);
  expect(calls).toMatchObject([{ file, args, options: { shell: false, stdio: "ignore", detached: true } }]);
});

test("Windows would cut an address that is too long: it is not opened", async () => {
  const { calls, open } = recorded("win32");
  const address = `https://example.com/?${"x".repeat(2_047 - "https://example.com/?".length)}`;
  expect(await open(address)).toBe(true);
  expect(await open(`${address}x`)).toBe(false);
  expect(calls).toHaveLength(1);
  expect(await recorded("linux").open(`${address}x`)).toBe(true);
});

test.each([
  "http://localhost:8080/x",
  "http://127.0.0.1/x",
  "http://127.8.9.1:1/",
  "http://[::1]:3000/",
  "HTTPS://A.b/",
])("opens %s", async (address) => {
  const { calls, open } = recorded("linux");
  expect(await open(address)).toBe(true);
  expect(calls).toHaveLength(1);
});

test.each([
  "http://example.com/",
  "http://localhost.example.com/",
  "http://127.0.0.1.example.com/",
  "http://10.0.0.1/",
  "https://localhost@example.com/",
  "https://user:word@example.com/",
  "file:///etc/passwd",
  "javascript:alert(1)",
  "data:text/html,x",
  "ms-settings:",
  "mailto:a@b.c",
  "\\\\server\\share",
  "C:\\Windows\\System32\\calc.exe",
  "--help",
  "example.com",
  "",
])("never opens %j", async (address) => {
  for (const platform of ["linux", "darwin", "win32"] as const) {
    const { calls, open } = recorded(platform);
    expect(await open(address)).toBe(false);
    expect(calls).toEqual([]);
  }
});
