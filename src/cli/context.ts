import type { Readable } from "node:stream";
import { type AppError, fail, type Outcome, ok } from "../contract/errors.ts";
import type { LogFacts } from "../core/doctor/ports.ts";
import type { KnownPolicies } from "../core/policy/refresh.ts";
import type { Log, Ports } from "../core/ports.ts";
import type { Session } from "../core/session.ts";
import type { SignedIn } from "../core/sign-in/open.ts";
import { commandLineCeremony } from "./ceremony.ts";
import { configPlace, configurationFiles, type Environment } from "./config-file.ts";
import { type Configuration, type GivenOptions, readConfiguration } from "./configuration.ts";
import { exitCodeOf } from "./exit-codes.ts";
import { failureObject, failureText, type Output } from "./output.ts";
import { createPorts, createSecrets } from "./ports.ts";
import type { GlobalOptions } from "./program.ts";
import { enter } from "./sign-in.ts";

/** What every command gets from the process that it runs in. */
export type Context = {
  readonly options: GlobalOptions;
  readonly environment: Environment;
  /** The organisation's policy for this computer, as it was when the command began. */
  readonly policy: KnownPolicies;
  readonly output: Output;
  readonly log: Log;
  readonly logPlace: () => LogFacts;
  /** A function, because Node opens stdin when it is first looked at, and most commands have no use for it. */
  readonly stdin: () => Readable & { readonly isTTY?: boolean };
  /** Aborts when the operator wants to stop. */
  readonly signal: AbortSignal;
};

/** What a command was given besides the options of every command. */
type Given = Pick<GivenOptions, "policyId" | "relyingPartyId" | "user" | "forgetting">;

/** The configuration, and this machine's ports for it. */
export type Prepared = { readonly configuration: Configuration; readonly ports: Ports };

/** Reads the configuration. Sends nothing, and opens no key store. */
export async function prepare(context: Context, given: Given): Promise<Outcome<Prepared>> {
  const { options, environment, policy, log } = context;
  const named = { ...given, profile: options.profile, config: options.config };
  const read = await readConfiguration(named, environment, policy);
  if (!read.ok) return read;
  const configuration = read.value;
  const files = configurationFiles(configPlace(options.config, environment));
  const ports = createPorts({
    folder: configuration.dataFolder,
    ...(files.ok ? { configuration: files.value } : {}),
    secrets: createSecrets(configuration.secretStore, configuration.dataFolder),
    environment,
    policy: configuration.decisions,
    log,
    ceremony: commandLineCeremony(context, configuration),
  });
  return ok({ configuration, ports: { ...ports, readKeyFile: namingSetting(ports.readKeyFile, configuration) } });
}

/** A key file that cannot be used is called by the name of the setting that names it. */
const namingSetting =
  (read: Ports["readKeyFile"], { keyFileSetting }: Configuration): Ports["readKeyFile"] =>
  async (path) => {
    const text = await read(path);
    if (text.ok || text.error.code !== "configuration-invalid") return text;
    return fail({ ...text.error, setting: keyFileSetting });
  };

export type Opened = {
  readonly session: Session;
  readonly configuration: Configuration;
  readonly signedIn: SignedIn;
  /** Whom the command is about: who was named, or else the one who signed in as themselves. */
  readonly user: string;
};

/**
 * Signs in, does `work`, and signs out again where the sign-in was for this command only, however the work ended.
 * Resolves with the exit number.
 *
 * @param check what has to hold before anybody is asked to sign in
 */
export async function inSession(
  context: Context,
  given: Given,
  work: (opened: Opened) => Promise<number>,
  check: (prepared: Prepared) => Promise<AppError | null> = () => Promise.resolve(null),
): Promise<number> {
  const prepared = await prepare(context, given);
  if (!prepared.ok) return report(context, prepared.error);
  const problem = await check(prepared.value);
  if (problem !== null) return report(context, problem);
  const { configuration, ports } = prepared.value;
  const entered = await enter(context, ports, configuration);
  if (!entered.ok) return report(context, entered.error);
  const { signedIn } = entered.value;
  try {
    if (context.signal.aborted) return report(context, { code: "cancelled" });
    const { session, actor } = signedIn;
    const user = given.user ?? (actor.mode === "self-service" ? actor.userId : "");
    return await work({ session, configuration, signedIn, user });
  } finally {
    if (entered.value.forThisCommand) await signOut(context, signedIn);
  }
}

/** A failure to do so changes nothing about what the command has done, so it is told and no more. */
async function signOut({ output, log }: Context, signedIn: SignedIn): Promise<void> {
  const ended = await signedIn.end({ forget: false });
  if (ended.ok) return;
  log("warn", "sign-out.incomplete", { code: ended.error.code });
  output.warn("The sign-in for this command could not be taken back; it ends by itself.");
}

/** A failure before anything had begun that could leave something. Gives the exit number. */
export function report({ output }: Pick<Context, "output">, error: AppError): number {
  output.failure(failureObject(error), failureText(error, output.style));
  return exitCodeOf(error);
}

export const cancelled = fail({ code: "cancelled" });
