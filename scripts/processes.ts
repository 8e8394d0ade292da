import { spawn, spawnSync } from "node:child_process";
import { join } from "node:path";

/** The folder of the repository. */
export const root = join(import.meta.dirname, "..");

/**
 * Runs a program of the repository on this Node and resolves with its exit code. Our own output goes to stderr where
 * `quiet` is set, because stdout then belongs to somebody else's result.
 */
export function runNode(args: readonly string[], options: RunOptions = {}): Promise<number> {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", ...args], {
    cwd: options.cwd ?? root,
    env: { ...process.env, ...options.env },
    stdio: options.quiet === true ? ["inherit", 2, 2] : "inherit",
  });
  // Ctrl-C in a terminal reaches the child as well, and twice means "at once"; a signal from elsewhere reaches only us.
  // Either way we stay, to report its exit code.
  const interrupt = () => {
    if (!process.stdin.isTTY) child.kill("SIGINT");
  };
  process.on("SIGINT", interrupt);
  const forward = () => child.kill("SIGTERM");
  process.on("SIGTERM", forward);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      process.removeListener("SIGINT", interrupt);
      process.removeListener("SIGTERM", forward);
      resolve(code ?? (signal === "SIGINT" ? 130 : 1));
    });
  });
}

export type RunOptions = { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv; readonly quiet?: boolean };

/** The output of a program, or `null` when it could not be run or failed. */
export function outputOf(command: string, args: readonly string[]): string | null {
  const done = spawnSync(command, args, { encoding: "utf8" });
  return done.status === 0 ? done.stdout : null;
}

/** A tool that npm installed, by the file that its package names. */
export const tool = (file: string): string => join(root, "node_modules", file);
