export type Environment = Readonly<Record<string, string | undefined>>;

export type CommandResult = { readonly code: number; readonly output: string; readonly complaint: string };

/** A command of the system, at its absolute path. */
export type RunCommand = (
  file: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
) => Promise<CommandResult | null>;

/** PowerShell needs seconds on a cold, busy machine; nothing else needs one. */
const limitMs = 15_000;
const mostBytes = 4_000_000;

/**
 * Runs a command without a shell to its end. `null`: it could not be started, took too long, said too much, or was
 * killed. It gets the given environment only, because ours may hold a secret.
 */
export const runCommand: RunCommand = (file, args, environment) =>
  new Promise((resolve) => {
    const options = {
      env: environment,
      timeout: limitMs,
      maxBuffer: mostBytes,
      killSignal: "SIGKILL",
      windowsHide: true,
      encoding: "utf8",
    } as const;
    // Asked for here and not imported: most commands never run one, and every start would pay for loading it.
    const { execFile } = process.getBuiltinModule("node:child_process");
    const child = execFile(file, args, options, (error, output, complaint) => {
      if (error === null) resolve({ code: 0, output, complaint });
      else if (typeof error.code === "number" && error.killed !== true) {
        resolve({ code: error.code, output, complaint });
      } else resolve(null);
    });
    child.stdin?.end();
  });
