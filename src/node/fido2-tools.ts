import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { isAbsolute, join } from "node:path";

/**
 * libfido2's command line tools (fido2-token(1), fido2-cred(1)): where they are, and how one of them is run so that it
 * can neither take anything from us but a PIN on its stdin, nor outlive us.
 */

/** Absolute paths. */
export type Fido2Tools = { readonly token: string; readonly cred: string };

/**
 * Where packages put them. On macOS these folders belong to whoever installed Homebrew or MacPorts; there is no other
 * place, and that is one reason why this route is off until the administrator allows it. Windows has none: the tools
 * read a PIN from the console there, and Windows asks for it by itself in the window.
 */
const systemFolders: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  linux: ["/usr/bin", "/usr/local/bin"],
  darwin: ["/opt/homebrew/bin", "/usr/local/bin", "/opt/local/bin"],
};

/**
 * @param folder from policy or configuration: then only there. `null`: the system's own places. Never `PATH`, which may
 *   name a folder that anybody can write to.
 * @returns `null`: not both tools are there, or the folder is not an absolute path
 */
export function findFido2Tools(
  folder: string | null,
  exists: (path: string) => boolean = isExecutable,
  platform: NodeJS.Platform = process.platform,
): Fido2Tools | null {
  const places = systemFolders[platform] ?? [];
  if (places.length === 0) return null;
  const found = (folder === null ? places : [folder].filter((path) => isAbsolute(path)))
    .map((path) => ({ token: join(path, "fido2-token"), cred: join(path, "fido2-cred") }))
    .find(({ token, cred }) => exists(token) && exists(cred));
  return found ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

export type ToolRun = {
  readonly file: string;
  readonly args: readonly string[];
  /** Stops the tool and everything that it started. */
  readonly signal: AbortSignal;
  /**
   * Called once, when the tool asks for the PIN. The bytes are zeroed as soon as the tool has them, or when they come
   * too late. `null` stops the tool.
   */
  readonly answerPin?: () => Promise<Uint8Array | null>;
};

export type ToolResult =
  /** `code` is `null` when a signal ended it or it said more than such a tool can. */
  | { readonly kind: "ended"; readonly code: number | null; readonly output: string; readonly complaint: string }
  /** By the signal, or because there was no PIN. */
  | { readonly kind: "stopped" }
  | { readonly kind: "not-started" };

/** A credential with a certificate is about 2 kB, a key's facts less. */
const mostCharacters = 200_000;

/** Nothing of ours: our own environment may hold a client secret. `LANG` keeps the tool's words as we know them. */
const environment = { LANG: "C", PATH: "/usr/bin:/bin:/usr/sbin:/sbin" };

/** What readpassphrase writes to stderr when there is no terminal: the one moment at which a PIN is wanted. */
const pinPrompt = /Enter PIN for [^\n]*: ?$/;

/**
 * Runs a tool to its end.
 *
 * It gets a session of its own (`detached`): without a controlling terminal it asks for the PIN on stderr and reads it
 * from stdin, and it leads a process group that can be killed as a whole. The price is that Ctrl-C does not reach it;
 * `signal` has to. Should we die without a word, its stdin closes, and a key gives up on an untouched request by itself.
 *
 * `complaint` is what it wrote to stderr: for matching only, never for a log or a person, because we do not control it.
 */
export function runTool({ file, args, signal, answerPin }: ToolRun): Promise<ToolResult> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return resolve({ kind: "stopped" });
    const child = start(file, args);
    if (child === null) return resolve({ kind: "not-started" });

    let output = "";
    let complaint = "";
    let isPinAsked = false;
    let state: "running" | "stopped" | "flooded" | "over" = "running";

    const stop = (why: "stopped" | "flooded"): void => {
      if (state !== "running") return;
      state = why;
      killGroup(child);
      // Something that it started in yet another session could hold these open, and we would wait for it.
      child.stdin.destroy();
      child.stdout.destroy();
      child.stderr.destroy();
    };
    const onAbort = (): void => stop("stopped");
    signal.addEventListener("abort", onAbort, { once: true });

    const givePin = async (ask: () => Promise<Uint8Array | null>): Promise<void> => {
      const pin = await ask();
      if (pin === null) return stop("stopped");
      if (state !== "running") return void pin.fill(0);
      // The callback comes after the last byte has left, and also when the tool is gone.
      child.stdin.write(pin);
      child.stdin.end("\n", () => pin.fill(0));
    };

    // A tool that ends before it has read everything breaks the pipe; what it says on the others is what counts.
    child.stdin.on("error", () => undefined);
    if (answerPin === undefined) child.stdin.end();
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      if (output.length > mostCharacters) stop("flooded");
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      complaint += text;
      if (complaint.length > mostCharacters) return stop("flooded");
      if (answerPin === undefined || isPinAsked || !pinPrompt.test(complaint)) return;
      isPinAsked = true;
      givePin(answerPin).catch((error: unknown) => {
        stop("stopped");
        reject(error);
      });
    });
    child.once("error", () => {
      signal.removeEventListener("abort", onAbort);
      if (child.pid === undefined) resolve({ kind: "not-started" });
    });
    child.once("close", (code) => {
      signal.removeEventListener("abort", onAbort);
      const ended = state;
      state = "over";
      if (ended === "stopped") resolve({ kind: "stopped" });
      else resolve({ kind: "ended", code: ended === "flooded" ? null : code, output, complaint });
    });
  });
}

/** `null`: the system refused at once, e.g. because the file is no program. Other refusals come as an `error` event. */
function start(file: string, args: readonly string[]): ChildProcessWithoutNullStreams | null {
  try {
    return spawn(file, args, { detached: true, cwd: "/", env: environment, stdio: ["pipe", "pipe", "pipe"] });
  } catch {
    return null;
  }
}

/** Killed and not asked: the tools handle no signal except while they read a PIN, and have nothing to tidy up. */
function killGroup({ pid }: ChildProcessWithoutNullStreams): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It ended by itself in this moment.
  }
}
