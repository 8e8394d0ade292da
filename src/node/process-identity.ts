import { execFile } from "node:child_process";
import { readFileSync, readlinkSync } from "node:fs";
import { uptime } from "node:os";

/**
 * Whether a process that wrote its identity down is still the one that runs. A number alone does not say it: systems
 * give the number of a dead process to the next one.
 */

export type ProcessIdentity = {
  readonly pid: number;
  /** Milliseconds since 1970 at which this was written. */
  readonly at: number;
  /** Linux: which start of the system, and how long after it the process began. Elsewhere, or without /proc, `null`. */
  readonly start: string | null;
  /** Linux: within which numbers (a container has its own) `pid` is one. */
  readonly space: string | null;
};

/** Of this process. */
export function ownIdentity(): ProcessIdentity {
  const boot = bootId();
  const began = boot === null ? null : startTicks(process.pid);
  return {
    pid: process.pid,
    at: Date.now(),
    start: typeof began === "number" ? `${boot}:${began}` : null,
    space: numberSpace(),
  };
}

/**
 * `unknown`: it is in another container of this machine, or another user's where the system shows only one's own, and
 * nothing here can see it.
 */
export async function stateOf(identity: ProcessIdentity): Promise<"alive" | "dead" | "unknown"> {
  const { pid, start, space } = identity;
  const boot = bootId();
  if (start !== null && boot !== null) {
    if (!start.startsWith(`${boot}:`)) return "dead";
    if (space !== numberSpace()) return "unknown";
    const ticks = startTicks(pid);
    if (ticks !== "hidden") return ticks !== null && start === `${boot}:${ticks}` ? "alive" : "dead";
  }
  return stateByTime(identity);
}

/** What a system without /proc can tell: who has the number now, and since when. */
export async function stateByTime({ pid, at }: ProcessIdentity): Promise<"alive" | "dead"> {
  // A minute, because the time of day may have been set since.
  if (at < Date.now() - uptime() * 1000 - 60_000) return "dead";
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Refused: it is there, and somebody else's.
    if (!(error instanceof Error && "code" in error && error.code === "EPERM")) return "dead";
  }
  // A number is not given again so soon, and the question starts a program: nothing for everyone who waits in a queue.
  if (Date.now() - at < 10_000) return "alive";
  const age = await ageOf(pid);
  return age !== null && Date.now() - age > at + 2_000 ? "dead" : "alive";
}

function bootId(): string | null {
  return process.platform === "linux" ? readText("/proc/sys/kernel/random/boot_id") : null;
}

function numberSpace(): string | null {
  if (process.platform !== "linux") return null;
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return null;
  }
}

/**
 * proc_pid_stat(5): field 22, `starttime`. `null`: there is no such process, or one that has ended and whose parent has
 * not asked yet. `hidden`: it is there but not shown to us (proc(5), `hidepid`).
 */
function startTicks(pid: number): number | "hidden" | null {
  const stat = readText(`/proc/${pid}/stat`);
  if (stat === null) {
    try {
      process.kill(pid, 0);
      return "hidden";
    } catch (error) {
      return error instanceof Error && "code" in error && error.code === "EPERM" ? "hidden" : null;
    }
  }
  // The name, in brackets, may hold spaces and brackets of its own. What follows it begins with field 3, the state.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" || fields[0] === "X" ? null : Number(fields[19]);
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return null;
  }
}

/** Milliseconds since a process began, to the second. `null`: not told. */
async function ageOf(pid: number): Promise<number | null> {
  if (process.platform !== "win32") return readElapsed(await output("/bin/ps", ["-o", "etime=", "-p", String(pid)]));
  const shell = `${process.env["SystemRoot"] ?? "C:\\Windows"}\\System32\\WindowsPowerShell\\v1.0\\powershell.exe`;
  const question = `[long]((Get-Date) - (Get-Process -Id ${pid}).StartTime).TotalMilliseconds`;
  const answer = (await output(shell, ["-NoProfile", "-NonInteractive", "-Command", question])).trim();
  return /^\d+$/.test(answer) ? Number(answer) : null;
}

function output(file: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    // Nothing of our environment, which may name a file with a secret, but what the programs need to start.
    const env = { LC_ALL: "C", SystemRoot: process.env["SystemRoot"] };
    execFile(file, args, { timeout: 5_000, windowsHide: true, env }, (error, text) =>
      resolve(error === null ? text : ""),
    );
  });
}

/** The `etime` of ps(1), `[[days-]hours:]minutes:seconds`, in milliseconds. `null`: something else. */
export function readElapsed(text: string): number | null {
  const match = /^\s*(?:(?:(\d+)-)?(\d+):)?(\d+):(\d+)\s*$/.exec(text);
  if (match === null) return null;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((part) => Number(part ?? 0));
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
}
