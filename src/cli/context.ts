import type { Readable } from "node:stream";
import { type Outcome, ok } from "../contract/errors.ts";
import type { Ceremony, Log, Ports } from "../core/ports.ts";
import { openSession, type Session } from "../core/session.ts";
import { createFiles } from "../node/files.ts";
import { clock, hostName, random, systemPlatform } from "../node/host.ts";
import { createHttp } from "../node/http-node.ts";
import { createLoopbackHttp, probe } from "../node/loopback.ts";
import { commandLineCeremony } from "./ceremony.ts";
import { type Configuration, type Environment, readConfiguration } from "./configuration.ts";
import type { Output } from "./output.ts";
import type { GlobalOptions } from "./program.ts";
import { readSecret } from "./secret.ts";

/** What every command gets from the process that it runs in. */
export type Context = {
  readonly options: GlobalOptions;
  readonly environment: Environment;
  readonly output: Output;
  readonly log: Log;
  /** A function, because Node opens stdin when it is first looked at, and most commands have no use for it. */
  readonly stdin: () => Readable & { readonly isTTY?: boolean };
  /** Aborts when the operator wants to stop. */
  readonly signal: AbortSignal;
};

/** The core's ports on this machine. Nothing is opened before it is used. */
export function createPorts(folder: string, log: Log, ceremony: Ceremony): Ports {
  return {
    http: createHttp(),
    agentHttp: createLoopbackHttp(),
    probeAgent: probe,
    ceremony,
    // Asked only about what to expect; the ceremony itself knows whether its tools are there.
    authenticators: { platform: systemPlatform(), tools: "usable", simulated: false },
    openPage: () => Promise.resolve(false),
    clock,
    random,
    files: createFiles(folder),
    log,
    hostName: hostName(),
  };
}

export type Opened = { readonly session: Session; readonly configuration: Configuration };

/** Reads configuration and secret, and opens a session with them. Sends nothing yet. */
export async function openConfigured(
  context: Context,
  given: { readonly policyId: string | null; readonly relyingPartyId: string | null },
): Promise<Outcome<Opened>> {
  const { options, environment, output, stdin, log } = context;
  const read = await readConfiguration({ ...given, profile: options.profile, config: options.config }, environment);
  if (!read.ok) return read;
  const configuration = read.value;
  const secret = await readSecret(configuration.secret, stdin);
  if (!secret.ok) return secret;
  if (secret.value.warning !== null) output.warn(secret.value.warning);
  const session = openSession(createPorts(configuration.dataFolder, log, commandLineCeremony(context, configuration)), {
    endpoints: configuration.endpoints,
    credential: {
      kind: "client-secret",
      clientId: configuration.clientId,
      clientSecret: secret.value.secret,
    },
    agentPort: () => configuration.agentPort,
  });
  return ok({ session, configuration });
}
