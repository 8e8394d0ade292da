import type { AppError } from "../../../src/contract/errors.ts";
import { defaultAgentTrust } from "../../../src/core/agent/trust-settings.ts";
import type { PairingChoice } from "../../../src/core/pairing/preflight.ts";
import type { PairingProgress, PairingResult } from "../../../src/core/pairing/run.ts";
import { resolveEndpoints } from "../../../src/core/pingone/endpoints.ts";
import { createTokens } from "../../../src/core/pingone/tokens.ts";
import type { Clock, Http, Ports } from "../../../src/core/ports.ts";
import { openSession, type Session } from "../../../src/core/session.ts";
import { systemPlatform } from "../../../src/node/host.ts";
import { createHttp } from "../../../src/node/http-node.ts";
import { createLoopbackHttp, probe } from "../../../src/node/loopback.ts";
import { createSurveyPort } from "../../../src/node/port-owner.ts";
import type { Simulator } from "../../../src/simulator/index.ts";
import { type FakeFiles, memoryFiles } from "../../fakes/files.ts";
import { type FakePorts, fakePorts } from "../../fakes/ports.ts";

/** The core on the real adapters, against the simulator on real sockets. Only waiting between tries is not real. */
export type Workplace = {
  readonly ports: Ports;
  readonly files: FakeFiles;
  readonly logged: FakePorts["logged"];
  readonly session: Session;
};

/** The machine's time; waits are over at once, so that retries take no time. */
const impatient: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  wait: async () => undefined,
};

/** @param around changes how a request goes out, for what no server can do */
export function workplace(
  simulator: Simulator,
  given: { readonly around?: (send: Http) => Http; readonly agentMs?: number; readonly http?: () => Http } = {},
): Workplace {
  const files = memoryFiles();
  const fakes = fakePorts({ files });
  const send = (given.http ?? createHttp)();
  const loopback = createLoopbackHttp();
  const { agentMs } = given;
  const ports: Ports = {
    ...fakes.ports,
    http: given.around?.(send) ?? send,
    agentHttp:
      agentMs === undefined
        ? loopback
        : (request) => loopback({ ...request, timeoutMs: Math.min(request.timeoutMs, agentMs) }),
    probeAgent: probe,
    agentOwners: createSurveyPort(),
    // The agent is in this very process, and no other may be it.
    authenticators: { platform: systemPlatform(), tools: "not-usable", simulated: true },
    clock: impatient,
    files,
  };
  const { apiUrl, authUrl, environmentId, clientId, clientSecret, agentPort } = simulator;
  const endpoints = resolveEndpoints({ region: null, apiUrl, authUrl, authDomain: null, environmentId });
  if (!endpoints.ok) throw new Error(JSON.stringify(endpoints.error));
  const session = openSession(ports, {
    endpoints: endpoints.value,
    tokens: createTokens(ports, endpoints.value, { kind: "secret-basic", clientId, clientSecret }),
    actor: { mode: "worker" },
    agent: () => ({ port: agentPort, trust: defaultAgentTrust }),
  });
  return { ports, files, logged: fakes.logged, session };
}

export type End =
  | { readonly stage: "before"; readonly error: AppError }
  | { readonly stage: "pairing"; readonly result: PairingResult };

/** Signs in, finds the user and pairs, as a technician does; stops at the first thing that fails. */
export async function pairOnce(
  { session }: Workplace,
  username: string,
  choice: Partial<PairingChoice> = {},
  observe: (progress: PairingProgress, cancel: () => void) => void = () => undefined,
): Promise<End> {
  const signedIn = await session.signIn();
  if (!signedIn.ok) return { stage: "before", error: signedIn.error };
  const user = await session.resolveUser(username);
  if (!user.ok) return { stage: "before", error: user.error };
  const abort = new AbortController();
  const chosen: PairingChoice = {
    policyId: null,
    relyingPartyId: null,
    nickname: null,
    force: false,
    ...choice,
    kind: "desktop",
  };
  const seen = (progress: PairingProgress): void => observe(progress, () => abort.abort());
  return { stage: "pairing", result: await session.pair(user.value, chosen, seen, abort.signal) };
}

/** How many requests of one kind have reached the simulator. */
export const requests = (simulator: Simulator, operation: string): number =>
  simulator.world.log.filter((entry) => entry.operation === operation).length;
