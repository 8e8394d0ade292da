import { ok } from "../../../src/contract/errors.ts";
import { defaultAgentTrust } from "../../../src/core/agent/trust-settings.ts";
import type { PairingChoice } from "../../../src/core/pairing/preflight.ts";
import { resolveEndpoints } from "../../../src/core/pingone/endpoints.ts";
import { createTokens } from "../../../src/core/pingone/tokens.ts";
import type { Clock, Files, Ports } from "../../../src/core/ports.ts";
import { openSession, type Session } from "../../../src/core/session.ts";
import { createFiles } from "../../../src/node/files.ts";
import { createHttp } from "../../../src/node/http-node.ts";
import { holdLock } from "../../../src/node/lock.ts";
import { createLoopbackHttp, probe } from "../../../src/node/loopback.ts";
import { makeCredential } from "../../../src/simulator/software-authenticator.ts";
import { fakePorts } from "../../fakes/ports.ts";
import type { Pairing } from "./other-process.ts";

/** The core on a real folder and real sockets, for tests in which it ends in the middle. */

/** The machine's time; waits are over at once, so that retries take no time. */
const impatient: Clock = { now: () => Date.now(), monotonic: () => performance.now(), wait: async () => undefined };

export function realPorts(folder: string, files: Files = createFiles(folder)): Ports {
  return {
    ...fakePorts({ authenticators: { platform: "win32", tools: "not-usable", simulated: true } }).ports,
    http: createHttp(),
    agentHttp: createLoopbackHttp(),
    probeAgent: probe,
    ceremony: async ({ options, origin }) => ok(makeCredential(options, origin)),
    clock: impatient,
    random: { uuid: () => crypto.randomUUID(), fraction: () => 0 },
    files,
    lock: (name) => holdLock(folder, name),
  };
}

export function sessionAt(ports: Ports, { simulator }: Pick<Pairing, "simulator">): Session {
  const { apiUrl, authUrl, environmentId, clientId, clientSecret, agentPort } = simulator;
  const endpoints = resolveEndpoints({ region: null, apiUrl, authUrl, authDomain: null, environmentId });
  if (!endpoints.ok) throw new Error(JSON.stringify(endpoints.error));
  return openSession(ports, {
    endpoints: endpoints.value,
    tokens: createTokens(ports, endpoints.value, { kind: "secret-basic", clientId, clientSecret }),
    actor: { mode: "worker" },
    agent: () => ({ port: agentPort, trust: defaultAgentTrust }),
  });
}

const common = { policyId: null, relyingPartyId: null, nickname: "DESK-7", force: false };
export const choices: Readonly<Record<Pairing["kind"], PairingChoice>> = {
  desktop: { ...common, kind: "desktop" },
  fido2: { ...common, kind: "fido2", authenticator: "key" },
};
