import { rm } from "node:fs/promises";
import { resolve } from "node:path";
import { fail, ok } from "../contract/errors.ts";
import { type App, createApp } from "../core/app.ts";
import type { PolicyAtStart } from "../core/app-policy.ts";
import type { LogFacts } from "../core/doctor/ports.ts";
import { ceremonyByRoute } from "../core/fido2/ceremony.ts";
import { proxyRuleOf } from "../core/policy/proxy-rule.ts";
import type { Ceremony, Log, Ports } from "../core/ports.ts";
import { createCallbackListener } from "../node/callback.ts";
import { createDoctorPorts } from "../node/doctor-ports.ts";
import { createFiles } from "../node/files.ts";
import { clock, hostName, random, systemPlatform } from "../node/host.ts";
import { createHttp } from "../node/http-undici.ts";
import { createInTurn } from "../node/in-turn.ts";
import { readKeyFile } from "../node/key-file.ts";
import { holdLock } from "../node/lock.ts";
import { createLoopbackHttp, probe } from "../node/loopback.ts";
import { createWindowRoute } from "../node/network.ts";
import { createSurveyPort, ownerOf } from "../node/port-owner.ts";
import type { Simulator } from "../simulator/index.ts";
import { type DemoSignIn, enterDemo, rehearsalOf } from "./demo.ts";
import { createSecretStore, type Encryption } from "./secret-store.ts";

export type ComposeOptions = {
  readonly version: string;
  /** Where the app keeps what it remembers. Its own folder: the demo empties it. */
  readonly dataFolder: string;
  readonly log: Log;
  readonly logPlace: () => LogFacts;
  /** The folder that the command line shares, with `config.json`. */
  readonly configurationFolder: string;
  readonly demo: false | DemoSignIn;
  /** The organisation's policy; `null` in the demo, which touches nothing that it could be about. */
  readonly policy: PolicyAtStart | null;
  readonly encryption: Encryption;
  /** The window in which an authenticator makes a credential. */
  readonly enrolmentWindow: Ceremony;
  readonly openPage: Ports["openPage"];
  /** Electron's, which knows the system's proxies: `PROXY a:8080; DIRECT`. */
  readonly resolveProxy: (url: string) => Promise<string>;
};

export type Composition = {
  readonly app: App;
  /** Once, before the window. */
  readonly start: () => Promise<void>;
  /** Once, before the process ends: rolls back what is under way. */
  readonly stop: () => Promise<void>;
};

/** Long enough to see every step of the demo happen, short enough not to wait for it. */
const demoApprovalMs = 1_500;

/** Builds the app on this machine's network, files and clock. Constants only, so that nothing is built twice. */
export async function compose(options: ComposeOptions): Promise<Composition> {
  const simulation = options.demo === false ? null : await startDemo(options.dataFolder);
  const files = createFiles(options.dataFolder);
  const authenticators = {
    platform: systemPlatform(),
    // The tools ask for a PIN, and this app has no place to type one that is safe from its own page: they serve the
    // command line only (decision 8).
    tools: "not-usable",
    simulated: simulation !== null,
  } as const;
  const ways = { window: options.enrolmentWindow, tools: noTools };
  const findRoute = createWindowRoute({
    rule: () => proxyRuleOf(app.policy()),
    environment: process.env,
    configurationFolder: options.configurationFolder,
    createHttp,
    resolveProxy: options.resolveProxy,
  });
  const ports: Omit<Ports, "policy"> = {
    http: createHttp(findRoute),
    agentHttp: createLoopbackHttp(),
    probeAgent: probe,
    agentOwners: createSurveyPort(),
    ceremony: simulation === null ? ceremonyByRoute(authenticators, ways) : await pretendCeremony(),
    authenticators,
    openPage: options.openPage,
    listenForCallback: createCallbackListener({ ownerOf }),
    clock,
    random,
    files,
    lock: (name) => holdLock(options.dataFolder, name),
    configuration: createFiles(options.configurationFolder),
    secrets: createSecretStore(options.encryption, files, process.platform, options.log),
    inTurn: createInTurn(options.dataFolder),
    // Beside the file that names it, as on the command line: where the app was started from means nothing.
    readKeyFile: (path) => readKeyFile(resolve(options.configurationFolder, path)),
    log: options.log,
    hostName: hostName(),
  };
  const examining = createDoctorPorts({ dataFolder: options.dataFolder, log: options.logPlace, findRoute });
  const app = createApp(ports, {
    version: options.version,
    ...(options.policy === null ? {} : { policy: options.policy }),
    doctor: simulation === null ? examining : { ...examining, agentInstallation: noInstallation },
    rehearsal: simulation === null ? null : rehearsalOf(simulation),
  });
  return {
    app,
    start: async () => {
      await app.start();
      if (simulation !== null && options.demo !== false) await enterDemo(app.commands, simulation, options.demo);
    },
    stop: async () => {
      await app.stop();
      // After the app: a roll-back needs the server that it rolls back on.
      await simulation?.close();
    },
  };
}

const noTools: Ceremony = () =>
  Promise.resolve(fail({ code: "ceremony-unavailable", reason: "libfido2's tools serve the command line only" }));

const noInstallation = async () => ({ told: false, problem: "the simulator takes the agent's place" }) as const;

/** Answers every ceremony at once, as a key under an impatient finger would. */
async function pretendCeremony(): Promise<Ceremony> {
  const { makeCredential } = await import("../simulator/index.ts");
  return async ({ options, origin, signal }) => {
    // Long enough to be seen, and to be cancelled.
    await clock.wait(demoApprovalMs, signal);
    return signal.aborted ? fail({ code: "cancelled" }) : ok(makeCredential(options, origin));
  };
}

/** The simulator is loaded here and in the command line, nowhere else, and only when somebody asks for it. */
async function startDemo(dataFolder: string): Promise<Simulator> {
  // What the last demo left. Every demo starts as the first one did.
  await rm(dataFolder, { recursive: true, force: true });
  const { startSimulator } = await import("../simulator/index.ts");
  return startSimulator({ port: 0, agentPort: 0, approvalMs: demoApprovalMs });
}
