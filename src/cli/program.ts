import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import type { AppError } from "../contract/errors.ts";
import type { LogLevel } from "../core/ports.ts";

/** What the operator asked for, as data. Nothing here reads a file, the environment or a clock. */
export type Order =
  | {
      readonly name: "pair-desktop";
      readonly user: string;
      readonly policyId: string | null;
      readonly relyingPartyId: string | null;
      readonly nickname: string | null;
      readonly dryRun: boolean;
    }
  | {
      readonly name: "pair-fido2";
      readonly user: string;
      readonly authenticator: "key" | "platform";
      readonly policyId: string | null;
      readonly relyingPartyId: string | null;
      readonly nickname: string | null;
      readonly dryRun: boolean;
    }
  | { readonly name: "devices-list"; readonly user: string }
  | { readonly name: "devices-show"; readonly user: string; readonly device: string }
  | { readonly name: "devices-remove"; readonly user: string; readonly device: string; readonly dryRun: boolean }
  | { readonly name: "simulator"; readonly port: number; readonly agentPort: number; readonly fault: string | null }
  | { readonly name: "demo"; readonly kind: "desktop" | "fido2"; readonly fault: string | null };

const outputForms = ["text", "json", "ndjson"] as const;
export type OutputForm = (typeof outputForms)[number];

/** Options that every command takes, before or after its name. */
export type GlobalOptions = {
  readonly output: OutputForm;
  readonly profile: string | null;
  readonly config: string | null;
  readonly logFile: string | null;
  readonly logLevel: LogLevel;
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
  const program = describe(
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

function describe(choose: (order: Order) => void, print: (text: string) => void): Command {
  const program = new Command("deskpair")
    // Before the commands, which inherit both: nothing is printed and nobody exits in here.
    .exitOverride()
    .configureOutput({ writeOut: print, writeErr: print, outputError: () => {} })
    .description("Pairs workstations and security keys with PingOne MFA.")
    .helpOption("-h, --help", "show this help")
    .helpCommand("help [command]", "show the help of a command")
    .configureHelp({ showGlobalOptions: true })
    .addOption(
      new Option("-O, --output <form>", "result on stdout as text, json, or ndjson (one line per change)")
        .choices(outputForms)
        .default("text"),
    )
    .option("-P, --profile <name>", "profile of the configuration file (DESKPAIR_PROFILE)")
    .option("-C, --config <file>", "configuration file (DESKPAIR_CONFIG)")
    .option("--log-file <file>", "write a log without secrets to this file")
    .addOption(
      new Option("--log-level <level>", "how much to log").choices(["debug", "info", "warn", "error"]).default("info"),
    )
    .option("--no-color", "no colours (also NO_COLOR)")
    .option("--non-interactive", "never ask anything");

  const pair = program.command("pair").description("pair this workstation, or a security key, for a user");
  pair
    .command("desktop")
    .description("pair the PingID Desktop app on this workstation")
    .requiredOption("--user <user>", "username, email or id of the user")
    .option("--policy <id>", "MFA policy (DESKPAIR_POLICY_ID; default: the environment's default policy)")
    .option("--rp-id <domain>", "relying party instead of the policy's (DESKPAIR_RP_ID)")
    .option("--nickname <text>", "name of the device (default: the name of this computer)")
    .option("--dry-run", "write nothing; print the requests that would be sent")
    .action((options: Options<"user", "policy" | "rpId" | "nickname">) =>
      choose({
        name: "pair-desktop",
        user: options.user,
        policyId: options.policy ?? null,
        relyingPartyId: options.rpId ?? null,
        nickname: options.nickname ?? null,
        dryRun: options.dryRun === true,
      }),
    );

  pair
    .command("fido2")
    .description("enrol a FIDO2 security key, through libfido2's tools where the configuration allows them")
    .requiredOption("--user <user>", "username, email or id of the user")
    .addOption(
      new Option("--authenticator <kind>", "a security key, or this computer's own authenticator")
        .choices(["key", "platform"])
        .default("key"),
    )
    .option("--policy <id>", "MFA policy (DESKPAIR_POLICY_ID; default: the environment's default policy)")
    .option("--rp-id <domain>", "relying party instead of the policy's (DESKPAIR_RP_ID)")
    .option("--nickname <text>", "name of the key (default: the name that PingOne gives)")
    .option("--dry-run", "write nothing; print the requests that would be sent")
    .action((options: Options<"user" | "authenticator", "policy" | "rpId" | "nickname">) =>
      choose({
        name: "pair-fido2",
        user: options.user,
        authenticator: options.authenticator === "platform" ? "platform" : "key",
        policyId: options.policy ?? null,
        relyingPartyId: options.rpId ?? null,
        nickname: options.nickname ?? null,
        dryRun: options.dryRun === true,
      }),
    );

  const devices = program.command("devices").description("list, show and remove the MFA devices of a user");
  devices
    .command("list")
    .description("all devices of a user")
    .requiredOption("--user <user>", "username, email or id of the user")
    .action(({ user }: Options<"user">) => choose({ name: "devices-list", user }));
  devices
    .command("show")
    .description("one device of a user")
    .requiredOption("--user <user>", "username, email or id of the user")
    .requiredOption("--device <id>", "id of the device")
    .action(({ user, device }: Options<"user" | "device">) => choose({ name: "devices-show", user, device }));
  devices
    .command("remove")
    .description("remove a device; one that is gone already counts as removed")
    .requiredOption("--user <user>", "username, email or id of the user")
    .requiredOption("--device <id>", "id of the device")
    .option("--dry-run", "write nothing; print the request that would be sent")
    .action(({ user, device, dryRun }: Options<"user" | "device">) =>
      choose({ name: "devices-remove", user, device, dryRun: dryRun === true }),
    );

  program
    .command("simulator")
    .description("serve a pretend PingOne and desktop agent on this computer until stopped")
    .option("--port <n>", "port of the pretend PingOne; 0: any free one", port, 9480)
    .option("--agent-port <n>", "port of the pretend agent; 0: any free one", port, 9410)
    .option("--fault <name>", "switch a fault on from the start; a wrong name lists them all")
    .action((options: { port: number; agentPort: number; fault?: string }) =>
      choose({
        name: "simulator",
        port: options.port,
        agentPort: options.agentPort,
        fault: options.fault ?? null,
      }),
    );
  program
    .command("demo")
    .description("pair a pretend workstation from beginning to end, in the terminal; needs no configuration")
    .option("--fido2", "pair a pretend security key instead")
    .option("--fault <name>", "let something go wrong; a wrong name lists what can")
    .action(({ fido2, fault }: Options<never, "fault"> & { readonly fido2?: boolean }) =>
      choose({ name: "demo", kind: fido2 === true ? "fido2" : "desktop", fault: fault ?? null }),
    );
  return program;
}

/** What commander hands over: it has seen to it that the required ones are there. */
type Options<Required extends string, Optional extends string = never> = Readonly<
  Record<Required, string> & Partial<Record<Optional, string>> & { dryRun?: boolean }
>;

function port(text: string): number {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value <= 65_535)) throw new InvalidArgumentError("It must be a number from 0 to 65535.");
  return value;
}

function globalOptions(given: Record<string, unknown>): GlobalOptions {
  // Commander has checked the choices; this only gives them back their types.
  const { output, profile, config, logFile, logLevel, color, nonInteractive } = given;
  return {
    output: outputForms.find((form) => form === output) ?? "text",
    profile: textOf(profile),
    config: textOf(config),
    logFile: textOf(logFile),
    logLevel: (["debug", "info", "warn", "error"] as const).find((level) => level === logLevel) ?? "info",
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
