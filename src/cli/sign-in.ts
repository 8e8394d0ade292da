import { type AppError, fail, type Outcome, ok } from "../contract/errors.ts";
import type { Ports } from "../core/ports.ts";
import { type SignedIn, signIn, type Waiting } from "../core/sign-in/open.ts";
import type { Configuration } from "./configuration.ts";
import type { Context } from "./context.ts";
import { unlessInterrupted } from "./interrupt.ts";
import { printable } from "./output.ts";
import { qrLines } from "./qr-lines.ts";
import { readSecret } from "./secret.ts";

type Entered = {
  readonly signedIn: SignedIn;
  /** Nothing of it is kept: it has to be taken back at the end of the command. */
  readonly forThisCommand: boolean;
};

const interrupted = fail({ code: "cancelled" });

/**
 * Signs in for a command: as a person now where the operator asks for that, else with what a worker application was
 * given, else with what is kept.
 */
export async function enter(context: Context, ports: Ports, configuration: Configuration): Promise<Outcome<Entered>> {
  const { options, signal } = context;
  const { tenant, secret } = configuration;
  const kept = (outcome: Outcome<SignedIn>): Outcome<Entered> =>
    outcome.ok ? ok({ signedIn: outcome.value, forThisCommand: false }) : outcome;

  if (options.signIn !== null) {
    const way = options.signIn;
    const entered = await signIn(ports, tenant, { way, keep: false }, (waiting) => tell(context, waiting), signal);
    return entered.ok ? ok({ signedIn: entered.value, forThisCommand: true }) : entered;
  }
  if (tenant.mode === "worker" && (secret !== null || tenant.clientAuthentication === "private-key-jwt")) {
    const given = secret === null ? ok(null) : await readWorkerSecret(context, configuration);
    if (!given.ok) return given;
    const wayIn = { way: "secret", clientSecret: given.value, keep: false } as const;
    return kept(await unlessInterrupted(signIn(ports, tenant, wayIn, nobody, signal), signal, interrupted));
  }
  // An interrupt waits for this: a refresh token that was used and whose successor was not written down is lost.
  const entered = await signIn(ports, tenant, { way: "kept" }, nobody, signal);
  return kept(entered.ok ? entered : fail(whatIsMissing(configuration, entered.error)));
}

const nobody = (): void => undefined;

/** A worker application whose secret is nowhere has a setting that is missing; nobody can sign in for it. */
const whatIsMissing = ({ tenant }: Configuration, error: AppError): AppError =>
  tenant.mode === "worker" && error.code === "sign-in-required" && error.reason === undefined
    ? { code: "configuration-missing", settings: ["DESKPAIR_CLIENT_SECRET_FILE"] }
    : error;

/** The client secret from where the configuration says. `null`: it says nothing. */
export async function readWorkerSecret(
  { output, stdin, signal }: Context,
  { secret, tenant }: Configuration,
): Promise<Outcome<string | null>> {
  if (secret === null || tenant.clientAuthentication === "private-key-jwt") return ok(null);
  const read = await unlessInterrupted(readSecret(secret, stdin), signal, interrupted);
  if (!read.ok) return read;
  if (read.value.warning !== null) output.warn(read.value.warning);
  return ok(read.value.secret);
}

/** Tells the person, or the program in front of the person, what to do. */
export function tell({ output, options }: Context, waiting: Waiting): void {
  const expiresAt = new Date(waiting.deadlineAt).toISOString();
  const until = `Waiting until ${new Date(waiting.deadlineAt).toLocaleTimeString("en-GB")}. Ctrl-C gives up.`;
  switch (waiting.way) {
    case "browser": {
      const { way, address } = waiting;
      const words = [
        "Sign in in the browser that opens now. If none does, copy this address into one on this computer:",
        `\n  ${printable(address)}\n`,
        until,
      ];
      return output.ask({ event: "sign-in", way, address, expiresAt }, words.join("\n"));
    }
    case "device-code": {
      const { way, userCode, address, completeAddress, qr } = waiting;
      const picture = output.picture ? qrLines(qr, options.color) : [];
      const words = [
        `Open ${output.style.bold(printable(address))} on any device, and enter the code ${output.style.bold(printable(userCode))}`,
        ...(picture.length === 0 ? [] : ["", ...picture, ""]),
        until,
      ];
      return output.ask({ event: "sign-in", way, userCode, address, completeAddress, expiresAt }, words.join("\n"));
    }
    default:
      return waiting satisfies never;
  }
}
