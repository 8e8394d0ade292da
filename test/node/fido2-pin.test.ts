import { readdirSync, readFileSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { plainKey, withPin } from "../fakes/fido2-tools/installed.ts";
import { alive, bench, creationOptions, leftovers, seen, touchOnly } from "./fido2-enrolment.ts";

const pin = "planted-PIN-4711";
const options = creationOptions({ ...touchOnly, userVerification: "required" });

/** All files below a folder, as text. */
const contents = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"));

const ofProcess = (pid: number): string =>
  ["cmdline", "environ"].map((name) => readFileSync(`/proc/${pid}/${name}`, "latin1")).join("\n");

test("the PIN is on stdin and nowhere else", async () => {
  const bytes = new TextEncoder().encode(pin);
  const { enrol, installed, log } = bench({ askPin: async () => bytes });
  vi.stubEnv("DESKPAIR_CLIENT_SECRET", "planted-client-secret");
  installed.plug({ keys: [{ ...withPin(plainKey, pin), touch: "when-told" }] });
  const outcome = enrol({ options });
  // The tool has the PIN, has found it right, and is still there.
  await seen(() => expect(installed.waitsForTouch()).not.toBeNull());
  const pid = installed.waitsForTouch() ?? 0;
  expect(bytes.every((byte) => byte === 0)).toBe(true);
  expect(ofProcess(pid)).toContain("/dev/hidraw3");
  expect(ofProcess(pid)).not.toMatch(/planted/);

  const [folder, ...others] = leftovers();
  expect(others).toEqual([]);
  const path = join(tmpdir(), folder ?? "");
  expect(statSync(path).mode & 0o777).toBe(0o700);
  expect(readdirSync(path).map((name) => statSync(join(path, name)).mode & 0o777)).toEqual([0o600]);
  expect(contents(path)).toHaveLength(1);
  expect(contents(path).join("\n")).not.toContain(pin);

  installed.touch();
  const done = await outcome;
  expect(done).toMatchObject({ ok: true });
  expect(leftovers()).toEqual([]);
  expect(JSON.stringify([done, log.lines, installed.runs()])).not.toMatch(/planted/);
  expect(alive(installed)).toEqual([]);
});

test("the tool has a session without a terminal, and nothing of our environment", async () => {
  const { enrol, installed } = bench();
  expect(await enrol()).toMatchObject({ ok: true });
  // The shell's own, which starts the pretend tool.
  const ofShell = new Set(["PWD", "OLDPWD", "SHLVL", "_"]);
  expect(installed.runs()).toHaveLength(3);
  for (const run of installed.runs()) {
    expect([run.session, run.terminal]).toEqual([run.pid, 0]);
    const { LANG, PATH, ...others } = run.environment;
    expect([LANG, PATH]).toEqual(["C", "/usr/bin:/bin:/usr/sbin:/sbin"]);
    expect(Object.keys(others).filter((name) => !ofShell.has(name))).toEqual([]);
  }
});

test("a wrong PIN is in no log and no error, and is zeroed", async () => {
  const bytes = new TextEncoder().encode(pin);
  const { enrol, installed, log } = bench({ askPin: async () => bytes });
  installed.plug({ keys: [withPin(plainKey, "another one")] });
  const outcome = await enrol({ options });
  expect(outcome).toEqual({ ok: false, error: { code: "pin-refused", remaining: 7 } });
  expect(JSON.stringify([log.lines, installed.runs()])).not.toContain(pin);
  expect(bytes.every((byte) => byte === 0)).toBe(true);
});

test("a PIN that comes after the end is zeroed and used for nothing", async () => {
  const bytes = new TextEncoder().encode(pin);
  const late = Promise.withResolvers<Uint8Array>();
  const stop = new AbortController();
  let asking: AbortSignal | null = null;
  const { enrol, heard, installed } = bench({
    askPin: (_remaining, signal) => {
      asking = signal;
      queueMicrotask(() => stop.abort());
      return late.promise;
    },
  });
  installed.plug({ keys: [withPin(plainKey, pin)] });
  expect(await enrol({ options, signal: stop.signal })).toEqual({ ok: false, error: { code: "cancelled" } });
  expect(asking).toMatchObject({ aborted: true });
  late.resolve(bytes);
  await seen(() => expect(bytes.every((byte) => byte === 0)).toBe(true));
  expect(heard).toEqual(["pin 8"]);
  expect(alive(installed)).toEqual([]);
});

test("a tool that dies while the PIN is being typed gets none, and the PIN is zeroed", async () => {
  const bytes = new TextEncoder().encode(pin);
  const died = new AbortController();
  const { enrol, installed } = bench({
    askPin: async (_remaining, signal) => {
      signal.addEventListener("abort", () => died.abort(), { once: true });
      process.kill(installed.runs().at(-1)?.pid ?? 0, "SIGKILL");
      await seen(() => expect(died.signal.aborted).toBe(true));
      return bytes;
    },
  });
  installed.plug({ keys: [withPin(plainKey, pin)] });
  expect(await enrol({ options })).toMatchObject({ error: { code: "ceremony-failed" } });
  await seen(() => expect(bytes.every((byte) => byte === 0)).toBe(true));
  expect(leftovers()).toEqual([]);
});

test("a mistake in whoever asks comes out, and leaves no process", async () => {
  const { enrol, installed } = bench({ askPin: () => Promise.reject(new Error("no dialog")) });
  installed.plug({ keys: [withPin(plainKey, pin)] });
  await expect(enrol({ options })).rejects.toThrow("no dialog");
  await seen(() => expect(alive(installed)).toEqual([]));
  expect(leftovers()).toEqual([]);
});
