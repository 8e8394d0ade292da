import { rm } from "node:fs/promises";
import { fail } from "../contract/errors.ts";
import { type App, createApp } from "../core/app.ts";
import type { Log, Ports } from "../core/ports.ts";
import { createFiles } from "../node/files.ts";
import { clock, hostName, random } from "../node/host.ts";
import { createHttp } from "../node/http-undici.ts";
import { createLoopbackHttp, probe } from "../node/loopback.ts";
import type { Simulator } from "../simulator/index.ts";
import { enterDemo, rehearsalOf } from "./demo.ts";

export type ComposeOptions = {
  readonly version: string;
  /** Where the app keeps what it remembers. Its own folder: the demo empties it. */
  readonly dataFolder: string;
  readonly log: Log;
  readonly demo: boolean;
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
  const simulation = options.demo ? await startDemo(options.dataFolder) : null;
  const ports: Ports = {
    http: createHttp(),
    agentHttp: createLoopbackHttp(),
    probeAgent: probe,
    // The page cannot ask for one: the contract has no such pairing yet.
    ceremony: async () => fail({ code: "ceremony-unavailable", reason: "this version has no enrolment window" }),
    clock,
    random,
    files: createFiles(options.dataFolder),
    log: options.log,
    hostName: hostName(),
  };
  const app = createApp(ports, {
    version: options.version,
    rehearsal: simulation === null ? null : rehearsalOf(simulation),
  });
  return {
    app,
    start: async () => {
      await app.start();
      if (simulation !== null) await enterDemo(app.commands, simulation);
    },
    stop: async () => {
      await app.stop();
      // After the app: a roll-back needs the server that it rolls back on.
      await simulation?.close();
    },
  };
}

/** The simulator is loaded here and in the command line, nowhere else, and only when somebody asks for it. */
async function startDemo(dataFolder: string): Promise<Simulator> {
  // What the last demo left. Every demo starts as the first one did.
  await rm(dataFolder, { recursive: true, force: true });
  const { startSimulator } = await import("../simulator/index.ts");
  return startSimulator({ port: 0, agentPort: 0, approvalMs: demoApprovalMs });
}
