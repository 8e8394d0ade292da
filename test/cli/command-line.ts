import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, vi } from "vitest";
import { type Simulator, type SimulatorOptions, startSimulator } from "../../src/simulator/index.ts";
import { type Gateway, startGateway } from "./gateway.ts";
import { underPolicy } from "./machine-policy.ts";

// Whole processes on a machine that may be busy with others: the limit is for what hangs, not for what is slow.
vi.setConfig({ testTimeout: 60_000 });

export const program = join(import.meta.dirname, "../../out/cli/deskpair.js");

export type Run = {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The last line of stdout, parsed. */
  readonly json: unknown;
  /** Every line of stdout, parsed. */
  readonly lines: readonly unknown[];
  readonly log: string;
};

export type Running = {
  readonly child: ChildProcessWithoutNullStreams;
  readonly ended: Promise<Run>;
  /** Resolves when the text has been printed on stdout or stderr. */
  readonly printed: (text: string) => Promise<void>;
  /** What has been printed on stdout so far. */
  readonly soFar: () => string;
  /** The same of stdout and stderr. */
  readonly everything: () => string;
};

export type Place = {
  readonly folder: string;
  readonly simulator: Simulator;
  readonly gateway: Gateway;
  readonly environment: Readonly<Record<string, string>>;
  readonly start: (args: readonly string[], more?: StartOptions) => Running;
  /** Starts and waits for the end. */
  readonly run: (args: readonly string[], more?: StartOptions) => Promise<Run>;
  /** Requests that would change something on PingOne, tokens aside, and everything that reached the agent. */
  readonly writes: () => readonly string[];
};

export type StartOptions = {
  /** `undefined` takes a variable away. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** `null`: left open, with nothing in it. */
  readonly stdin?: string | null;
  /** A folder with the machine's policy, for Linux: see `policyFolder`. */
  readonly policy?: string;
  /** Instead of the command line in its folder, on this Node. */
  readonly command?: readonly string[];
  /** Run it at a terminal, which shows what is typed unless the program sees to it. All that it shows is `stdout`. */
  readonly atTerminal?: boolean;
};

/**
 * A simulator behind a gateway, and the built command line in an empty home of its own that knows both.
 *
 * Every run keeps a log at level debug, and after every run the client secret and key, what was piped into it, every
 * token, every code of a sign-in, every JWT for the agent and every attestation that went over the wire is searched for
 * in all that the run has printed or written, except in the one file that is made to keep secrets.
 */
export async function createPlace(options: Partial<SimulatorOptions> = {}): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), "deskpair-cli-"));
  const simulator = await startSimulator({ port: 0, agentPort: 0, ...options });
  const gateway = await startGateway({
    port: Number(new URL(simulator.apiUrl).port),
    agentPort: simulator.agentPort,
  });
  onTestFinished(async () => {
    gateway.close();
    await simulator.close();
    await rm(folder, { recursive: true, force: true });
  });
  const secretFile = join(folder, "secret");
  await writeFile(secretFile, `${simulator.clientSecret}\n`, { mode: 0o600 });
  const environment = {
    ...bareEnvironment(folder),
    DESKPAIR_API_URL: `http://127.0.0.1:${gateway.port}`,
    DESKPAIR_AUTH_URL: `http://127.0.0.1:${gateway.port}`,
    DESKPAIR_ENVIRONMENT_ID: simulator.environmentId,
    DESKPAIR_CLIENT_ID: simulator.clientId,
    DESKPAIR_CLIENT_SECRET_FILE: secretFile,
    DESKPAIR_AGENT_PORT: String(gateway.agentPort),
    DESKPAIR_DATA_DIR: join(folder, "data"),
  };
  const logFile = join(folder, "deskpair.log");
  const start = (args: readonly string[], more: StartOptions = {}): Running => {
    const running = startProgram(
      [...args, "--log-file", logFile, "--log-level", "debug"],
      { ...environment, ...more.environment },
      folder,
      more.stdin === undefined ? "" : more.stdin,
      more.atTerminal,
      more.policy,
      more.command,
    );
    return { ...running, ended: running.ended.then((run) => withoutSecrets(run, more.stdin?.trim() ?? "")) };
  };
  const withoutSecrets = async (run: Run, piped: string): Promise<Run> => {
    const log = await readFile(logFile, "utf8").catch(() => "");
    const written = [run.stdout, run.stderr, log, ...(await textsBelow(join(folder, "data")))].join("\n");
    const { codes, refreshTokens, deviceCodes } = simulator.world.signIn;
    const ofSignIn = [...codes.keys(), ...refreshTokens.keys(), ...deviceCodes.keys()];
    const key = simulator.workerKeyPem.split("\n").filter((line) => line.length > 20 && !line.includes("-"));
    for (const secret of [
      simulator.clientSecret,
      ...key,
      ...ofSignIn,
      ...gateway.secrets,
      ...(piped === "" ? [] : [piped]),
    ]) {
      // Also its parts: the payload of a JWT is the secret as much as the whole.
      for (const part of [secret, ...secret.split(".").filter((text) => text.length > 20)]) {
        expect(written.includes(part), `a secret was printed or written: ${written}`).toBe(false);
      }
    }
    return { ...run, log };
  };
  return {
    folder,
    simulator,
    gateway,
    environment,
    start,
    run: (args, more) => start(args, more).ended,
    writes: () =>
      simulator.world.log
        .filter(
          ({ server, method, operation }) => server === "agent" || (method !== "GET" && operation !== "issue-token"),
        )
        .map(({ method, operation }) => `${method} ${operation}`),
  };
}

/** A home without any configuration. */
export function bareEnvironment(home: string): Readonly<Record<string, string>> {
  const { PATH = "", SystemRoot } = process.env;
  return { PATH, HOME: home, LANG: "C.UTF-8", ...(SystemRoot === undefined ? {} : { SystemRoot }) };
}

export function startProgram(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  folder: string,
  stdin: string | null = "",
  atTerminal = false,
  policy: string | null = null,
  start: readonly string[] = [process.execPath, program],
): Running {
  const plain = [...start, ...args];
  const command = policy === null ? plain : underPolicy(policy, plain);
  const [file = "", ...rest] = atTerminal ? ["script", "-qec", command.map(quoted).join(" "), "/dev/null"] : command;
  const child = spawn(file, rest, { cwd: folder, env: { ...environment } });
  onTestFinished(() => void child.kill("SIGKILL"));
  const texts = { stdout: "", stderr: "" };
  const waiting = new Set<() => void>();
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      texts[name] += text;
      for (const check of waiting) check();
    });
  }
  // A program that ends before it has read everything is no failure of the test.
  child.stdin.on("error", () => undefined);
  if (stdin !== null) child.stdin.end(stdin);
  const ended = once(child, "close").then(([code]): Run => {
    const lines = texts.stdout
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line): unknown => JSON.parse(line));
    return { code: typeof code === "number" ? code : null, ...texts, lines, json: lines.at(-1), log: "" };
  });
  return {
    child,
    ended,
    soFar: () => texts.stdout,
    everything: () => texts.stdout + texts.stderr,
    printed: (text) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          if (!(texts.stdout + texts.stderr).includes(text)) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
        void ended.then(() => reject(new Error(`It ended without “${text}”: ${texts.stdout}${texts.stderr}`)));
      }),
  };
}

/** For a shell. */
const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

async function textsBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return Promise.all(
    entries
      .filter((entry) => entry.isFile() && entry.name !== "secrets.json")
      .map((entry) => readFile(join(entry.parentPath, entry.name), "utf8")),
  );
}
