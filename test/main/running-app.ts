import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Snapshot } from "../../src/contract/views.ts";
import { createApp } from "../../src/core/app.ts";
import type { LogSettings } from "../../src/core/policy/log-settings.ts";
import type { PolicySource } from "../../src/core/policy/ports.ts";
import type { LogLevel } from "../../src/core/ports.ts";
import type { ComposeOptions, Composition } from "../../src/main/compose.ts";
import { startUp } from "../../src/main/start-up.ts";
import { clock } from "../../src/node/host.ts";
import { soundComputer } from "../fakes/doctor-ports.ts";
import { FakeElectron, type FakeElectronOptions } from "../fakes/electron.ts";
import { type LogLine, recordingLog } from "../fakes/log.ts";
import { type FakePorts, fakePorts } from "../fakes/ports.ts";
import { seededRandom } from "../fakes/random.ts";

export type RunOptions = Omit<FakeElectronOptions, "folders"> & {
  readonly arguments?: readonly string[];
  readonly platform?: NodeJS.Platform;
  readonly rendererUrl?: string;
  /** Default: nobody manages this computer. */
  readonly policySource?: PolicySource;
  /** A profile that an earlier run has left; default: a new one. */
  readonly folder?: string;
  /** Default: the real core on ports in memory. */
  readonly compose?: (options: ComposeOptions) => Promise<Composition>;
};

const absent = { state: "absent", place: "" } as const;
const unmanagedSource: PolicySource = { read: async () => ({ machine: absent, user: absent }), stamp: async () => "" };

/** The whole main process on a fake Electron and, unless told otherwise, the real core. */
export async function runApp(options: RunOptions = {}) {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), "deskpair-main-")));
  const electron = new FakeElectron({
    ...options,
    folders: { userData: join(folder, "user-data") },
  });
  const { log, lines } = recordingLog();
  const logs: { readonly folder: string; readonly followed: readonly LogSettings[] }[] = [];
  const composed: ComposeOptions[] = [];
  const ports: FakePorts = fakePorts();
  const bugs = new Map<string, (thrown: unknown) => void>();

  await startUp(electron, {
    folder: join(folder, "out/main"),
    process: {
      argv: ["electron", ".", ...(options.arguments ?? [])],
      platform: options.platform ?? "linux",
      rendererUrl: options.rendererUrl,
      on: (event, listener) => bugs.set(event, listener),
    },
    clock,
    random: seededRandom(),
    configurationFolder: join(folder, "configuration"),
    dataFolder: join(folder, "data"),
    logFolder: join(folder, "logs"),
    policySource: options.policySource ?? unmanagedSource,
    createLog: (place) => {
      const followed: LogSettings[] = [];
      logs.push({ folder: place, followed });
      return {
        log,
        follow: (settings) => void followed.push(settings),
        place: () => ({ folder: place, managed: false, problem: null }),
      };
    },
    compose: async (given) => {
      composed.push(given);
      return options.compose === undefined ? composeInMemory(ports, given) : options.compose(given);
    },
  });

  return {
    folder,
    electron,
    ports,
    composed,
    logs,
    lines,
    /** Lines at or above a level, as `event` names. */
    events: (...levels: readonly LogLevel[]): string[] =>
      lines.filter(({ level }: LogLine) => levels.includes(level)).map(({ event }) => event),
    bug: (event: "uncaughtException" | "unhandledRejection", thrown: unknown) => bugs.get(event)?.(thrown),
    window: () => {
      const [window] = electron.windows;
      if (window === undefined) throw new Error("There is no window.");
      return window;
    },
    /** What the page would send, and what it would be answered. */
    send: (name: string, message: unknown, frame?: { readonly url: string; readonly parent: unknown }) => {
      const handler = electron.handlers.get(name);
      if (handler === undefined) throw new Error(`Nobody serves ${name}.`);
      const [window] = electron.windows;
      const senderFrame = frame ?? { url: window?.loaded ?? "", parent: null };
      return handler({ sender: window?.webContents, senderFrame }, structuredClone(message));
    },
    /** The first snapshot, from now on, that shows what is waited for. */
    until: (shows: (snapshot: Snapshot) => boolean): Promise<Snapshot> =>
      new Promise((resolve) => {
        electron.windows[0]?.webContents.on("received", (_channel: string, snapshot: Snapshot) => {
          if (shows(snapshot)) resolve(snapshot);
        });
      }),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

async function composeInMemory({ ports }: FakePorts, given: ComposeOptions): Promise<Composition> {
  const policy = given.policy === null ? {} : { policy: given.policy };
  const app = createApp(ports, { doctor: soundComputer, version: given.version, rehearsal: null, ...policy });
  return { app, start: app.start, stop: app.stop };
}
