import { ok } from "../../../src/contract/errors.ts";
import { defaultAgentTrust } from "../../../src/core/agent/trust-settings.ts";
import type { Subject } from "../../../src/core/doctor/examine.ts";
import type { DoctorPorts } from "../../../src/core/doctor/ports.ts";
import { resolveEndpoints } from "../../../src/core/pingone/endpoints.ts";
import { createTokens } from "../../../src/core/pingone/tokens.ts";
import { explain } from "../../../src/core/policy/explain.ts";
import { decide } from "../../../src/core/policy/precedence.ts";
import type { Clock, Ports } from "../../../src/core/ports.ts";
import { clock } from "../../../src/node/host.ts";
import { createHttp } from "../../../src/node/http-node.ts";
import { createLoopbackHttp, probe } from "../../../src/node/loopback.ts";
import { createSurveyPort } from "../../../src/node/port-owner.ts";
import { createRoute, reach } from "../../../src/node/reach.ts";
import { alwaysDirect } from "../../../src/node/route.ts";
import { createConnectTls } from "../../../src/node/tls-facts.ts";
import type { Simulator } from "../../../src/simulator/index.ts";
import { soundComputer } from "../../fakes/doctor-ports.ts";
import { type FakeFiles, memoryFiles } from "../../fakes/files.ts";
import { fakePorts } from "../../fakes/ports.ts";
import { layersOf } from "../policy/layers.ts";

/** The doctor on the real adapters against the simulator on real sockets. Only the programs and the disk are not real. */
export type Room = {
  readonly ports: Ports;
  readonly own: DoctorPorts;
  readonly subject: Subject;
  readonly files: FakeFiles;
};

/** Ten times slower, so that a busy machine does not make answers come too late. */
const unhurried: Clock = {
  now: clock.now,
  monotonic: () => clock.monotonic() / 10,
  wait: (ms, signal) => clock.wait(ms * 10, signal),
};

export function room(simulator: Simulator, more: { readonly aheadMs?: number } = {}): Room {
  const files = memoryFiles();
  const { aheadMs = 0 } = more;
  const ports: Ports = {
    ...fakePorts({ files }).ports,
    http: createHttp(),
    agentHttp: createLoopbackHttp(),
    probeAgent: probe,
    agentOwners: createSurveyPort(),
    authenticators: { platform: "linux", tools: "not-usable", simulated: true },
    clock: { ...unhurried, now: () => clock.now() + aheadMs },
  };
  const { apiUrl, authUrl, environmentId, clientId, clientSecret, agentPort } = simulator;
  const endpoints = resolveEndpoints({ region: null, apiUrl, authUrl, environmentId });
  if (!endpoints.ok) throw new Error(JSON.stringify(endpoints.error));
  const tokens = createTokens(ports, endpoints.value, { kind: "secret-basic", clientId, clientSecret });
  return {
    ports,
    own: { ...soundComputer, reach, route: createRoute(alwaysDirect), connectTls: createConnectTls() },
    subject: {
      endpoints,
      access: async () => ok({ tokens, actor: { mode: "worker" } }),
      agentPort,
      agentTrust: defaultAgentTrust,
      policyId: null,
      relyingPartyId: null,
      policy: explain(layersOf({}), decide(layersOf({}))),
      user: null,
    },
    files,
  };
}
