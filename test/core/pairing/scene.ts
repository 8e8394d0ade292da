import { expect } from "vitest";
import type { ErrorCode, Left } from "../../../src/contract/errors.ts";
import { type StepName, stepSchema, type User } from "../../../src/contract/views.ts";
import type { JournalRecord } from "../../../src/core/pairing/journal.ts";
import { journalFile } from "../../../src/core/pairing/journal.ts";
import type { PairingRequest } from "../../../src/core/pairing/machine.ts";
import { type PairingProgress, type PairingResult, runPairing } from "../../../src/core/pairing/run.ts";
import { createPingOne } from "../../../src/core/pingone/client.ts";
import { createTokens } from "../../../src/core/pingone/tokens.ts";
import { memoryFiles } from "../../fakes/files.ts";
import { type FakePorts, fakePorts } from "../../fakes/ports.ts";
import { endpoints, type Pretend, pretendPingOne, secrets, userId } from "../pretend-pingone.ts";

export const user: User = {
  id: userId,
  username: "ada",
  email: "ada@example.com",
  name: "Ada Lovelace",
  enabled: true,
  mfaEnabled: true,
};

export const request: PairingRequest = {
  pairingId: "pairing-1",
  userId,
  policyId: null,
  relyingPartyId: null,
  nickname: "DESK-7",
  knownDeviceIds: [],
  kind: { name: "desktop" },
};

export type Scene = FakePorts & {
  readonly server: Pretend;
  readonly abort: AbortController;
  /** Everything that was observed. */
  readonly progress: readonly PairingProgress[];
  readonly records: () => readonly JournalRecord[];
  readonly run: (more?: Partial<PairingRequest>) => Promise<PairingResult>;
};

/** One pairing against the pretend PingOne, from the first journal line on. */
export function scene(observe: (progress: PairingProgress) => void = () => undefined): Scene {
  const server = pretendPingOne();
  const files = memoryFiles();
  const world = fakePorts({ pingOne: server.pingOne, agent: server.agent, files });
  const progress: PairingProgress[] = [];
  const abort = new AbortController();
  const credential = { kind: "client-secret", clientId: "c1", clientSecret: secrets.clientSecret } as const;
  const tokens = createTokens(world.ports.http, world.clock, endpoints, credential);
  const clients = {
    forward: createPingOne(world.ports, endpoints, tokens, request.pairingId, abort.signal),
    undo: createPingOne(world.ports, endpoints, tokens, request.pairingId),
  };
  const lines = () => (files.contents.get(journalFile) ?? "").split("\n").filter((line) => line !== "");
  files.onAppend = (_name, text) => {
    const { moment, state }: JournalRecord = JSON.parse(text);
    server.journal.push(`${moment} ${state.name}`);
  };
  return {
    ...world,
    server,
    abort,
    progress,
    records: () => lines().map((line): JournalRecord => JSON.parse(line)),
    run: (more = {}) =>
      runPairing(
        world.ports,
        clients,
        9410,
        user,
        { ...request, ...more },
        [],
        (seen) => {
          progress.push(seen);
          observe(seen);
        },
        abort.signal,
      ),
  };
}

/** Nothing that the run leaves behind, or shows, holds a secret. */
export function leavesNoSecret(at: Scene, result: PairingResult): void {
  const everything = JSON.stringify([result, at.progress, at.logged, [...at.files.contents.values()]]);
  for (const [name, secret] of Object.entries(secrets)) {
    if (everything.includes(secret)) throw new Error(`Found the ${name} where it must not be.`);
  }
}

/** What was tried, and how it went. */
export const steps = (result: PairingResult): readonly (readonly [StepName, string])[] =>
  result.steps.map((step) => [step.name, step.outcome]);
/** The end of a pairing that must have failed. */
export const failed = (result: PairingResult): { code: ErrorCode; left: Left; deviceId: string | null } => {
  if (result.ok) throw new Error("It was paired.");
  return { code: result.error.code, left: result.left, deviceId: result.deviceId };
};
/** Runs to the end and looks at what must hold of every run. */
export async function ran(at: Scene): Promise<PairingResult> {
  const result = await at.run();
  leavesNoSecret(at, result);
  expect(at.server.count("create")).toBeLessThanOrEqual(1);
  expect(at.server.count("register")).toBeLessThanOrEqual(1);
  for (const step of result.steps) {
    expect(stepSchema.safeParse(step).success).toBe(true);
    expect(step.outcome).not.toBe("running");
  }
  const last = at.records().at(-1);
  if (last !== undefined && !at.files.broken.has("append")) {
    expect(last).toMatchObject({ moment: "after", state: { name: result.ok ? "paired" : "failed" } });
  }
  if (!result.ok && result.left === "nothing") {
    expect([...at.server.devices.values()].filter((d) => d.id.startsWith("made-"))).toEqual([]);
  }
  return result;
}
