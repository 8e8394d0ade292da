import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { join } from "node:path";
import { decode, encode } from "./codec.ts";

/** What a second start tells the first: its arguments, its working folder and the app's own data. */
export type SecondStart = readonly [argv: readonly string[], workingDirectory: string, additionalData: unknown];

export type Lock =
  | { readonly held: true; readonly release: () => void }
  /** `told` resolves when the first instance has the message; leaving earlier would lose it. */
  | { readonly held: false; readonly told: Promise<void> };

// The path of a Unix socket has to fit into 104 bytes (macOS) or 108 (Linux); beyond that listen fails with EINVAL.
const longestSocketPath = 103;

function ownerAlive(lockFile: string): boolean {
  let owner: number;
  try {
    owner = Number(readFileSync(lockFile, "utf8"));
  } catch {
    return false;
  }
  try {
    process.kill(owner, 0);
    return true;
  } catch (error) {
    // EPERM: there is such a process, it belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Makes the file appear with its content in one step; fails when it is already there. */
function place(lockFile: string): boolean {
  const draft = `${lockFile}.${process.pid}`;
  writeFileSync(draft, String(process.pid), { mode: 0o600 });
  try {
    linkSync(draft, lockFile);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(draft, { force: true });
  }
}

/**
 * Takes the lock of this profile folder, or hands this start over to the process that holds it. A lock left behind by
 * a killed process is taken over.
 */
export function takeLock(folder: string, additionalData: unknown, onSecond: (second: SecondStart) => void): Lock {
  mkdirSync(folder, { recursive: true });
  const lockFile = join(folder, "SingletonLock");
  const socketPath = join(folder, "SingletonSocket");
  if (Buffer.byteLength(socketPath) > longestSocketPath) {
    throw new Error(`electron stand-in: the profile folder's path is too long for a socket: ${folder}`);
  }
  if (!place(lockFile)) {
    if (ownerAlive(lockFile)) return { held: false, told: tell(socketPath, additionalData) };
    rmSync(lockFile, { force: true });
    if (!place(lockFile)) return { held: false, told: tell(socketPath, additionalData) };
  }
  rmSync(socketPath, { force: true });
  const server = listen(socketPath, onSecond);
  const release = (): void => {
    process.off("exit", release);
    server.close();
    rmSync(socketPath, { force: true });
    rmSync(lockFile, { force: true });
  };
  process.once("exit", release);
  return { held: true, release };
}

function listen(socketPath: string, onSecond: (second: SecondStart) => void): Server {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    let text = "";
    socket.setEncoding("utf8");
    socket.on("data", (part: string) => {
      text += part;
    });
    socket.on("end", () => {
      onSecond(decode(text) as SecondStart);
      socket.end();
    });
    socket.on("error", () => socket.destroy());
  });
  server.listen(socketPath);
  server.unref();
  return server;
}

function tell(socketPath: string, additionalData: unknown): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(socketPath, () => socket.end(encode([process.argv, process.cwd(), additionalData])));
    // The answer is only that the other side closes. Without a listener for data the end would never be seen.
    socket.resume();
    socket.on("error", () => resolve());
    socket.on("close", () => resolve());
  });
}
