import { expect } from "vitest";
import type { ErrorCode, Left } from "../../../src/contract/errors.ts";
import { type StepName, stepSchema, type User } from "../../../src/contract/views.ts";
import { defaultAgentTrust } from "../../../src/core/agent/trust-settings.ts";
import { journalFile, openJournal } from "../../../src/core/pairing/journal.ts";
import type { PairingRequest } from "../../../src/core/pairing/machine.ts";
import type { JournalLine } from "../../../src/core/pairing/record.ts";
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
  readonly records: () => readonly JournalLine[];
  readonly run: (more?: Partial<PairingRequest>) => Promise<PairingResult>;
};

/** One pairing against the pretend PingOne, from the first journal line on. */
export function scene(observe: (progress: PairingProgress) => void = () => undefined): Scene {
  const server = pretendPingOne();
  const files = memoryFiles();
  const world = fakePorts({ pingOne: server.pingOne, agent: server.agent, files });
  const progress: PairingProgress[] = [];
  const abort = new AbortController();
  const credential = { kind: "secret-basic", clientId: "c1", clientSecret: secrets.clientSecret } as const;
  const tokens = createTokens(world.ports, endpoints, credential);
  const access = { endpoints, tokens, mode: "worker" } as const;
  const clients = {
    forward: createPingOne(world.ports, access, request.pairingId, abort.signal),
    undo: createPingOne(world.ports, access, request.pairingId),
  };
  const lines = () => (files.contents.get(journalFile) ?? "").split("\n").filter((line) => line !== "");
  files.onAppend = (_name, text) => {
    const { moment, state }: JournalLine = JSON.parse(text.trim());
    server.journal.push(`${moment} ${state.name}`);
  };
  return {
    ...world,
    server,
    abort,
    progress,
    records: () => lines().map((line): JournalLine => JSON.parse(line)),
    run: async (more = {}) => {
      const journal = await openJournal(world.ports);
      if (!journal.ok) throw new Error(JSON.stringify(journal.error));
      const seeing = (seen: PairingProgress): void => {
        progress.push(seen);
        observe(seen);
      };
      const chosen = { ...request, ...more };
      const { value: pages } = journal;
      const agent = { port: 9410, trust: defaultAgentTrust };
      const result = await runPairing(world.ports, clients, agent, pages, user, chosen, [], seeing, abort.signal);
      await pages.close();
      return result;
    },
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
