import { spawn } from "node:child_process";
import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  watch,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import type { PretendKey } from "./pretend-key.ts";

/**
 * What the two pretend tools share: the folder in which the test plugs keys in, the tools' way to fail, to read options
 * and to ask for a PIN. They behave as fido2-token(1), fido2-cred(1) and readpassphrase(3) say.
 */

/** How a tool can go wrong on its own. */
export type Fault = {
  readonly tool: "fido2-token" | "fido2-cred";
  /** Its first option, e.g. `-L`. */
  readonly mode: string;
  readonly does: "hang" | "hang-with-child" | "print-garbage" | "print-without-end" | "crash";
};

export type Plugged = { readonly keys: readonly PretendKey[]; readonly fault: Fault | null };

/** The first argument is the folder; the rest is what the tool was called with. */
export const [folder = "", ...toolArguments] = process.argv.slice(2);

export const readPlugged = (): Plugged => JSON.parse(readFileSync(join(folder, "plugged.json"), "utf8"));

/** In one step, because the test reads it while we run. */
export function writePlugged(plugged: Plugged): void {
  const temporary = join(folder, `plugged.${process.pid}.json`);
  writeFileSync(temporary, JSON.stringify(plugged));
  renameSync(temporary, join(folder, "plugged.json"));
}

export type Run = {
  readonly tool: string;
  readonly pid: number;
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The whole of the file that `-i` names, as it was when the tool started. */
  readonly parameters: string | null;
  /** Session and terminal of proc(5). */
  readonly session: number;
  readonly terminal: number;
  readonly children: readonly number[];
};

/** Leaves a trace for the test, and goes wrong if that is what the test wants. Comes back otherwise. */
export async function begin(tool: Fault["tool"]): Promise<void> {
  const { fault } = readPlugged();
  const does = fault?.tool === tool && fault.mode === toolArguments[0] ? fault.does : null;
  // Another process of the same group, as a wrapper around the real tool would leave behind.
  const forever = "process.on('SIGTERM', () => undefined); setInterval(() => undefined, 1_000_000)";
  const child = does === "hang-with-child" ? spawn(process.execPath, ["-e", forever], { stdio: "inherit" }) : null;
  const input = toolArguments[toolArguments.indexOf("-i") + 1];
  const [, , , session = 0, terminal = 0] = readFileSync("/proc/self/stat", "utf8")
    .replace(/^.*\) /s, "")
    .split(" ")
    .map(Number);
  const run: Run = {
    tool,
    pid: process.pid,
    arguments: toolArguments,
    environment: process.env,
    parameters: toolArguments.includes("-i") && input !== undefined ? readFileSync(input, "utf8") : null,
    session,
    terminal,
    children: child?.pid === undefined ? [] : [child.pid],
  };
  const temporary = join(folder, `run.${process.pid}`);
  writeFileSync(temporary, JSON.stringify(run));
  renameSync(temporary, join(folder, "runs", `${process.hrtime.bigint()}.json`));
  switch (does) {
    case null:
      return;
    case "hang":
    case "hang-with-child":
      process.on("SIGTERM", () => undefined);
      setInterval(() => undefined, 1_000_000);
      return new Promise(() => undefined);
    case "print-garbage":
      process.stdout.write("\u0000\u0007not what the manual says\n{}\n");
      process.exit(0);
      break;
    case "print-without-end":
      for (;;) writeSync(1, "/dev/hidraw9: ".repeat(1_000));
    case "crash":
      process.kill(process.pid, "SIGSEGV");
      return new Promise(() => undefined);
    default:
      return does satisfies never;
  }
}

/** errx(3) with 1. */
export function stopWith(tool: string, words: string): never {
  writeSync(2, `${tool}: ${words}\n`);
  process.exit(1);
}

/** getopt(3): letters with `:` take a value. `null`: an option that the tool does not know. */
export function readOptions(
  given: readonly string[],
  letters: string,
): { readonly options: ReadonlyMap<string, string>; readonly operands: readonly string[] } | null {
  const options = new Map<string, string>();
  for (let index = 0; index < given.length; index++) {
    const word = given[index] ?? "";
    if (!/^-./.test(word)) return { options, operands: given.slice(index) };
    for (let at = 1; at < word.length; at++) {
      const letter = word[at] ?? "";
      const place = letters.indexOf(letter);
      if (letter === ":" || place < 0) return null;
      if (letters[place + 1] !== ":") {
        options.set(letter, "");
        continue;
      }
      const value = word.slice(at + 1) || given[++index];
      if (value === undefined) return null;
      options.set(letter, value);
      break;
    }
  }
  return { options, operands: [] };
}

/** readpassphrase(3): from the controlling terminal if there is one, else from stdin with the prompt on stderr. */
export function readPin(prompt: string): string {
  const terminal = openTerminal();
  const [input, output] = terminal === null ? [0, 2] : [terminal, terminal];
  writeSync(output, prompt);
  const byte = Buffer.alloc(1);
  const read: number[] = [];
  while (readSync(input, byte) === 1 && byte[0] !== 0x0a && byte[0] !== 0x0d) read.push(byte[0] ?? 0);
  if (terminal !== null) closeSync(terminal);
  return Buffer.from(read).toString("utf8");
}

function openTerminal(): number | null {
  try {
    return openSync("/dev/tty", "r+");
  } catch {
    return null;
  }
}

/** Returns when the test touches the key; before that it says that it waits, with the process id. */
export async function waitForTouch(): Promise<void> {
  const touched = join(folder, "touched");
  const told = new Promise<void>((resolve) => {
    const watcher = watch(folder, () => {
      if (!existsSync(touched)) return;
      watcher.close();
      resolve();
    });
  });
  writeFileSync(join(folder, "waits-for-touch"), String(process.pid));
  await told;
}
