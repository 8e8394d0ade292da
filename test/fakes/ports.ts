import { fail } from "../../src/contract/errors.ts";
import { unmanaged } from "../../src/core/policy/applied.ts";
import type { Ports } from "../../src/core/ports.ts";
import { memorySecrets } from "../../src/node/memory-secrets.ts";
import { type FakeClock, fakeClock } from "./clock.ts";
import { type FakeFiles, memoryFiles } from "./files.ts";
import { answer, type Script, type ScriptedHttp, scriptedHttp } from "./http.ts";
import { type LogLine, recordingLog } from "./log.ts";
import { agentProcess, asking, listening, surveyOf } from "./port-owners.ts";
import { seededRandom } from "./random.ts";

export type FakePorts = {
  readonly ports: Ports;
  readonly clock: FakeClock;
  readonly files: FakeFiles;
  /** The folder with `config.json`. */
  readonly configuration: FakeFiles;
  readonly logged: readonly LogLine[];
  readonly pingOne: ScriptedHttp;
  readonly agent: ScriptedHttp;
};

const nothingThere: Script = () => answer(404);

/** The world as the core sees it, all of it in memory. */
export function fakePorts(
  given: {
    readonly pingOne?: Script;
    readonly agent?: Script;
    readonly probe?: Ports["probeAgent"];
    /** Without it a trusted program has the port, on both addresses, whenever the probe finds somebody there. */
    readonly agentOwners?: Ports["agentOwners"];
    readonly ceremony?: Ports["ceremony"];
    readonly files?: FakeFiles;
    readonly configuration?: FakeFiles;
    readonly secrets?: Ports["secrets"];
    readonly listenForCallback?: Ports["listenForCallback"];
    readonly authenticators?: Ports["authenticators"];
    readonly openPage?: Ports["openPage"];
    readonly policy?: Ports["policy"];
    readonly hostName?: string;
  } = {},
): FakePorts {
  const clock = fakeClock();
  const files = given.files ?? memoryFiles();
  const configuration = given.configuration ?? memoryFiles();
  const { log, lines } = recordingLog();
  const pingOne = scriptedHttp(given.pingOne ?? nothingThere);
  const agent = scriptedHttp(given.agent ?? nothingThere);
  const probe: Ports["probeAgent"] = given.probe ?? (async () => "listening");
  const authenticators = given.authenticators ?? { platform: "win32", tools: "not-usable", simulated: false };
  const process = agentProcess(authenticators.simulated ? { id: asking.processId } : {});
  const sockets = [listening({ processes: [process] }), listening({ address: "::1", processes: [process] })];
  const ports: Ports = {
    http: pingOne.http,
    agentHttp: agent.http,
    probeAgent: probe,
    agentOwners: given.agentOwners ?? (async (port) => surveyOf(...((await probe(port)) === "closed" ? [] : sockets))),
    ceremony: given.ceremony ?? (async () => fail({ code: "ceremony-unavailable", reason: "this is a test" })),
    authenticators,
    openPage: given.openPage ?? (async () => true),
    listenForCallback:
      given.listenForCallback ?? (async ({ port }) => fail({ code: "sign-in-port-taken", port, program: null })),
    clock,
    random: seededRandom(),
    files,
    configuration,
    secrets: given.secrets ?? memorySecrets(),
    inTurn: (_name, work) => work(),
    readKeyFile: async () => fail({ code: "storage-failed", operation: "read", problem: "it does not exist" }),
    policy: given.policy ?? (() => unmanaged),
    log,
    hostName: given.hostName ?? "DESK-7",
  };
  return { ports, clock, files, configuration, logged: lines, pingOne, agent };
}
