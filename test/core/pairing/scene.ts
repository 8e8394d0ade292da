import type { User } from "../../../src/contract/views.ts";
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
  const client = createPingOne(world.ports, endpoints, tokens, request.pairingId);
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
        client,
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

/** What a test expects of every end, whatever else it looks at: the journal says how it ended, and holds no secret. */
export function leavesNoSecret(at: Scene, result: PairingResult): void {
  const everything = JSON.stringify([result, at.progress, at.logged, [...at.files.contents.values()]]);
  for (const [name, secret] of Object.entries(secrets)) {
    if (everything.includes(secret)) throw new Error(`Found the ${name} where it must not be.`);
  }
}
