import { createAgent } from "./agent.ts";
import { type FaultName, faultDescriptions, usualTimes } from "./faults/catalogue.ts";
import type { FaultSwitch } from "./faults/switch.ts";
import { createKeys } from "./keys.ts";
import { type Listener, listen, type Serve } from "./listen.ts";
import type { HttpRequest } from "./message.ts";
import type { Addresses, Context } from "./pingone/handler.ts";
import { createPingOne, type Served } from "./pingone/serve.ts";
import { applicationIds } from "./sign-in/applications.ts";
import { type WorkerKey, workerKeys } from "./sign-in/worker-keys.ts";
import { createWorld, type LogEntry, notedUsers, type World } from "./world.ts";

export type { FaultName } from "./faults/catalogue.ts";
export type { WorkerKey } from "./sign-in/worker-keys.ts";
export { makeCredential } from "./software-authenticator.ts";
export type { Device, LogEntry, User, World } from "./world.ts";

/**
 * A pretend PingOne and a pretend desktop agent on real loopback sockets: the other end of the demo, of rehearsals and
 * of the tests. It refuses what PingOne would refuse, and shares no schema with the product, so that the two cannot
 * agree on a mistake. Comments name the vendor's page in quotes; what no page says is marked "Assumed:".
 *
 * To read it as a description of the protocol, begin with `pingone/routes.ts`, then `devices/creation.ts`, `agent.ts`,
 * `devices/activation.ts`, `fido2/` for security keys, and `sign-in/` for how somebody gets a token. `seed.ts` says who is in there, `faults/` what can go wrong.
 */

export type SimulatorOptions = {
  /** PingOne, API and authentication on one port of 127.0.0.1; 0: any free one. */
  readonly port: number;
  /** The desktop agent, on 127.0.0.1 and, where the machine has it, ::1; 0: any free one. */
  readonly agentPort: number;
  /** How long the pretend user takes to approve at the agent; default 0. */
  readonly approvalMs?: number;
  /** How long the answer takes that the fault `create-slow` delays; default 3000. */
  readonly slowMs?: number;
  /** The relying party of all policies; default `pingone.eu`. */
  readonly relyingPartyId?: string;
  /**
   * Ports of `http://127.0.0.1:PORT/callback` that count as registered, besides 7464. PingOne has no such licence: there,
   * each port would have to be registered. `any` is for tests, which take a free one.
   */
  readonly redirectPorts?: readonly number[] | "any";
  /** How long a device code lives; default 600, the vendor's. */
  readonly deviceCodeSeconds?: number;
  /** How long a client waits before it asks again for a device code; default 5, the vendor's. Tests may take a fraction. */
  readonly pollingSeconds?: number;
  /** The clock of both servers, in milliseconds since 1970; default the machine's. */
  readonly now?: () => number;
};

export type Simulator = Addresses & {
  /** `http://localhost:AGENTPORT` */
  readonly agentUrl: string;
  readonly agentPort: number;
  readonly environmentId: string;
  /** The worker application with a secret. */
  readonly clientId: string;
  readonly clientSecret: string;
  /** The worker application with keys; any of `workerKeys` signs for it. */
  readonly workerKeyClientId: string;
  readonly workerKeys: readonly WorkerKey[];
  /** PKCS #8, for RS256: the first of `workerKeys`. */
  readonly workerKeyPem: string;
  /** The public application to which administrators sign in. */
  readonly technicianClientId: string;
  /** The public application to which users sign in. */
  readonly selfServiceClientId: string;
  readonly administrators: readonly { readonly username: string; readonly note: string }[];
  /** The default MFA policy. */
  readonly policyId: string;
  /** The users that are worth naming, each with what happens to it. */
  readonly users: ReturnType<typeof notedUsers>;
  readonly faults: typeof faultDescriptions;
  /** `null`: healthy. `times`: only for the next so many requests that the fault is about. */
  readonly setFault: (name: FaultName | null, times?: number) => void;
  /** What is switched on now; a fault with `times` ends by itself. */
  readonly activeFault: () => FaultName | null;
  /** Nothing listens on the agent's port any more, as when the agent has been quit. */
  readonly stopAgent: () => Promise<void>;
  /** On the same port as before. */
  readonly startAgent: () => Promise<void>;
  readonly world: World;
  /** Ends every connection; afterwards nothing of the simulator keeps the process alive. */
  readonly close: () => Promise<void>;
};

/** "Total HTTP request headers are limited to 6 KB", see "PingOne standard platform limits". */
const maxHeaderBytes = 6 * 1024;

const addressesOn = (port: number): Addresses => {
  const authUrl = `http://127.0.0.1:${port}`;
  return { authUrl, apiUrl: `${authUrl}/v1` };
};

const logged =
  (
    world: World,
    now: () => number,
    server: LogEntry["server"],
    serve: (request: HttpRequest) => Promise<Served>,
  ): Serve =>
  async (request) => {
    const time = now();
    const { answer, operation, correlationId } = await serve(request);
    const sent = answer.kind === "reply" || answer.kind === "cut" ? answer.reply : null;
    world.log.push({
      time,
      server,
      method: request.method,
      path: request.path,
      host: request.headers["host"] ?? "",
      operation,
      status: sent?.status ?? null,
      correlationId,
      wrote: answer.kind === "reset" ? answer.wrote : (sent?.wrote ?? false),
    });
    return answer;
  };

/**
 * Starts the pretend PingOne and the pretend agent, both with a fresh world.
 * Rejects with a plain `Error` that names the port when one is taken; then nothing is left open.
 */
export const startSimulator = async (options: SimulatorOptions): Promise<Simulator> => {
  const now = options.now ?? Date.now;
  const [keys, applicationKeys] = await Promise.all([createKeys(), workerKeys()]);
  const world = createWorld(options.relyingPartyId ?? "pingone.eu", applicationKeys);
  const fault: FaultSwitch = { name: null, left: 0 };

  const pingOne = await listen({
    port: options.port,
    addresses: ["127.0.0.1"],
    maxHeaderBytes,
    serveOn: (port) => {
      const signIn = {
        redirectPorts: options.redirectPorts ?? [],
        deviceCodeSeconds: options.deviceCodeSeconds ?? 600,
        pollingSeconds: options.pollingSeconds ?? 5,
      };
      const context: Context = { world, keys, now, addresses: addressesOn(port), signIn, onCustomDomain: false };
      return logged(world, now, "pingone", createPingOne(context, fault, options.slowMs ?? 3000));
    },
  });

  const agentServe = logged(world, now, "agent", createAgent({ world, keys, now }, fault, options.approvalMs ?? 0));
  const listenAsAgent = (port: number): Promise<Listener> =>
    listen({ port, addresses: ["127.0.0.1", "::1"], serveOn: () => agentServe });
  const firstAgent = await listenAsAgent(options.agentPort).catch(async (error: unknown) => {
    await pingOne.close();
    throw error;
  });
  const agentPort = firstAgent.port;
  let agent: Listener | null = firstAgent;
  const stopAgent = async (): Promise<void> => {
    const running = agent;
    agent = null;
    await running?.close();
  };

  return {
    ...addressesOn(pingOne.port),
    agentUrl: `http://localhost:${agentPort}`,
    agentPort,
    environmentId: world.environmentId,
    clientId: applicationIds.worker,
    clientSecret: world.clientSecret,
    workerKeyClientId: applicationIds.workerWithKey,
    workerKeys: applicationKeys,
    workerKeyPem: applicationKeys[0].privateKeyPem,
    technicianClientId: applicationIds.technician,
    selfServiceClientId: applicationIds.selfService,
    administrators: world.administrators.map(({ username, note }) => ({ username, note })),
    policyId: world.policies.find(({ isDefault }) => isDefault)?.id ?? "",
    users: notedUsers(world),
    faults: faultDescriptions,
    setFault: (name, times) => {
      fault.name = name;
      fault.left = name === null ? 0 : (times ?? usualTimes(name));
    },
    activeFault: () => fault.name,
    stopAgent,
    startAgent: async () => {
      agent ??= await listenAsAgent(agentPort);
    },
    world,
    close: async () => {
      await Promise.all([pingOne.close(), stopAgent()]);
    },
  };
};
