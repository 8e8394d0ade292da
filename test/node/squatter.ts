import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import type { Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** Programs that speak the agent's protocol on a port of this computer, each a process of its own, and count what they get. */

export const attestation = "eyJhbGciOiJSUzI1NiJ9.c3F1YXR0ZXI.c2lnbmF0dXJl";

export type Squatter = {
  readonly port: number;
  readonly processId: number;
  /** What has reached it so far. */
  readonly tally: () => Promise<{ readonly connections: number; readonly bytes: number }>;
  /** Is handed a listening socket of ours, which it then shares with us. */
  readonly take: (server: Server) => Promise<void>;
  /** Ends it at once, as a crash does. */
  readonly kill: () => Promise<void>;
};

export type SquatterOptions = {
  readonly port?: number;
  readonly host?: string;
  readonly reusePort?: boolean;
  /** Instead of a port of its own: a listening socket of ours, which it then shares with us. */
  readonly inherited?: Server;
  /** The program that runs it. */
  readonly program?: string;
  /** Only root can give one. */
  readonly userId?: number;
  /** A command to be run through, in front of the program. */
  readonly through?: readonly string[];
};

const script = join(import.meta.dirname, "squatter-program.mjs");

export async function squatter(options: SquatterOptions = {}): Promise<Squatter> {
  const { port = 0, host = "127.0.0.1", reusePort = false, inherited, userId } = options;
  const program = options.program ?? process.execPath;
  const [command, ...words] = options.through ?? [];
  const child = fork(script, [], {
    execPath: command ?? program,
    execArgv: command === undefined ? [] : [...words, program],
    env: { PATH: process.env["PATH"] ?? "" },
    cwd: "/",
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    ...(userId === undefined ? {} : { uid: userId, gid: userId }),
  });
  onTestFinished(() => end(child));
  const ask = async (
    question: object,
    handle?: Server,
  ): Promise<{ port: number; connections: number; bytes: number }> => {
    const answered = once(child, "message");
    child.send(question, handle);
    const ended = once(child, "exit").then(() => Promise.reject(new Error("The squatter ended.")));
    const [answer] = await Promise.race([answered, ended]);
    return answer;
  };
  const { port: taken } = await ask({ listen: { port, host, reusePort }, attestation }, inherited);
  return {
    port: taken,
    processId: child.pid ?? 0,
    tally: async () => {
      const { connections, bytes } = await ask({ tally: true });
      return { connections, bytes };
    },
    take: async (server) => void (await ask({ listen: {}, attestation }, server)),
    kill: () => end(child),
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}

/** A copy of Node in a folder of its own, for what may happen to a program's file. */
export function copyOfNode(): { readonly path: string; readonly folder: string } {
  const folder = join(mkdtempSync(join(tmpdir(), "deskpair-squatter-")), "bin");
  mkdirSync(folder);
  onTestFinished(() => rmSync(join(folder, ".."), { recursive: true, force: true }));
  const path = join(folder, "agent");
  copyFileSync(process.execPath, path);
  chmodSync(path, 0o755);
  return { path, folder };
}
