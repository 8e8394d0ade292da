import { fail } from "../../src/contract/errors.ts";
import type { Ports } from "../../src/core/ports.ts";
import { type FakeClock, fakeClock } from "./clock.ts";
import { type FakeFiles, memoryFiles } from "./files.ts";
import { answer, type Script, type ScriptedHttp, scriptedHttp } from "./http.ts";
import { type LogLine, recordingLog } from "./log.ts";
import { seededRandom } from "./random.ts";

export type FakePorts = {
  readonly ports: Ports;
  readonly clock: FakeClock;
  readonly files: FakeFiles;
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
    readonly ceremony?: Ports["ceremony"];
    readonly files?: FakeFiles;
    readonly authenticators?: Ports["authenticators"];
    readonly openPage?: Ports["openPage"];
    readonly hostName?: string;
  } = {},
): FakePorts {
  const clock = fakeClock();
  const files = given.files ?? memoryFiles();
  const { log, lines } = recordingLog();
  const pingOne = scriptedHttp(given.pingOne ?? nothingThere);
  const agent = scriptedHttp(given.agent ?? nothingThere);
  const ports: Ports = {
    http: pingOne.http,
    agentHttp: agent.http,
    probeAgent: given.probe ?? (async () => "listening"),
    ceremony: given.ceremony ?? (async () => fail({ code: "ceremony-unavailable", reason: "this is a test" })),
    authenticators: given.authenticators ?? { platform: "win32", tools: "not-usable", simulated: false },
    openPage: given.openPage ?? (async () => true),
    clock,
    random: seededRandom(),
    files,
    log,
    hostName: given.hostName ?? "DESK-7",
  };
  return { ports, clock, files, logged: lines, pingOne, agent };
}
