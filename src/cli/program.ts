import { type Command, CommanderError } from "commander";
import type { AppError } from "../contract/errors.ts";
import type { LogLevel } from "../core/ports.ts";
import { describeProgram, outputForms, signInWays } from "./grammar.ts";

/** What the operator asked for, as data. Nothing here reads a file, the environment or a clock. */
export type Order =
  | {
      readonly name: "pair-desktop";
      /** `null`: whoever signs in as themselves. */
      readonly user: string | null;
      readonly policyId: string | null;
      readonly relyingPartyId: string | null;
      readonly nickname: string | null;
      /** Pair although the user has PingID Desktop devices already. */
      readonly force: boolean;
      readonly dryRun: boolean;
    }
  | {
      readonly name: "pair-fido2";
      readonly user: string | null;
      readonly authenticator: "key" | "platform";
      readonly policyId: string | null;
      readonly relyingPartyId: string | null;
      readonly nickname: string | null;
      readonly dryRun: boolean;
    }
  | { readonly name: "devices-list"; readonly user: string | null }
  | { readonly name: "devices-show"; readonly user: string | null; readonly device: string }
  | {
      readonly name: "devices-remove";
      readonly user: string | null;
      readonly device: string;
      readonly dryRun: boolean;
      /** Confirmed beforehand. */
      readonly yes: boolean;
    }
  | { readonly name: "auth-login"; readonly way: "browser" | "device-code" }
  | { readonly name: "auth-status"; readonly offline: boolean }
  | { readonly name: "auth-logout" }
  | { readonly name: "profiles-list" }
  /** `null`: the one in use. */
  | { readonly name: "profiles-show"; readonly profile: string | null }
  /** `changes`: as typed, `key=value` each. */
  | { readonly name: "profiles-set"; readonly profile: string; readonly changes: readonly string[] }
  | { readonly name: "profiles-remove"; readonly profile: string }
  | { readonly name: "profiles-use"; readonly profile: string }
  | { readonly name: "pairings-list"; readonly all: boolean }
  | { readonly name: "pairings-recover" }
  | { readonly name: "config-explain" }
  | { readonly name: "doctor"; readonly user: string | null }
  | { readonly name: "simulator"; readonly port: number; readonly agentPort: number; readonly fault: string | null }
  | { readonly name: "demo"; readonly kind: "desktop" | "fido2"; readonly fault: string | null };

export type OutputForm = (typeof outputForms)[number];

/** Options that every command takes, before or after its name. */
export type GlobalOptions = {
  readonly output: OutputForm;
  readonly profile: string | null;
  readonly config: string | null;
  /** Sign in as a person, for this command only; `null`: with what is kept or configured. */
  readonly signIn: (typeof signInWays)[number] | null;
  readonly logFile: string | null;
  /** `null`: not said. */
  readonly logLevel: LogLevel | null;
  readonly color: boolean;
  readonly interactive: boolean;
};

export type Invocation =
  | { readonly kind: "run"; readonly order: Order; readonly options: GlobalOptions }
  /** Help or version: print it and be done. */
  | { readonly kind: "print"; readonly text: string }
  /** `help` is for people, beside the error; `output` is the form that was asked for, as far as that can be told. */
  | {
      readonly kind: "usage-error";
      readonly error: AppError;
      readonly help: string | null;
      readonly output: OutputForm;
      readonly color: boolean;
    };

/** @param args without the program's own name. */
export function parseArguments(args: readonly string[], version: string): Invocation {
  const chosen: { order?: Order } = {};
  let printed = "";
  const program: Command = describeProgram(
    (order) => {
      chosen.order = order;
    },
    (text) => {
      printed += text;
    },
  ).version(version, "-V, --version", "show the version");
  try {
    program.parse(args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { kind: "print", text: printed };
    return usageError(args, problemOf(error), printed === "" ? null : printed);
  }
  if (chosen.order === undefined) return usageError(args, "No command was given.", program.helpInformation());
  return { kind: "run", order: chosen.order, options: globalOptions(program.opts()) };
}

function usageError(args: readonly string[], problem: string, help: string | null): Invocation {
  const error: AppError = { code: "usage-invalid", problem };
  return { kind: "usage-error", error, help, output: wantedOutput(args), color: !args.includes("--no-color") };
}

function globalOptions(given: Record<string, unknown>): GlobalOptions {
  // Commander has checked the choices; this only gives them back their types.
  const { output, profile, config, signIn, logFile, logLevel, color, nonInteractive } = given;
  return {
    output: outputForms.find((form) => form === output) ?? "text",
    profile: textOf(profile),
    config: textOf(config),
    signIn: signInWays.find((way) => way === signIn) ?? null,
    logFile: textOf(logFile),
    logLevel: (["debug", "info", "warn", "error"] as const).find((level) => level === logLevel) ?? null,
    color: color !== false,
    interactive: nonInteractive !== true,
  };
}

const textOf = (value: unknown): string | null => (typeof value === "string" ? value : null);

/** Commander's words as a sentence. A group without its command (`deskpair pair`) has none. */
function problemOf(error: CommanderError): string {
  if (error.code === "commander.help") return "The command is not complete.";
  const words = error.message
    .replace(/^error: /, "")
    .replaceAll(/\s+/g, " ")
    .trim();
  const sentence = words.charAt(0).toUpperCase() + words.slice(1);
  return /[.)]$/.test(sentence) ? sentence : `${sentence}.`;
}

/** The form that was asked for, also where the rest cannot be understood: a script must be able to read the refusal. */
function wantedOutput(args: readonly string[]): OutputForm {
  for (const [index, argument] of args.entries()) {
    const value =
      argument === "-O" || argument === "--output"
        ? args[index + 1]
        : (/^--output=(.*)$/.exec(argument)?.[1] ?? /^-O=?(.+)$/.exec(argument)?.[1]);
    const form = outputForms.find((candidate) => candidate === value);
    if (form !== undefined) return form;
  }
  return "text";
}
