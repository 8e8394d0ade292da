import { defaultAgentTrust } from "../../src/core/agent/trust-settings.ts";
import { createTokens } from "../../src/core/pingone/tokens.ts";
import { type Actor, openSession, type Session } from "../../src/core/session.ts";
import { type FakeFiles, memoryFiles } from "../fakes/files.ts";
import { type FakePorts, fakePorts } from "../fakes/ports.ts";
import { endpoints, type Pretend, pretendPingOne, secrets } from "./pretend-pingone.ts";

export type Desk = {
  readonly server: Pretend;
  readonly world: FakePorts;
  readonly session: Session;
  /** May be changed between two pairings. */
  agentPort: number;
  /** Whether something listens on the agent's port. */
  listening: boolean;
  /** The requests that change something, in order. */
  readonly writes: () => FakePorts["pingOne"]["requests"];
};

/** A session against the pretend PingOne: a worker application's, if nobody else is named. */
export function openDesk(actor: Actor = { mode: "worker" }, files: FakeFiles = memoryFiles()): Desk {
  const server = pretendPingOne();
  const world = fakePorts({
    files,
    pingOne: server.pingOne,
    agent: server.agent,
    probe: async () => (desk.listening ? "listening" : "closed"),
  });
  const session = openSession(world.ports, {
    endpoints,
    tokens: createTokens(world.ports, endpoints, {
      kind: "secret-basic",
      clientId: "c1",
      clientSecret: secrets.clientSecret,
    }),
    actor,
    agent: () => ({ port: desk.agentPort, trust: defaultAgentTrust }),
  });
  const writes = () =>
    world.pingOne.requests.filter(({ method, url }) => method !== "GET" && !url.endsWith("/as/token"));
  const desk: Desk = { server, world, session, agentPort: 9410, listening: true, writes };
  return desk;
}
