import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { fail, ok } from "../../src/contract/errors.ts";
import { holdLock, withLock } from "../../src/node/lock.ts";
import { ownIdentity, readElapsed, stateByTime, stateOf } from "../../src/node/process-identity.ts";
import { fakeClock } from "../fakes/clock.ts";
import { manualClock } from "../fakes/manual-clock.ts";

vi.setConfig({ testTimeout: 120_000 });

const module = JSON.stringify(new URL("../../src/node/lock.ts", import.meta.url).href);

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "deskpair-lock-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

type Other = {
  readonly child: ChildProcess;
  readonly nextLine: () => Promise<string>;
  readonly closed: Promise<unknown>;
};

/** Another process, in which `folder`, `withLock` and `holdLock` are there. */
function otherProcess(folder: string, program: string, first = ""): Other {
  const whole = `${first}\nconst folder = ${JSON.stringify(folder)}; const { withLock, holdLock } = await import(${module});\n${program}`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", whole], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const closed = once(child, "close");
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await closed;
  });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  return {
    child,
    closed,
    nextLine: async () => {
      const line = await lines.next();
      return line.done === true ? "(ended)" : line.value;
    },
  };
}

const holder = `
  const held = await holdLock(folder, "journal");
  console.log(JSON.stringify(held));
  process.stdin.on("data", async () => { await held.value.release(); console.log("released"); });`;

const now = { waitMs: 0 };
const work = async () => ok("worked");

test("the work is done, its outcome comes back, and nothing stays behind", async () => {
  const folder = join(await temporaryFolder(), "deep", "data");
  const names: string[][] = [];
  const outcome = await withLock(
    folder,
    "refresh",
    async () => {
      names.push(await readdir(folder));
      expect((await stat(join(folder, "refresh.lock"))).mode & 0o777).toBe(0o600);
      return fail({ code: "cancelled" });
    },
    now,
  );
  expect(outcome).toEqual({ ok: false, error: { code: "cancelled" } });
  expect(names).toEqual([["refresh.lock"]]);
  expect(await readdir(folder)).toEqual([]);
});

test("work that throws gives the lock back", async () => {
  const folder = await temporaryFolder();
  const thrown = withLock(folder, "refresh", () => Promise.reject(new Error("a bug")), now);
  await expect(thrown).rejects.toThrow("a bug");
  expect(await withLock(folder, "refresh", work, now)).toEqual(ok("worked"));
});

test("a second process cannot have it, and is told which one has", async () => {
  const folder = await temporaryFolder();
  const first = otherProcess(folder, holder);
  expect(JSON.parse(await first.nextLine())).toMatchObject({ ok: true });
  const refused = { ok: false, error: { code: "not-now", doing: `process ${first.child.pid} works with “journal”` } };
  expect(await holdLock(folder, "journal")).toEqual(refused);
  expect(await withLock(folder, "journal", work, now)).toEqual(refused);
  expect(await withLock(folder, "refresh", work, now)).toEqual(ok("worked"));

  first.child.stdin?.write("\n");
  expect(await first.nextLine()).toBe("released");
  expect(await holdLock(folder, "journal")).toMatchObject({ ok: true });
});

test("a lock for life does not keep a process alive, and one that ended by itself has it no more", async () => {
  const folder = await temporaryFolder();
  const first = otherProcess(folder, `console.log((await holdLock(folder, "journal")).ok);`);
  expect(await first.nextLine()).toBe("true");
  expect(await first.closed).toEqual([0, null]);
  expect(await readdir(folder)).toEqual(["journal.lock"]);
  const held = await holdLock(folder, "journal");
  if (!held.ok) throw new Error(held.error.code);
  await held.value.release();
  expect(await readdir(folder)).toEqual([]);
});

test("kill -9 of the owner: who waits takes it over", async () => {
  const folder = await temporaryFolder();
  const first = otherProcess(folder, holder);
  await first.nextLine();
  const waiting = withLock(folder, "journal", work, { waitMs: 60_000 });
  expect(await withLock(folder, "journal", work, now)).toMatchObject({ ok: false, error: { code: "not-now" } });
  first.child.kill("SIGKILL");
  expect(await waiting).toEqual(ok("worked"));
  expect(await readdir(folder)).toEqual([]);
});

test("an owner that has been killed and whose parent has not asked yet is dead", async () => {
  const folder = await temporaryFolder();
  // The shell becomes `sleep`, which never asks for the child that the shell had.
  const program = `
    import { spawn } from "node:child_process";
    const inner = ${JSON.stringify(`const { holdLock } = await import(${module}); await holdLock(process.argv[1], "journal"); process.kill(process.pid, "SIGKILL");`)};
    const command = '"$0" --input-type=module --eval "$1" "$2" & exec sleep 1000';
    const shell = spawn("/bin/sh", ["-c", command, process.execPath, inner, folder], { stdio: "ignore" });
    process.stdin.on("end", () => shell.kill("SIGKILL")).resume();
    console.log(shell.pid);`;
  const parent = otherProcess(folder, program);
  const sleeper = Number(await parent.nextLine());
  onTestFinished(() => {
    process.kill(sleeper, "SIGKILL");
  });
  const lock = join(folder, "journal.lock");
  await vi.waitFor(
    async () => {
      const { pid } = JSON.parse(await readFile(lock, "utf8"));
      expect(await readFile(`/proc/${pid}/stat`, "utf8")).toContain(") Z ");
    },
    { timeout: 60_000 },
  );
  expect(await withLock(folder, "journal", work, now)).toEqual(ok("worked"));
});

test("eight processes that each count fifty times lose no count", async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, "count"), "0");
  const counting = `
    import { readFile, writeFile } from "node:fs/promises";
    import { join } from "node:path";
    for (let round = 0; round < 50; round += 1) {
      const outcome = await withLock(folder, "count", async () => {
        const file = join(folder, "count");
        const count = Number(await readFile(file, "utf8"));
        await new Promise((resolve) => setImmediate(resolve));
        await writeFile(file, String(count + 1));
        return { ok: true, value: null };
      }, { waitMs: 100_000 });
      if (!outcome.ok) throw new Error(JSON.stringify(outcome));
    }`;
  const others = Array.from({ length: 8 }, () => otherProcess(folder, counting));
  expect(await Promise.all(others.map(({ closed }) => closed))).toEqual(others.map(() => [0, null]));
  expect(await readFile(join(folder, "count"), "utf8")).toBe("400");
  expect(await readdir(folder)).toEqual(["count"]);
});

/** Of a process that has ended. */
async function deadOwner(token: string): Promise<string> {
  const child = spawn(process.execPath, ["-e", "0"], { stdio: "ignore" });
  const { pid } = child;
  await once(child, "close");
  return JSON.stringify({ token, ...ownIdentity(), pid });
}

test("many who find a dead owner at once: never two of them at a time", async () => {
  const folder = await temporaryFolder();
  const lock = join(folder, "race.lock");
  // Processes that never give back: each takes over from the one before, in a crowd.
  const taking = `
    import { appendFileSync } from "node:fs";
    import { join } from "node:path";
    const log = join(folder, "log");
    await withLock(folder, "race", async () => {
      appendFileSync(log, "in " + process.pid + "\\n");
      await new Promise((resolve) => setImmediate(resolve));
      appendFileSync(log, "out " + process.pid + "\\n");
      process.kill(process.pid, "SIGKILL");
      return new Promise(() => undefined);
    }, { waitMs: 100_000 });`;
  await writeFile(lock, await deadOwner("00000000-dead"));
  const others = Array.from({ length: 12 }, () => otherProcess(folder, taking));
  await Promise.all(others.map(({ closed }) => closed));
  const lines = (await readFile(join(folder, "log"), "utf8")).trimEnd().split("\n");
  expect(lines).toHaveLength(24);
  for (let at = 0; at < lines.length; at += 2) expect(lines[at + 1]).toBe(lines[at]?.replace("in", "out"));
  expect(await withLock(folder, "race", work, now)).toEqual(ok("worked"));
  expect(await readdir(folder)).toEqual(["log"]);
});

/** Another process that stops when it is about to take over from `dead`, before the named step, until it gets a line. */
function slowHeir(folder: string, step: "link" | "rename"): Other {
  return otherProcess(
    folder,
    `const outcome = await holdLock(folder, "journal");
    console.log(outcome.ok ? "taken" : outcome.error.doing);`,
    `import files from "node:fs/promises";
    import { once } from "node:events";
    import { syncBuiltinESMExports } from "node:module";
    const ${step} = files.${step};
    files.${step} = async (from, to) => {
      if (${step === "link" ? 'to.endsWith("journal.00000000-dead.lock")' : "true"}) {
        console.log("about to");
        await once(process.stdin, "data");
      }
      return ${step}(from, to);
    };
    syncBuiltinESMExports();`,
  );
}

test("one that saw a dead owner and comes late does not take the lock from who took it over in between", async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, "journal.lock"), await deadOwner("00000000-dead"));
  const late = slowHeir(folder, "link");
  expect(await late.nextLine()).toBe("about to");
  const held = await holdLock(folder, "journal");
  expect(held.ok).toBe(true);
  late.child.stdin?.write("\n");
  expect(await late.nextLine()).toBe(`process ${process.pid} works with “journal”`);
  if (held.ok) await held.value.release();
  expect(await readdir(folder)).toEqual([]);
});

test("one that is about to replace a dead owner keeps others from it; killed, it does not", async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, "journal.lock"), await deadOwner("00000000-dead"));
  const late = slowHeir(folder, "rename");
  expect(await late.nextLine()).toBe("about to");
  expect(await withLock(folder, "journal", work, { waitMs: 0, clock: fakeClock() })).toEqual({
    ok: false,
    error: { code: "not-now", doing: "others work with “journal”" },
  });
  late.child.kill("SIGKILL");
  await late.closed;
  expect(await withLock(folder, "journal", work, now)).toEqual(ok("worked"));
  expect(await readdir(folder)).toEqual([]);
});

test("killed at any moment, also while it takes over from one that was killed: the next one gets it, and sweeps up", async () => {
  const folder = await temporaryFolder();
  const spinning = `
    console.log("ready");
    for (;;) {
      await withLock(folder, "busy", async () => ({ ok: true, value: null }), { waitMs: 100_000 });
      // Every other time it is left behind by somebody who is dead.
      await (await import("node:fs/promises")).writeFile(folder + "/busy.lock", process.argv[1], { flag: "wx" }).catch(() => undefined);
    }`;
  const dead = await deadOwner("00000000-dead");
  for (let round = 0; round < 6; round += 1) {
    const others = Array.from({ length: 3 }, () =>
      otherProcess(folder, spinning.replace("process.argv[1]", JSON.stringify(dead))),
    );
    await Promise.all(others.map(({ nextLine }) => nextLine()));
    for (const { child } of others) child.kill("SIGKILL");
    await Promise.all(others.map(({ closed }) => closed));
    expect(await withLock(folder, "busy", work, { waitMs: 60_000 })).toEqual(ok("worked"));
  }
  await writeFile(join(folder, "busy.lock"), dead);
  expect(await withLock(folder, "busy", work, now)).toEqual(ok("worked"));
  expect(await readdir(folder)).toEqual([]);
});

test("one that died while it took over from a dead one is taken over itself", async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, "journal.lock"), await deadOwner("00000000-0001"));
  await writeFile(join(folder, "journal.00000000-0001.lock"), await deadOwner("00000000-0002"));
  await writeFile(join(folder, "journal.00000000-0002.lock"), await deadOwner("00000000-0003"));
  await writeFile(join(folder, "journal.00000000-0004.new"), await deadOwner("00000000-0004"));
  await writeFile(join(folder, "journal.00000000-0005.new"), "");
  await writeFile(join(folder, "journal.jsonl"), "kept");
  await writeFile(join(folder, "journal-other.lock"), await deadOwner("00000000-0006"));
  expect(await withLock(folder, "journal", work, now)).toEqual(ok("worked"));
  expect(await readdir(folder)).toEqual(["journal-other.lock", "journal.jsonl"]);
});

test("somebody who is just taking over is not disturbed", async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, "journal.lock"), await deadOwner("00000000-0001"));
  await writeFile(
    join(folder, "journal.00000000-0001.lock"),
    JSON.stringify({ token: "00000000-0002", ...ownIdentity() }),
  );
  expect(await withLock(folder, "journal", work, { waitMs: 0, clock: fakeClock() })).toEqual({
    ok: false,
    error: { code: "not-now", doing: "others work with “journal”" },
  });
  expect(await readdir(folder)).toHaveLength(2);
});

test.each(["", "{", "null", '{"token":"../../x","pid":1,"at":0,"start":null,"space":null}', "\0\0\0\0"])(
  "a lock file that holds %j is left over from a power cut",
  async (text) => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, "journal.lock"), text);
    expect(await withLock(folder, "journal", work, now)).toEqual(ok("worked"));
    expect(await readdir(folder)).toEqual([]);
  },
);

test("waiting is bounded, with delays that grow", async () => {
  const folder = await temporaryFolder();
  const held = await holdLock(folder, "journal");
  expect(held.ok).toBe(true);
  const clock = fakeClock();
  expect(await withLock(folder, "journal", work, { waitMs: 10_000, clock })).toEqual({
    ok: false,
    error: { code: "not-now", doing: `process ${process.pid} works with “journal”` },
  });
  expect(clock.monotonic()).toBeCloseTo(10_000);
  expect(clock.waits.length).toBeLessThan(120);
  expect(clock.waits[0]).toBeLessThan(8);
  expect(Math.max(...clock.waits)).toBeGreaterThan(100);
});

test("waiting ends when it is no longer wanted", async () => {
  const folder = await temporaryFolder();
  await holdLock(folder, "journal");
  const clock = manualClock();
  const controller = new AbortController();
  const waiting = withLock(folder, "journal", work, { waitMs: 10_000, clock, signal: controller.signal });
  await vi.waitFor(() => expect(clock.waiting()).toBe(1));
  controller.abort();
  expect(await waiting).toEqual({ ok: false, error: { code: "cancelled" } });
});

test("calls of one process take turns, too", async () => {
  const folder = await temporaryFolder();
  let inside = 0;
  const outcomes = await Promise.all(
    Array.from({ length: 10 }, () =>
      withLock(
        folder,
        "refresh",
        async () => {
          inside += 1;
          await readdir(folder);
          expect(inside).toBe(1);
          inside -= 1;
          return ok(null);
        },
        { waitMs: 60_000 },
      ),
    ),
  );
  expect(outcomes).toEqual(outcomes.map(() => ok(null)));
});

test("a folder that cannot be made is told as such", async () => {
  const folder = join(await temporaryFolder(), "file");
  await writeFile(folder, "");
  expect(await withLock(folder, "journal", work, now)).toEqual({
    ok: false,
    error: { code: "storage-failed", operation: "write", problem: "something else is in its place" },
  });
});

test.each(["../x", "a.b", "", "A", "a/b"])("%j is no name of a lock, which is a mistake of ours", async (name) => {
  await expect(withLock(await temporaryFolder(), name, work, now)).rejects.toThrow("Not a plain name");
});

describe("who is still there", () => {
  const self = ownIdentity();

  test("this process is; the same number with another start is not", async () => {
    expect(await stateOf(self)).toBe("alive");
    expect(self.start).toMatch(/^[0-9a-f-]{36}:\d+$/);
    expect(await stateOf({ ...self, start: `${self.start}0` })).toBe("dead");
    expect(await stateOf({ ...self, start: self.start?.replace(/^[^:]*/, "another-boot") ?? null })).toBe("dead");
  });

  test("a process with blanks and brackets in its name", async () => {
    const child = spawn(
      process.execPath,
      ["-e", "process.title = 'a) Z (b'; console.log('up'); setInterval(() => 0, 1e6)"],
      {
        stdio: ["ignore", "pipe", "ignore"],
      },
    );
    onTestFinished(() => void child.kill("SIGKILL"));
    await once(child.stdout, "data");
    const stat = await readFile(`/proc/${child.pid}/stat`, "utf8");
    expect(stat).toContain("(a) Z (b)");
    const start = `${self.start?.split(":")[0]}:${stat.split(") ").at(-1)?.split(" ")[19]}`;
    expect(await stateOf({ ...self, pid: child.pid ?? 0, start })).toBe("alive");
  });

  test("one in another container cannot be seen: its lock counts until it is forgotten", async () => {
    const elsewhere = { ...self, token: "00000000-0001", pid: 1, space: "pid:[1]" };
    expect(await stateOf(elsewhere)).toBe("unknown");
    const folder = await temporaryFolder();
    const lock = join(folder, "journal.lock");
    await writeFile(lock, JSON.stringify(elsewhere));
    expect(await withLock(folder, "journal", work, now)).toMatchObject({ ok: false, error: { code: "not-now" } });
    const longAgo = new Date(Date.now() - 660_000);
    await utimes(lock, longAgo, longAgo);
    expect(await withLock(folder, "journal", work, now)).toEqual(ok("worked"));
  });

  test("without /proc: by the number and the age of who has it now", async () => {
    expect(await stateByTime(self)).toBe("alive");
    expect(await stateByTime({ ...self, pid: 1 })).toBe("alive");
    // It began after the lock was made, so it is not the one that made it.
    expect(await stateByTime({ ...self, at: Date.now() - 11_000 - process.uptime() * 1000 })).toBe("dead");
    // Made before the system was started.
    expect(await stateByTime({ ...self, at: 0 })).toBe("dead");
    const child = spawn(process.execPath, ["-e", "0"], { stdio: "ignore" });
    await once(child, "close");
    expect(await stateByTime({ ...self, pid: child.pid ?? 0 })).toBe("dead");
  });

  test.each([
    ["00:07\n", 7_000],
    ["   12:34", 754_000],
    ["01:00:00", 3_600_000],
    ["2-03:04:05", 183_845_000],
    ["", null],
    ["ELAPSED", null],
  ])("ps's %j", (text, age) => expect(readElapsed(text)).toBe(age));
});
